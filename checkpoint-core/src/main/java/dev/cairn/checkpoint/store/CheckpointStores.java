package dev.cairn.checkpoint.store;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;

/** Opens stores: the path decides which one. */
public final class CheckpointStores {

  private CheckpointStores() {}

  /**
   * The full form of a path: with its scheme and without a trailing slash, which only a root has. A
   * path without a scheme belongs to Hadoop's default file system, which is the local one unless it
   * was set.
   *
   * @param properties Hadoop settings laid over the ones found on the class path
   */
  public static String qualify(String path, Map<String, String> properties) throws IOException {
    if (path.isBlank()) {
      throw new IllegalArgumentException("Cannot open a checkpoint folder: its path is empty");
    }
    String cut = path;
    while (cut.endsWith("/") && !CheckpointFileNames.isRoot(cut)) {
      cut = cut.substring(0, cut.length() - 1);
    }
    if (CheckpointFileNames.isRoot(cut) && !cut.endsWith("/")) {
      cut += "/";
    }
    if (cut.startsWith("file:") || (!hasScheme(cut) && defaultIsLocal(properties))) {
      return "file://" + Path.of(localPart(cut)).toAbsolutePath().normalize();
    }
    return HadoopCheckpointStore.qualify(cut, HadoopCheckpointStore.configuration(properties));
  }

  /** Opens the store that serves a path. */
  public static CheckpointStore open(String path, Map<String, String> properties)
      throws IOException {
    String full = qualify(path, properties);
    return full.startsWith("file:")
        ? new LocalCheckpointStore()
        : new HadoopCheckpointStore(full, HadoopCheckpointStore.configuration(properties));
  }

  /** A path as programs of the same machine write it: a local one loses its scheme. */
  public static String localPart(String path) {
    if (!path.startsWith("file:")) {
      return path;
    }
    String rest = path.substring("file:".length());
    return rest.startsWith("//") ? rest.substring(2) : rest;
  }

  private static boolean hasScheme(String path) {
    return path.matches("[a-zA-Z][a-zA-Z0-9+.-]*:/.*");
  }

  private static boolean defaultIsLocal(Map<String, String> properties) {
    Configuration configuration = HadoopCheckpointStore.configuration(properties);
    return configuration.get("fs.defaultFS", "file:///").startsWith("file:");
  }
}
