package dev.cairn.jobs.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Input and configuration of a run that takes seconds: a category, a number, two classes. */
final class SmallRun {
  private SmallRun() {}

  /**
   * Writes {@code rows.csv}, of columns {@code a}, {@code x} and {@code y}, and {@code
   * run.properties}.
   *
   * @param rows ten of which make a batch
   * @param more lines of the configuration
   */
  static void write(Path folder, int rows, String more) throws IOException {
    StringBuilder text = new StringBuilder("a,x,y\n");
    for (int i = 0; i < rows; i++) {
      text.append((char) ('a' + i % 7)).append(',').append(i % 11 * 0.5).append(',');
      text.append(i % 3 == 0 ? 1 : 0).append('\n');
    }
    Files.writeString(folder.resolve("rows.csv"), text);
    Files.writeString(
        folder.resolve("run.properties"),
        """
        input=rows.csv
        label=y
        features.categorical=a
        features.numeric=x
        features.hash-bits=8
        train.partitions=2
        train.batch-rows=10
        """
            + more);
  }
}
