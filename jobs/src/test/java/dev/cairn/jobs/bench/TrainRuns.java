package dev.cairn.jobs.bench;

import com.codahale.metrics.MetricRegistry;
import dev.cairn.checkpoint.FolderOptions;
import dev.cairn.checkpoint.Folders;
import dev.cairn.checkpoint.model.OptimizerSpec;
import dev.cairn.spark.LocalCluster;
import dev.cairn.spark.coordinator.Coordinator;
import dev.cairn.spark.data.TrainingData;
import dev.cairn.spark.listener.TrainingListener;
import dev.cairn.spark.model.LinearModel;
import dev.cairn.spark.trainer.CheckpointSettings;
import dev.cairn.spark.trainer.JudgingRows;
import dev.cairn.spark.trainer.RecoverySettings;
import dev.cairn.spark.trainer.ResumeSettings;
import dev.cairn.spark.trainer.StoppingSettings;
import dev.cairn.spark.trainer.Trainer;
import dev.cairn.spark.trainer.TrainingSettings;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.spark.api.java.JavaSparkContext;

/** Executors of one core, and runs by Adagrad on them, each in a folder of its own. */
final class TrainRuns implements AutoCloseable {
  private final LocalCluster cluster;
  private final int executors;
  private final MetricRegistry metrics = new MetricRegistry();
  private int runs;

  private TrainRuns(LocalCluster cluster, int executors) {
    this.cluster = cluster;
    this.executors = executors;
    Coordinator.current().metrics().register(metrics, () -> executors);
  }

  /** Starts them. */
  static TrainRuns start(int executors) throws Exception {
    Map<String, String> conf =
        Map.of(
            "spark.master",
            "local-cluster[" + executors + ",1,3072]",
            "spark.executor.memory",
            "3g",
            "spark.executor.extraJavaOptions",
            BenchOptions.executorJavaOptions());
    return new TrainRuns(LocalCluster.start(executors, conf), executors);
  }

  JavaSparkContext spark() {
    return cluster.spark();
  }

  /**
   * Does the same as {@link #train(LinearModel, TrainingData, double, int, int, TrainingListener)},
   * without saves.
   */
  double train(LinearModel model, TrainingData data, double rate, int epochs) throws Exception {
    return train(model, data, rate, epochs, 0, new TrainingListener() {});
  }

  /**
   * Seconds that the tasks of a run spend on its steps, on average; starts are not in.
   *
   * @param every steps between saves, which do not hold training up; one that falls due while
   *     another is being written is left out. 0 for one at the end alone
   */
  double train(
      LinearModel model,
      TrainingData data,
      double rate,
      int epochs,
      int every,
      TrainingListener listener)
      throws Exception {
    String folder = BenchOptions.workFolder().resolve("train-" + runs++).toUri().toString();
    Duration minutes = Duration.ofMinutes(5);
    Trainer trainer =
        new Trainer(
            cluster.spark().sc(),
            new CheckpointSettings(folder, 1, true, every == 0, 0, minutes, minutes),
            new RecoverySettings(executors, 0, minutes, minutes, minutes, false, false, 1),
            listener,
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
                every,
                new OptimizerSpec("adagrad", new TreeMap<>(Map.of("learning_rate", rate))),
                new TreeMap<>(),
                ResumeSettings.DEFAULT,
                StoppingSettings.DEFAULT,
                Optional.empty()));
    Folders.delete(folder, FolderOptions.defaults());
    double steps = (double) epochs * data.batchesPerEpoch();
    return (gauge("step.computeMillis") + gauge("step.exchangeMillis")) * steps / 1e3;
  }

  private double gauge(String name) {
    return ((Number) metrics.getGauges().get(name).getValue()).doubleValue();
  }

  /** Processor time of the executors' JVMs so far. */
  double cpuSeconds() {
    return ProcessorTime.ofExecutors(cluster.spark(), executors);
  }

  @Override
  public void close() {
    cluster.close();
  }
}
