package dev.cairn.checkpoint.store;

import java.io.IOException;
import java.net.URI;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.Path;

/**
 * Whether a namenode answers at all, asked before this JVM uses it for the first time, and for some
 * seconds only. The patience that a running job wants (see {@link HadoopCheckpointStore}) is wrong
 * for an address that was never right: Hadoop applies it to each connection and again to each call,
 * half an hour in all. Thread-safe.
 */
final class FirstContact {
  private static final Set<String> REACHED = ConcurrentHashMap.newKeySet();

  private FirstContact() {}

  /** Returns at once for what has answered before, and for what is not HDFS. */
  static void make(URI address, Configuration configuration) throws IOException {
    String namenode = String.valueOf(address.getAuthority());
    if (!"hdfs".equals(address.getScheme()) || REACHED.contains(namenode)) {
      return;
    }
    Configuration brief = new Configuration(configuration);
    brief.set("dfs.client.retry.policy.enabled", "false");
    brief.set("dfs.client.failover.max.attempts", "4");
    brief.set("ipc.client.connect.max.retries", "5"); // a second apart
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
