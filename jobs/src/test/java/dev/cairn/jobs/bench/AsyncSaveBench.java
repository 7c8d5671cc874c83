package dev.cairn.jobs.bench;

import dev.cairn.spark.data.TrainingData;
import dev.cairn.spark.listener.TrainingListener;
import dev.cairn.spark.model.LinearModel;
import dev.cairn.spark.model.LogisticLoss;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * P3: what an asynchronous save costs training. Two executors of one core train 2^24 weights by
 * Adagrad, 128 MiB of state, on the rows of P11; one save after the other is being written all the
 * time, to local disk and synced, or none is.
 *
 * <p>Training stands still for a save while the shards are cut. Whatever it touches before a block
 * is written is copied on the way, at most the whole state once: so the stand still is compared
 * with one copy of the state by as many threads, and the rest shows in the speed of training.
 */
final class AsyncSaveBench {
  private static final int EXECUTORS = 2;
  private static final int BITS = 24;
  private static final int EPOCHS = 4;
  private static final int EVERY = 5;
  private static final double RATE = 0.1;
  private static final double ROWS = EPOCHS * GeneratedRows.ROWS / 1e6;

  /** Weights and accumulators of one executor. */
  private static final int FLOATS = 2 * (1 << BITS) / EXECUTORS;

  private final List<Double> still = new ArrayList<>();
  private final List<Double> durable = new ArrayList<>();

  private AsyncSaveBench() {}

  public static void main(String[] arguments) throws Exception {
    int status = 1; // the cluster's threads would keep a failed benchmark alive
    try (TrainRuns runs = TrainRuns.start(EXECUTORS)) {
      new AsyncSaveBench().measure(runs);
      status = 0;
    } catch (Exception e) {
      e.printStackTrace();
    } finally {
      System.exit(status);
    }
  }

  private void measure(TrainRuns runs) throws Exception {
    LinearModel model = new LinearModel(1 << BITS, true, new LogisticLoss());
    TrainingListener saves =
        new TrainingListener() {
          @Override
          public void committed(
              String path, long step, long bytes, long capturedMillis, long durableMillis) {
            still.add((double) capturedMillis);
            durable.add((double) durableMillis);
          }
        };
    try (TrainingData data = GeneratedRows.packed(runs.spark(), model)) {
      Pairs pairs =
          Pairs.run(
              BenchOptions.rounds(),
              () -> ROWS / runs.train(model, data, RATE, EPOCHS, EVERY, saves),
              () -> ROWS / runs.train(model, data, RATE, EPOCHS));
      Samples copy = copies();
      double[] ratios = still.stream().mapToDouble(millis -> millis / copy.median()).toArray();
      System.out.println(
          Row.ratioAtLeast(
                  0.9,
                  "P3",
                  "training while saves are being written / without saves",
                  pairs,
                  "saving: " + pairs.ours().show("%.3f", "M rows/s"),
                  "not saving: " + pairs.theirs().show("%.3f", "M rows/s"),
                  String.format(Locale.ROOT, "%d saves, each ", durable.size())
                      + shown(durable, "ms until durable"))
              .line());
      System.out.println(
          Row.atMost(
                  1.2,
                  new Samples(ratios).median(),
                  "times",
                  "P3",
                  "training stands still for a save / one copy of the state",
                  "stands still " + shown(still, "ms"),
                  "one copy: " + copy.show("%.1f", "ms"))
              .line());
    }
  }

  private static String shown(List<Double> values, String unit) {
    return new Samples(values.stream().mapToDouble(v -> v).toArray()).show("%.1f", unit);
  }

  /** Milliseconds of copying the state, each executor's part by a thread of its own. */
  private static Samples copies() throws Exception {
    float[][] from = new float[EXECUTORS][FLOATS];
    float[][] to = new float[EXECUTORS][FLOATS];
    double[] millis = new double[BenchOptions.rounds() + 1];
    for (int i = 0; i < millis.length; i++) {
      long start = System.nanoTime();
      InParallel.run(EXECUTORS, part -> System.arraycopy(from[part], 0, to[part], 0, FLOATS));
      millis[i] = (System.nanoTime() - start) / 1e6;
    }
    double[] warm = new double[millis.length - 1];
    System.arraycopy(millis, 1, warm, 0, warm.length);
    return new Samples(warm);
  }
}
