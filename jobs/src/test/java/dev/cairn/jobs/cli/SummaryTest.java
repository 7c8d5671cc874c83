package dev.cairn.jobs.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.cairn.checkpoint.model.BinaryFigures;
import dev.cairn.checkpoint.model.ClassFigures;
import dev.cairn.checkpoint.model.NumberFigures;
import dev.cairn.jobs.config.TrainConf;
import dev.cairn.jobs.config.TrainConfLoader;
import dev.cairn.jobs.data.Intake;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests the lines of a run on its rows and its scores. */
final class SummaryTest {
  @TempDir private Path folder = Path.of("");

  private TrainConf conf(String... words) throws IOException {
    Path file = folder.resolve("run.properties");
    Files.writeString(file, "input=x.csv\ncheckpoint.dir=run\n");
    return TrainConfLoader.load(file, List.of(words));
  }

  private static SortedMap<String, Long> nulls(int columns) {
    SortedMap<String, Long> nulls = new TreeMap<>();
    for (int i = 0; i < columns; i++) {
      nulls.put("c" + i, 1000L + i);
    }
    return nulls;
  }

  @Test
  void rowsThatWereReadLeftOutAndNull() throws IOException {
    assertEquals(
        List.of("Read 12,345 rows, no nulls"),
        IntakeText.lines(conf(), new Intake(12_345, 0, 0, false, nulls(0))));
    assertEquals(
        List.of(
            "Read 9 rows, 2 malformed (left out), 3 with missing or invalid values left out, nulls"
                + " in c0 (1,000)",
            "Labels are -1 and 1, taken as 0 and 1"),
        IntakeText.lines(
            conf("input.option.mode=DropMalformed"), new Intake(9, 2, 3, true, nulls(1))));
    assertEquals(
        List.of(
            "Read 9 rows, 2 malformed (kept), nulls in c0 (1,000), c1 (1,001), c2 (1,002), c3"
                + " (1,003), c4 (1,004), c5 (1,005) and 2 more columns"),
        IntakeText.lines(
            conf("input.option.mode=permissive"), new Intake(9, 2, 0, false, nulls(8))));
  }

  @Test
  void anAucThatIsNotDefinedSaysSo() {
    OptionalDouble none = OptionalDouble.empty();
    assertEquals(
        Map.of("log loss", "0.5000", "AUC", "not defined"),
        FiguresText.main(new BinaryFigures(0.5, 0.5, none, List.of())));
    OptionalDouble good = OptionalDouble.of(0.75);
    assertEquals(
        Map.of("log loss", "0.5000", "AUC", "0.7500"),
        FiguresText.main(new BinaryFigures(0.5, 0.5, good, List.of())));
    assertEquals(
        "3: loss 0.5000, RMSE 2.0000, MAE 1.5000, R2 0.7500",
        FiguresText.line(new NumberFigures(3, 0.5, 4, 1.5, good)));
    assertEquals(
        "2: loss 0.5000, accuracy 0.5000, F1 0.3333",
        FiguresText.line(
            new ClassFigures(
                0.5,
                none,
                List.of(new ClassFigures.OfClass(1, 2, 1), new ClassFigures.OfClass(1, 0, 0)))));
  }
}
