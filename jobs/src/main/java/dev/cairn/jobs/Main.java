package dev.cairn.jobs;

import dev.cairn.jobs.cli.CairnCommand;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The main class of the packed jar and of {@code jobs/cairn}. */
public final class Main {
  private Main() {}

  /**
   * Runs one verb and ends the process with its exit code, whatever threads Spark or Hadoop left
   * behind.
   */
  public static void main(String[] args) {
    int code = CairnCommand.run(args);
    removeUnusedHome();
    System.exit(code);
  }

  /** Removes the folder for logs if this call wrote none. */
  private static void removeUnusedHome() {
    Path home = Path.of(System.getProperty("cairn.log", "")).toAbsolutePath().getParent();
    if (home != null && System.getProperty("cairn.log") != null) {
      try {
        Files.deleteIfExists(home);
      } catch (IOException e) {
        // It is in use: there is a log in it.
      }
    }
  }
}
