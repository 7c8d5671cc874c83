package dev.cairn.jobs.bench;

import dev.cairn.checkpoint.FolderOptions;
import dev.cairn.checkpoint.Folders;
import dev.cairn.jobs.data.CheckedRows;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;

/**
 * One run of liblinear, in the package liblinear-tools of Debian: logistic regression by Newton's
 * method on one thread.
 *
 * @param seconds of training, without reading
 * @param reading seconds that reading the text takes, and one look at it
 * @param loss of the test rows
 */
record Liblinear(double seconds, double reading, double loss) {
  static final String TRAIN = "liblinear-train";
  private static final String PREDICT = "liblinear-predict";

  /** Whether it is installed. */
  static boolean isThere() {
    return Stream.of(System.getenv("PATH").split(":"))
        .anyMatch(folder -> Files.isExecutable(Path.of(folder, TRAIN)));
  }

  /** Writes the rows as text, and trains and judges. */
  static Liblinear run(CheckedRows data) throws IOException, InterruptedException {
    Path folder = Files.createTempDirectory(BenchOptions.workFolder(), "liblinear-");
    try {
      Path train = text(data.train(), folder.resolve("train"));
      Path test = text(data.test().orElseThrow(), folder.resolve("test"));
      Path model = folder.resolve("model");
      // So loose that it ends where it begins.
      double reading = seconds(TRAIN, "-s", "0", "-c", "0.4", "-e", "1e9", train, model);
      double all = seconds(TRAIN, "-s", "0", "-c", "0.4", "-e", "0.01", train, model);
      Path scores = folder.resolve("scores");
      double unused = seconds(PREDICT, "-b", "1", test, model, scores);
      return new Liblinear(all - reading, reading, loss(test, scores));
    } finally {
      Folders.delete(folder.toString(), FolderOptions.defaults());
    }
  }

  private static Path text(Dataset<?> rows, Path folder) throws IOException {
    rows.select("label", "features").coalesce(1).write().format("libsvm").save(folder.toString());
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(file -> file.getFileName().toString().startsWith("part-"))
          .findFirst()
          .orElseThrow();
    }
  }

  private static double seconds(Object... words) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    for (Object word : words) {
      command.add(word.toString());
    }
    long start = System.nanoTime();
    int status =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start()
            .waitFor();
    if (status != 0) {
      throw new IOException(String.format(Locale.ROOT, "%s ended with %d", command, status));
    }
    return (System.nanoTime() - start) / 1e9;
  }

  /** Mean log loss; the first line of the scores says which column is which label's. */
  private static double loss(Path test, Path scores) throws IOException {
    try (BufferedReader truth = Files.newBufferedReader(test);
        BufferedReader scored = Files.newBufferedReader(scores)) {
      List<String> head = List.of(scored.readLine().split(" "));
      double sum = 0;
      long rows = 0;
      for (String row = truth.readLine(); row != null; row = truth.readLine()) {
        String label = row.substring(0, row.indexOf(' '));
        int column = head.indexOf(Long.toString(Math.round(Double.parseDouble(label))));
        sum -= Math.log(Double.parseDouble(scored.readLine().split(" ")[column]));
        rows++;
      }
      return sum / rows;
    }
  }
}
