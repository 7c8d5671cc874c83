package dev.cairn.jobs.cli;

import dev.cairn.checkpoint.CheckpointReader;
import dev.cairn.checkpoint.FolderOptions;
import dev.cairn.checkpoint.Folders;
import dev.cairn.checkpoint.RunFile;
import dev.cairn.checkpoint.model.CheckpointException.Corrupt;
import dev.cairn.checkpoint.model.Manifest;
import dev.cairn.checkpoint.model.TrainingState;
import dev.cairn.checkpoint.publish.ModelFolder;
import dev.cairn.checkpoint.publish.ModelVersion;
import dev.cairn.checkpoint.publish.VersionLease;
import dev.cairn.jobs.config.JobException;
import dev.cairn.jobs.config.Text;
import dev.cairn.jobs.config.TrainConf;
import dev.cairn.jobs.data.ScoringData;
import dev.cairn.jobs.data.SparkErrors;
import dev.cairn.jobs.show.Units;
import dev.cairn.spark.ml.CairnModel;
import dev.cairn.spark.ml.Estimators;
import dev.cairn.spark.ml.FMClassificationModel;
import dev.cairn.spark.ml.LogisticRegressionModel;
import java.io.IOException;
import java.util.Optional;
import java.util.OptionalLong;
import org.apache.spark.SparkConf;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** A run of {@code predict}: reads, makes features, scores, writes. */
final class PredictRun {
  private final PredictConf conf;
  private final Console console;

  PredictRun(PredictConf conf, Console console) {
    this.conf = conf;
    this.console = console;
  }

  int run() throws IOException {
    SparkConf asked = new SparkConf();
    asked.setIfMissing("spark.app.name", "cairn predict");
    SparkConf settings = SparkSettings.of(conf.model().spark(), asked);
    FolderOptions options = SparkSettings.checkpointOptions(settings);
    // Of a published model the version stays the same from here on, whatever is published.
    try (VersionLease lease = VersionLease.take(conf.model().checkpoint(), options)) {
      try {
        return run(lease, settings, options);
      } catch (IOException | RuntimeException e) {
        requireWhole(lease, options, e);
        throw e;
      }
    }
  }

  /**
   * Says which version is good, if it was a damaged one that could not be read: executors tell only
   * where they could not.
   */
  private static void requireWhole(VersionLease lease, FolderOptions options, Exception failure)
      throws IOException {
    if (lease.version().isEmpty()) {
      return;
    }
    ModelVersion version = lease.version().get();
    if (!SparkErrors.mentions(failure, version.folder())) {
      return;
    }
    try (ModelFolder folder =
        ModelFolder.open(Folders.parent(version.folder()).orElseThrow(), options)) {
      folder.verify(version);
    } catch (Corrupt e) {
      e.addSuppressed(failure);
      throw e;
    }
  }

  private int run(VersionLease lease, SparkConf settings, FolderOptions options)
      throws IOException {
    String checkpoint = lease.checkpoint();
    Optional<Manifest> manifest = manifest(checkpoint, options);
    Optional<TrainingState> training = manifest.flatMap(Manifest::training);
    TrainConf input = conf.model().rows(training);
    SparkConf asTrained = SparkSettings.asTrained(training, conf.model().spark(), settings);
    Optional<ModelVersion> version = lease.version();
    ScoredFolder output =
        new ScoredFolder(
            conf.output(), scored(checkpoint, version, manifest, input), conf.overwrite(), options);
    checkOutput(options);
    output.check();
    say("Starting Spark ...");
    try (SparkSession spark = SparkSession.builder().config(asTrained).getOrCreate()) {
      FirstExecutor.await(spark.sparkContext(), this::say);
      try (CairnModel<?> model = Estimators.fromCheckpoint(checkpoint)) {
        setThreshold(model);
        say("Scoring with " + ReportFile.shown(model.checkpoint()) + " ...");
        Dataset<Row> scored =
            ScoringData.scored(spark, input, model, conf.columns(), number(version));
        ScoringData.checkPartitions(scored, conf.partitionBy());
        long rows =
            output.replace(
                folder ->
                    ScoringData.write(
                        scored, folder, conf.format(), conf.partitionBy(), conf.output()));
        say(Text.format("%s rows written: %s", Units.count(rows), ReportFile.shown(conf.output())));
      }
      return CairnCommand.OK;
    } catch (IllegalArgumentException e) { // the encoder's and the model's words for the user
      throw new JobException(SparkErrors.own(e).orElseGet(() -> SparkErrors.why(e)), e);
    }
  }

  private void setThreshold(CairnModel<?> model) {
    if (model instanceof LogisticRegressionModel logistic && logistic.numClasses() == 2) {
      logistic.setThreshold(conf.threshold());
    } else if (model instanceof FMClassificationModel machine) {
      machine.setThreshold(conf.threshold());
    } else if (conf.threshold() != PredictConf.THRESHOLD) {
      throw new JobException(
          Text.format(
              "Cannot use threshold %s: expected a model of two classes with probabilities, found"
                  + " another one in %s (command line)",
              conf.threshold(), ReportFile.shown(model.checkpoint())));
    }
  }

  /**
   * Checks the output's place, since all rows are read and scored before the first one is written.
   */
  private void checkOutput(FolderOptions options) {
    try {
      RunFile.at(conf.output(), options).checkPlace();
    } catch (IOException e) {
      throw new JobException(
          Text.format(
              "Cannot write scores: %s, expected a place that can be written to, found %s (command"
                  + " line)",
              SparkErrors.why(e), ReportFile.shown(conf.output())),
          e);
    }
  }

  private ScoredFolder.Scored scored(
      String checkpoint,
      Optional<ModelVersion> version,
      Optional<Manifest> manifest,
      TrainConf input) {
    return new ScoredFolder.Scored(
        version.flatMap(of -> Folders.parent(of.folder())).orElse(conf.model().checkpoint()),
        number(version),
        checkpoint,
        manifest.map(Manifest::attempt).orElse(""),
        input.get(TrainConf.INPUT));
  }

  private static OptionalLong number(Optional<ModelVersion> version) {
    return version.map(one -> OptionalLong.of(one.number())).orElse(OptionalLong.empty());
  }

  private static Optional<Manifest> manifest(String checkpoint, FolderOptions options)
      throws IOException {
    try (CheckpointReader reader = CheckpointReader.open(checkpoint, options)) {
      return reader.manifest();
    }
  }

  private void say(String line) {
    console.out().println(line);
    console.out().flush();
  }
}
