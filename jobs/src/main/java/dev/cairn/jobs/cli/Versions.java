package dev.cairn.jobs.cli;

import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;
import picocli.CommandLine.IVersionProvider;

/** The versions for {@code --version}: of Cairn, and of the software that it runs on here. */
final class Versions implements IVersionProvider {
  private static final String FILE = "version.properties";

  @Override
  public String[] getVersion() throws IOException {
    return new String[] {
      "cairn " + cairn(),
      "Spark "
          + org.apache.spark.package$.MODULE$.SPARK_VERSION()
          + ", Java "
          + System.getProperty("java.version")
    };
  }

  /** Cairn's version, as the build has written it. */
  private static String cairn() throws IOException {
    Properties properties = new Properties();
    try (InputStream in = Versions.class.getResourceAsStream(FILE)) {
      if (in == null) {
        throw new IllegalStateException(
            "Cannot tell the version: the build has made no " + FILE + "; build with Maven");
      }
      properties.load(in);
    }
    return properties.getProperty("version", "?");
  }
}
