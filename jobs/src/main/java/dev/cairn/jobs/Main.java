package dev.cairn.jobs;

import dev.cairn.jobs.cli.CairnCommand;

/** The door of the packed jar and of {@code jobs/cairn}. */
public final class Main {
  private Main() {}

  /**
   * Runs one verb and ends the process with its exit code, whatever threads Spark or Hadoop left
   * behind.
   */
  public static void main(String[] args) {
    System.exit(CairnCommand.run(args));
  }
}
