package dev.cairn.spark.trainer;

import dev.cairn.checkpoint.model.CheckpointException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * The folders that fits of this program train into at this moment. A folder's owner file tells
 * applications apart; two fits of one application look alike to it (a driver that was started anew
 * takes over from itself), so they are told apart here. Thread-safe.
 */
final class RunFolders {
  private static final String LOCAL = "file://";
  private static final ConcurrentMap<String, String> TAKEN = new ConcurrentHashMap<>();

  private RunFolders() {}

  /**
   * Takes a folder, until the result is run.
   *
   * @param directory the folder, with its scheme
   * @throws CheckpointException.Conflict while another fit of this program trains into it
   */
  static Runnable take(String directory) throws CheckpointException.Conflict {
    String folder = real(directory);
    String who =
        "thread "
            + Thread.currentThread().getName()
            + " since "
            + Instant.now().truncatedTo(ChronoUnit.SECONDS);
    String other = TAKEN.putIfAbsent(folder, who);
    if (other != null) {
      throw new CheckpointException.Conflict(
          "Cannot train: another fit of this program trains into the same folder, "
              + other
              + " (path="
              + directory
              + "); wait for its end, or give each fit a folder of its own");
    }
    return () -> {
      boolean unused = TAKEN.remove(folder, who);
    };
  }

  /** The real path of a folder, since a local one may have more than one name. */
  private static String real(String directory) {
    if (!directory.startsWith(LOCAL)) {
      return directory;
    }
    Path path = Path.of(directory.substring(LOCAL.length()));
    Path known = path;
    while (known != null) {
      try {
        return LOCAL + known.toRealPath().resolve(known.relativize(path));
      } catch (IOException notThere) {
        known = known.getParent();
      }
    }
    return directory;
  }
}
