package dev.cairn.jobs.bench;

import com.codahale.metrics.MetricRegistry;
import dev.cairn.checkpoint.CheckpointOptions;
import dev.cairn.checkpoint.Folders;
import dev.cairn.checkpoint.model.OptimizerSpec;
import dev.cairn.spark.LocalCluster;
import dev.cairn.spark.coordinator.Coordinator;
import dev.cairn.spark.data.TrainingData;
import dev.cairn.spark.listener.TrainingListener;
import dev.cairn.spark.model.LinearModel;
import dev.cairn.spark.model.LogisticLoss;
import dev.cairn.spark.trainer.CheckpointSettings;
import dev.cairn.spark.trainer.JudgingRows;
import dev.cairn.spark.trainer.RecoverySettings;
import dev.cairn.spark.trainer.ResumeSettings;
import dev.cairn.spark.trainer.StoppingSettings;
import dev.cairn.spark.trainer.Trainer;
import dev.cairn.spark.trainer.TrainingSettings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.spark.api.java.JavaSparkContext;

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
  private static final OptimizerSpec ADAGRAD =
      new OptimizerSpec("adagrad", new TreeMap<>(Map.of("learning_rate", RATE)));

  private final JavaSparkContext spark;
  private final MetricRegistry metrics = new MetricRegistry();
  private int runs;

  private TrainBench(JavaSparkContext spark) {
    this.spark = spark;
    Coordinator.current().metrics().register(metrics, () -> EXECUTORS);
  }

  public static void main(String[] arguments) throws Exception {
    int status = 1; // the cluster's threads would keep a failed benchmark alive
    Map<String, String> conf =
        Map.of(
            "spark.master",
            "local-cluster[" + EXECUTORS + ",1,3072]",
            "spark.executor.memory",
            "3g",
            "spark.executor.extraJavaOptions",
            BenchOptions.executorJavaOptions());
    try (LocalCluster cluster = LocalCluster.start(EXECUTORS, conf)) {
      TrainBench bench = new TrainBench(cluster.spark());
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
    try (TrainingData data = GeneratedRows.packed(spark, model)) {
      Pairs busy = new Pairs();
      double[] cpu = new double[2];
      Pairs pairs =
          Pairs.run(
              BenchOptions.rounds(),
              () -> {
                double start = cpuSeconds();
                var unused = train(model, data, FEW);
                double middle = cpuSeconds();
                double seconds = train(model, data, MANY);
                // Beginnings and ends cost both runs the same: the difference is the steps'.
                cpu[0] = (MANY - FEW) * MILLIONS / (cpuSeconds() - middle - (middle - start));
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
      data.put(dimensions, GeneratedRows.packed(spark, model));
    }
    for (int round = -1; round < BenchOptions.rounds(); round++) { // the first warms up
      for (int dimensions : DIMENSIONS) {
        LinearModel model = new LinearModel(dimensions, true, new LogisticLoss());
        double seconds = train(model, data.get(dimensions), 1);
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

  /**
   * Seconds that the tasks of a run spend on its steps, on average; starts and saves are not in.
   */
  private double train(LinearModel model, TrainingData data, int epochs) throws Exception {
    String folder = BenchOptions.workFolder().resolve("train-" + runs++).toUri().toString();
    Duration minutes = Duration.ofMinutes(5);
    Trainer trainer =
        new Trainer(
            spark.sc(),
            new CheckpointSettings(folder, 1, true, true, 0, minutes, minutes),
            new RecoverySettings(EXECUTORS, 0, minutes, minutes, minutes, false, false, 1),
            new TrainingListener() {},
            new Trainer.Stop());
    var unused =
        trainer.train(
            model,
            data,
            JudgingRows.NONE,
            new TrainingSettings(
                GeneratedRows.PARTITIONS,
                GeneratedRows.BATCH_ROWS,
                1,
                epochs,
                0,
                0,
                ADAGRAD,
                new TreeMap<>(),
                ResumeSettings.DEFAULT,
                StoppingSettings.DEFAULT,
                Optional.empty()));
    Folders.delete(folder, CheckpointOptions.defaults());
    double steps = (double) epochs * data.batchesPerEpoch();
    return (gauge("step.computeMillis") + gauge("step.exchangeMillis")) * steps / 1e3;
  }

  private double gauge(String name) {
    return ((Number) metrics.getGauges().get(name).getValue()).doubleValue();
  }

  /** Processor time of the executors' JVMs so far. */
  private double cpuSeconds() {
    return ProcessorTime.ofExecutors(spark, EXECUTORS);
  }
}
