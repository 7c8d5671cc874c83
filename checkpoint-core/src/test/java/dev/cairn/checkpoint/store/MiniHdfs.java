package dev.cairn.checkpoint.store;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.hdfs.DistributedFileSystem;
import org.apache.hadoop.hdfs.MiniDFSCluster;
import org.jspecify.annotations.Nullable;

/** A real HDFS of one namenode and three datanodes within the test's JVM, shared by all tests. */
public final class MiniHdfs {

  private static @Nullable MiniHdfs shared;

  private final MiniDFSCluster cluster;

  private MiniHdfs(MiniDFSCluster cluster) {
    this.cluster = cluster;
  }

  /** The cluster, started at the first call; it ends with the JVM. */
  public static synchronized MiniHdfs shared() throws IOException {
    MiniHdfs running = shared;
    if (running == null) {
      running = start(3);
      shared = running;
      Runtime.getRuntime().addShutdownHook(new Thread(running::stop, "cairn-test-hdfs-stop"));
    }
    return running;
  }

  /** A cluster of a test's own, to be stopped by it. */
  public static MiniHdfs start(int datanodes) throws IOException {
    return start(datanodes, 128 << 20);
  }

  /** A cluster of a test's own with blocks of this size, to be stopped by it. */
  public static MiniHdfs start(int datanodes, int blockBytes) throws IOException {
    Path base = Files.createDirectories(Path.of(System.getProperty("java.io.tmpdir")));
    if (base.toUri().getRawPath().contains("%")) {
      base = Path.of("/tmp"); // Hadoop's test cluster escapes a space twice, and waits in vain.
    }
    File folder = Files.createTempDirectory(base, "hdfs").toFile();
    Configuration configuration = new Configuration();
    configuration.setInt("dfs.replication", Math.min(3, datanodes));
    configuration.setInt("dfs.blocksize", blockBytes);
    configuration.setInt("dfs.namenode.fs-limits.min-block-size", 0);
    configuration.setBoolean("dfs.namenode.acls.enabled", false);
    MiniDFSCluster cluster =
        new MiniDFSCluster.Builder(configuration, folder).numDataNodes(datanodes).build();
    cluster.waitActive();
    return new MiniHdfs(cluster);
  }

  /** The address of a path, such as {@code hdfs://localhost:1234/a}. */
  public String uri(String path) {
    return "hdfs://localhost:" + cluster.getNameNodePort() + path;
  }

  /**
   * The settings of a client: as many replicas as there are datanodes, and short waits for a sick
   * namenode.
   */
  public SortedMap<String, String> clientProperties() {
    return new TreeMap<>(
        Map.of(
            "dfs.replication",
            "" + Math.min(3, cluster.getDataNodes().size()),
            "dfs.client.retry.policy.spec",
            "100,5"));
  }

  /** The cluster itself, for its faults. */
  public MiniDFSCluster cluster() {
    return cluster;
  }

  /** The file system as its superuser sees it. */
  public DistributedFileSystem fileSystem() throws IOException {
    return cluster.getFileSystem();
  }

  /** Stops it. */
  public void stop() {
    cluster.shutdown(true);
  }
}
