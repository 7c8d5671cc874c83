package dev.cairn.jobs.bench;

import dev.cairn.spark.data.TrainingData;
import dev.cairn.spark.model.LinearModel;
import dev.cairn.spark.model.LogisticLoss;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * P11 and P9: steps of logistic regression by Adagrad on two executors of one core, on generated
 * rows as skewed as the flights.
 *
 * <p>P11 compares rows a second of each core with {@link PlainPass}: the same kernel and update on
 * the same packed batches by one thread of an executor, with flat arrays, no messages and nobody to
 * wait for. P9 compares the time of a step at 10^6, 10^7 and 10^8 dimensions, the rows' non-zeros
 * being as many.
 */
final class TrainBench {
  private static final int EXECUTORS = 2;
  private static final int BITS = 22;
  private static final int[] DIMENSIONS = {1_000_000, 10_000_000, 100_000_000};
  private static final double MILLIONS = GeneratedRows.ROWS / 1e6;
  private static final int FEW = 1;
  private static final int MANY = 6;
  private static final double RATE = 0.1;

  private final TrainRuns runs;

  private TrainBench(TrainRuns runs) {
    this.runs = runs;
  }

  public static void main(String[] arguments) throws Exception {
    int status = 1; // the cluster's threads would keep a failed benchmark alive
    try (TrainRuns runs = TrainRuns.start(EXECUTORS)) {
      TrainBench bench = new TrainBench(runs);
      if (BenchOptions.trainKinds().contains("P11")) {
        bench.againstPlain();
      }
      if (BenchOptions.trainKinds().contains("P9")) {
        bench.overDimensions();
      }
      status = 0;
    } catch (Exception e) {
      e.printStackTrace();
    } finally {
      System.exit(status);
    }
  }

  private void againstPlain() throws Exception {
    LinearModel model = new LinearModel(1 << BITS, true, new LogisticLoss());
    try (TrainingData data = GeneratedRows.packed(runs.spark(), model)) {
      Pairs busy = new Pairs();
      double[] cpu = new double[2];
      Pairs pairs =
          Pairs.run(
              BenchOptions.rounds(),
              () -> {
                double start = runs.cpuSeconds();
                var unused = runs.train(model, data, RATE, FEW);
                double middle = runs.cpuSeconds();
                double seconds = runs.train(model, data, RATE, MANY);
                // Beginnings and ends cost both runs the same: the difference is the steps'.
                cpu[0] = (MANY - FEW) * MILLIONS / (runs.cpuSeconds() - middle - (middle - start));
                return MANY * MILLIONS / seconds / EXECUTORS;
              },
              () -> {
                PlainPass.Took took = PlainPass.measured(data, model, RATE);
                cpu[1] = MILLIONS / took.cpuSeconds();
                return MILLIONS / took.seconds();
              },
              () -> busy.add(cpu[0], cpu[1]));
      String what = "M rows/s";
      System.out.println(
          Row.ratioAtLeast(
                  0.8,
                  "P11",
                  "rows/s of a core in the step loop / one plain thread",
                  pairs,
                  "step loop, each of 2 cores: " + pairs.ours().show("%.3f", what),
                  "plain thread: " + pairs.theirs().show("%.3f", what))
              .line());
      String of = "M rows a second of processor time";
      System.out.println(
          Row.note(
                  "P11",
                  "the same by processor time, all threads of the executors' JVMs",
                  busy.ratios().show("%.2f", "times"),
                  "step loop: " + busy.ours().show("%.3f", of),
                  "plain thread: " + busy.theirs().show("%.3f", of))
              .line());
    }
  }

  private void overDimensions() throws Exception {
    Map<Integer, List<Double>> millis = new LinkedHashMap<>();
    Map<Integer, TrainingData> data = new LinkedHashMap<>();
    for (int dimensions : DIMENSIONS) {
      millis.put(dimensions, new ArrayList<>());
      LinearModel model = new LinearModel(dimensions, true, new LogisticLoss());
      data.put(dimensions, GeneratedRows.packed(runs.spark(), model));
    }
    for (int round = -1; round < BenchOptions.rounds(); round++) { // the first warms up
      for (int dimensions : DIMENSIONS) {
        LinearModel model = new LinearModel(dimensions, true, new LogisticLoss());
        double seconds = runs.train(model, data.get(dimensions), RATE, 1);
        if (round >= 0) {
          millis.get(dimensions).add(1e3 * seconds / data.get(dimensions).batchesPerEpoch());
        }
      }
    }
    data.values().forEach(TrainingData::close);
    List<Double> least = millis.get(DIMENSIONS[0]);
    for (int dimensions : DIMENSIONS) {
      double[] ratios = new double[least.size()];
      for (int i = 0; i < ratios.length; i++) {
        ratios[i] = millis.get(dimensions).get(i) / least.get(i);
      }
      double[] steps = millis.get(dimensions).stream().mapToDouble(m -> m).toArray();
      System.out.println(
          Row.note(
                  "P9",
                  String.format(Locale.ROOT, "a step at %,d dimensions / at 1,000,000", dimensions),
                  new Samples(ratios).show("%.2f", "times"),
                  String.format(Locale.ROOT, "%,d dimensions: ", dimensions)
                      + new Samples(steps).show("%.2f", "ms a step"))
              .line());
    }
  }
}
