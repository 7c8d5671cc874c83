package dev.cairn.jobs.config;

import java.nio.charset.Charset;
import java.nio.file.Path;

/**
 * The base folder of the relative paths of one source of values.
 *
 * @param folder an absolute folder
 */
public record PathBase(Path folder) {
  /** The current folder of this process. */
  public static PathBase current() {
    return new PathBase(Path.of("").toAbsolutePath());
  }

  /**
   * The form of a path that Hadoop takes: one with a scheme and an absolute one stay as they are, a
   * relative one becomes a local {@code file:} path, and so does one below {@code ~}, the home
   * folder.
   *
   * @throws IllegalArgumentException for the home folder of somebody else, and for letters that
   *     file names cannot have in this process
   */
  String resolve(String path) {
    String own = home(path);
    if (!own.equals(path)) {
      return own;
    }
    checkLetters(path);
    if (path.startsWith("/") || path.matches("[A-Za-z][A-Za-z0-9+.-]*:.*")) {
      return path;
    }
    return "file:" + folder.resolve(path).normalize();
  }

  /**
   * A path below {@code ~}, the home folder, as a local {@code file:} path; any other as it is.
   *
   * @throws IllegalArgumentException for the home folder of somebody else
   */
  public static String home(String path) {
    if (path.equals("~") || path.startsWith("~/")) {
      Path home = Path.of(System.getProperty("user.home", ""));
      return "file:" + home.resolve(path.substring(Math.min(2, path.length()))).normalize();
    }
    if (path.startsWith("~")) {
      throw new IllegalArgumentException(
          "a path; ~ alone is your home folder, ./~name is a folder of that name");
    }
    return path;
  }

  /**
   * Refuses letters that the JVM cannot write in names of files: the locale that it was started in
   * decides that.
   */
  private static void checkLetters(String path) {
    String encoding = System.getProperty("sun.jnu.encoding", "UTF-8");
    if (Charset.isSupported(encoding) && !Charset.forName(encoding).newEncoder().canEncode(path)) {
      throw new IllegalArgumentException(
          "letters that the locale's encoding, " + encoding + ", has (start with LC_ALL=C.UTF-8)");
    }
  }
}
