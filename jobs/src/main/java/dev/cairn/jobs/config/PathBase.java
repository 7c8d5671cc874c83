package dev.cairn.jobs.config;

import java.nio.file.Path;

/**
 * The folder from which relative paths of one source of values are meant.
 *
 * @param folder an absolute folder
 */
public record PathBase(Path folder) {
  /** The current folder of this process. */
  public static PathBase current() {
    return new PathBase(Path.of("").toAbsolutePath());
  }

  /**
   * A path as Hadoop takes it: one with a scheme and an absolute one stay as they are, a relative
   * one becomes a local {@code file:} path.
   */
  String resolve(String path) {
    if (path.startsWith("/") || path.matches("[A-Za-z][A-Za-z0-9+.-]*:.*")) {
      return path;
    }
    return "file:" + folder.resolve(path).normalize();
  }
}
