package dev.cairn.jobs.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.hdfs.MiniDFSCluster;

/** A real HDFS, namenode and datanodes, in a JVM of its own until its standard input ends. */
final class HdfsServer {
  private HdfsServer() {}

  /** Prints {@code @hdfs URI} when it is up. */
  public static void main(String[] arguments) throws Exception {
    Path folder = BenchOptions.workFolder().resolve("hdfs");
    Configuration configuration = new Configuration();
    configuration.set(MiniDFSCluster.HDFS_MINIDFS_BASEDIR, folder.toString());
    try (MiniDFSCluster cluster =
        new MiniDFSCluster.Builder(configuration)
            .numDataNodes(BenchOptions.replication())
            .build()) {
      cluster.waitActive();
      System.out.println("@hdfs " + cluster.getURI());
      while (System.in.read() >= 0) {
        // Whoever started us says nothing; it only goes away.
      }
    }
    System.exit(0);
  }

  /** A running one. */
  record Running(ChildJvm jvm, String uri) implements AutoCloseable {
    @Override
    public void close() throws IOException {
      jvm.close();
    }
  }

  static Running start() throws IOException {
    Files.createDirectories(BenchOptions.workFolder());
    ChildJvm jvm = ChildJvm.start(HdfsServer.class, List.of("-Xmx512m"));
    String line = jvm.await("@hdfs ");
    if (line == null) {
      throw new IOException("Cannot start HDFS: see " + jvm.log());
    }
    return new Running(jvm, line.substring("@hdfs ".length()));
  }
}
