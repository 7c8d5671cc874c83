package dev.cairn.spark.serving;

import dev.cairn.checkpoint.FolderOptions;
import dev.cairn.checkpoint.model.FeatureDefinition;
import dev.cairn.checkpoint.model.FeatureScales;
import dev.cairn.spark.model.LinearModel;
import dev.cairn.spark.model.LogisticLoss;
import dev.cairn.spark.model.Model;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/**
 * Rows a second, one at a time, with 2^22 weights and the eleven features a row that the flights
 * have: seven categories, one number, three crosses. Run {@link #main} with the test class path of
 * this module; {@code -prof gc} tells the bytes a row.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class RowPredictorBenchmark {
  private static final int SIZE = 1 << 22;
  private static final int ROWS = 4096;

  private RowPredictor model;
  private final List<Map<String, Object>> rows = new ArrayList<>();
  private int next;

  /** Runs it. */
  public static void main(String[] arguments) throws RunnerException {
    new Runner(
            new OptionsBuilder()
                .include(RowPredictorBenchmark.class.getSimpleName())
                .addProfiler("gc")
                .build())
        .run();
  }

  /** Writes a model, reads it, and makes rows. */
  @Setup
  public void model() throws IOException {
    Path folder = Files.createTempDirectory("cairn-bench");
    write(folder.toString());
    model = RowPredictor.load(folder.toString(), FolderOptions.defaults());
    Random random = new Random(1);
    for (int i = 0; i < ROWS; i++) {
      rows.add(
          Map.of(
              "carrier", "C" + random.nextInt(20),
              "origin", "O" + random.nextInt(300),
              "dest", "D" + random.nextInt(300),
              "month", 1 + random.nextInt(12),
              "weekday", 1 + random.nextInt(7),
              "hour", random.nextInt(24),
              "route", "R" + random.nextInt(5000),
              "distance", random.nextInt(4000)));
    }
  }

  private static void write(String folder) throws IOException {
    Model model = new LinearModel(SIZE, true, new LogisticLoss());
    FeatureDefinition definition =
        new FeatureDefinition(
            List.of(),
            List.of("carrier", "origin", "dest", "month", "weekday", "hour", "route"),
            List.of("distance"),
            List.of(
                List.of("origin", "hour"), List.of("dest", "hour"), List.of("carrier", "month")),
            SIZE,
            Optional.empty(),
            FeatureDefinition.Nulls.ABSENT);
    StoredModels.write(
        folder,
        model,
        Optional.of(model),
        StoredModels.random(model, 2),
        FeatureScales.NONE,
        Optional.of(definition));
  }

  /** One row. */
  @Benchmark
  public double row() {
    next = (next + 1) % ROWS;
    return model.probability(rows.get(next));
  }
}
