package dev.cairn.checkpoint.store;

import java.io.IOException;
import java.net.URI;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.Path;

/**
 * Checks that a namenode answers at all, before this JVM uses it for the first time, and for less
 * than half a minute unless the user chose otherwise. The patience that a running job needs (see
 * {@link HadoopCheckpointStore}) is wrong for an address that was never right: Hadoop applies it to
 * each connection and again to each call, half an hour in all. Thread-safe.
 */
final class FirstContact {
  private static final Set<String> REACHED = ConcurrentHashMap.newKeySet();

  private FirstContact() {}

  /**
   * Makes the first contact. Returns at once for an address that has answered before, or that is
   * not HDFS.
   */
  static void make(URI address, Configuration configuration) throws IOException {
    String namenode = String.valueOf(address.getAuthority());
    if (!"hdfs".equals(address.getScheme()) || REACHED.contains(namenode)) {
      return;
    }
    Configuration brief = new Configuration(configuration);
    if (HadoopCheckpointStore.PATIENCE.equals(brief.get(HadoopCheckpointStore.RETRY_SPEC))) {
      // Nobody chose it. Long enough for a namenode that starts anew: about 24 s, since Hadoop's
      // three tries a second apart are tried again for each of three calls.
      brief.set(HadoopCheckpointStore.RETRY_SPEC, "1000,3");
    }
    brief.set("dfs.client.failover.max.attempts", "4");
    brief.set("ipc.client.connect.max.retries.on.timeouts", "1");
    try {
      FileContext.getFileContext(address, brief).getFileStatus(new Path("/"));
    } catch (IOException e) {
      if (StorageErrors.unreachable(e)) {
        throw e;
      }
      // Whatever else it says, it has answered: the call that follows tells more of that.
    }
    REACHED.add(namenode);
  }
}
