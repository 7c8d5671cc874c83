package dev.cairn.jobs.cli;

import dev.cairn.checkpoint.CheckpointReader;
import dev.cairn.checkpoint.FolderOptions;
import dev.cairn.checkpoint.RunFolder;
import dev.cairn.checkpoint.ServingConfig;
import dev.cairn.checkpoint.model.CheckpointException;
import dev.cairn.checkpoint.model.FeatureDefinition;
import dev.cairn.checkpoint.model.Manifest;
import dev.cairn.checkpoint.model.TrainingState;
import dev.cairn.checkpoint.publish.ModelFolder;
import dev.cairn.checkpoint.publish.ModelVersion;
import dev.cairn.checkpoint.publish.TensorFlowProcess;
import dev.cairn.checkpoint.publish.VersionLease;
import dev.cairn.jobs.config.ConfKey;
import dev.cairn.jobs.config.JobException;
import dev.cairn.jobs.config.ModelKeys;
import dev.cairn.jobs.config.RefreshKeys;
import dev.cairn.jobs.config.Text;
import dev.cairn.jobs.config.TrainConf;
import dev.cairn.jobs.config.TrainConfLoader;
import dev.cairn.jobs.data.CarriedColumns;
import dev.cairn.jobs.data.CheckedRows;
import dev.cairn.jobs.data.SparkErrors;
import dev.cairn.jobs.show.ProgressPrinter;
import dev.cairn.jobs.show.Units;
import dev.cairn.spark.CairnConf;
import dev.cairn.spark.ml.CairnEstimator;
import dev.cairn.spark.ml.FeatureEncoder;
import dev.cairn.spark.refresh.Gate;
import dev.cairn.spark.refresh.GateReport;
import dev.cairn.spark.refresh.ModelRefresh;
import dev.cairn.spark.refresh.RefreshResult;
import dev.cairn.spark.serving.TensorFlowCheck;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.apache.spark.SparkConf;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** A run of {@code refresh}: reads, trains, judges, publishes or not, and says why. */
final class RefreshRun {
  private final Path file;
  private final List<String> words;
  private final Console console;

  RefreshRun(Path file, List<String> words, Console console) {
    this.file = file;
    this.words = words;
    this.console = console;
  }

  int run() throws IOException {
    TrainConf asked = TrainConfLoader.refresh(List.of(), file, words);
    Gate gate = GateSetup.of(asked);
    if (asked.get(TrainConf.TEST).isEmpty()) {
      throw new JobException(
          Text.format(
              "Missing key split.test: expected the rows that judge the old and the new model, such"
                  + " as split.test = 0.2 %s",
              asked.where(RefreshKeys.MODEL)));
    }
    refuse(
        asked,
        TrainConf.REPORT_FILE,
        "a refresh writes refresh.json beside its checkpoints, and no training curve");
    refuse(asked, ModelKeys.INITIAL, "a refresh begins with the version in use of refresh.model");
    check(asked);
    SparkConf settings = SparkSettings.of(asked, new SparkConf());
    FolderOptions options = SparkSettings.checkpointOptions(settings);
    Optional<TrainingState> parent = parent(asked, options);
    TrainConf conf = asked;
    Optional<FeatureDefinition> features = parent.flatMap(TrainingState::features);
    if (parent.isPresent()) {
      List<String> known = features.map(RefreshFeatures::words).orElseGet(List::of);
      conf = TrainConfLoader.refresh(known, file, words);
      if (!known.isEmpty()) {
        RefreshFeatures.check(
            conf, known, "the version in use of " + ReportFile.shown(conf.get(RefreshKeys.MODEL)));
      }
      settings = SparkSettings.asTrained(parent, conf, settings);
    }
    OptimizerSetup.check(conf);
    RunFolder.checkWritable(conf.get(TrainConf.CHECKPOINT_DIR), options);
    return run(conf, gate, settings, features);
  }

  /** Refuses a key of training that says nothing here. */
  private static void refuse(TrainConf conf, ConfKey<String> key, String why) {
    if (!conf.get(key).isEmpty()) {
      throw new JobException(
          Text.format("Cannot use %s: %s; leave it out %s", key.name(), why, conf.where(key)));
    }
  }

  /** What would only be found once the model is trained. */
  private static void check(TrainConf conf) throws IOException {
    try {
      conf.get(RefreshKeys.LABELS).forEach(ServingConfig::checkLabel);
    } catch (IllegalArgumentException e) {
      throw new JobException(
          Text.format("%s %s", String.valueOf(e.getMessage()), conf.where(RefreshKeys.LABELS)), e);
    }
    String python = conf.get(RefreshKeys.ASK_TENSORFLOW);
    if (!python.isEmpty()) {
      TensorFlowProcess.requireProgram(python);
    }
  }

  /** What the version in use says of its training; empty if nothing was published. */
  private Optional<TrainingState> parent(TrainConf conf, FolderOptions options) throws IOException {
    try (ModelFolder folder = ModelFolder.open(conf.get(RefreshKeys.MODEL), options)) {
      Optional<ModelVersion> current = folder.current();
      if (current.isEmpty()) {
        say("Nothing was published in " + ReportFile.shown(folder.path()) + ": a first model.");
        return Optional.empty();
      }
      say("In use: " + new VersionText(current.get()).line());
      try (VersionLease lease = folder.read(OptionalLong.of(current.get().number()))) {
        return training(lease, options);
      }
    }
  }

  private static Optional<TrainingState> training(VersionLease lease, FolderOptions options)
      throws IOException {
    try (CheckpointReader reader = CheckpointReader.open(lease.checkpoint(), options)) {
      return reader.manifest().flatMap(Manifest::training);
    } catch (CheckpointException e) {
      throw lease.advised(e);
    }
  }

  private int run(
      TrainConf conf, Gate gate, SparkConf settings, Optional<FeatureDefinition> features)
      throws IOException {
    say("Starting Spark ...");
    try (SparkSession spark = SparkSession.builder().config(settings).getOrCreate()) {
      FirstExecutor.await(spark.sparkContext(), this::say);
      spark.sparkContext().setJobDescription(conf.get(TrainConf.RUN_NAME));
      say(Text.format("Reading %s ...", ReportFile.shown(conf.get(TrainConf.INPUT))));
      String column = conf.get(RefreshKeys.COLUMN);
      CheckedRows data =
          CheckedRows.prepare(
              spark,
              conf,
              new CarriedColumns(
                  conf.get(RefreshKeys.WHERE),
                  RefreshKeys.WHERE.name(),
                  column.isEmpty() ? List.of() : List.of(column),
                  RefreshKeys.COLUMN.name(),
                  gate.slices(),
                  RefreshKeys.SLICES.name()),
              features.map(FeatureEncoder::of));
      say(
          Text.format(
              "%s training rows, %s test rows",
              Units.count(data.counts().train().rows()), Units.count(data.counts().test().rows())));
      IntakeText.lines(conf, data.intake()).forEach(this::say);
      Dataset<Row> heldOut =
          data.test()
              .orElseThrow(
                  () ->
                      new JobException(
                          Text.format(
                              "Cannot refresh a model: expected rows that judge it, found none in"
                                  + " split.test = %s %s",
                              conf.get(TrainConf.TEST), conf.where(TrainConf.TEST))));
      return refresh(spark, conf, gate, data.train(), heldOut);
    } catch (IllegalArgumentException e) { // the estimator's and the gate's words for the user
      throw new JobException(SparkErrors.own(e).orElseGet(() -> SparkErrors.why(e)), e);
    }
  }

  private int refresh(
      SparkSession spark, TrainConf conf, Gate gate, Dataset<Row> train, Dataset<Row> heldOut)
      throws IOException {
    ProgressPrinter printer =
        new ProgressPrinter(
            console.out(), console.screen(), conf.get(TrainConf.REPORT_SECONDS), System::nanoTime);
    CairnEstimator<?, ?> estimator =
        EstimatorSetup.refreshing(conf, spark.conf().get(SparkSettings.TIME_ZONE));
    RunWatch watch =
        new RunWatch(
            printer,
            () -> "",
            CairnConf.SAVE_TOLERATED_FAILURES.get(spark.sparkContext().getConf()) > 0);
    estimator.setListener(watch);
    RunSignals signals =
        RunSignals.install(
            () -> {
              estimator.stop();
              printer.say("Stopping at the next cut, to save it; a second signal stops at once.");
            });
    ModelRefresh refresh =
        new ModelRefresh(conf.get(RefreshKeys.MODEL), gate)
            .setInput(input(conf))
            .setAcceptUsed(conf.get(RefreshKeys.ACCEPT_USED))
            .setOptimizerState(EstimatorSetup.keepsOptimizerState(conf))
            .setLabels(conf.get(RefreshKeys.LABELS))
            .setProgress(printer::say);
    if (!conf.get(RefreshKeys.COLUMN).isEmpty()) {
      refresh.setRangeColumn(conf.get(RefreshKeys.COLUMN));
    }
    String python = conf.get(RefreshKeys.ASK_TENSORFLOW);
    if (!python.isEmpty()) {
      FolderOptions options = SparkSettings.checkpointOptions(spark.sparkContext().getConf());
      refresh.setCheck(new TensorFlowCheck(python, List.of(), options));
    }
    try {
      return tell(refresh.run(estimator, train, heldOut), signals);
    } finally {
      printer.clear();
    }
  }

  private static String input(TrainConf conf) {
    String where = conf.get(RefreshKeys.WHERE);
    return conf.get(TrainConf.INPUT) + (where.isEmpty() ? "" : " where " + where);
  }

  private int tell(RefreshResult result, RunSignals signals) {
    result
        .gate()
        .map(GateReport::checks)
        .orElseGet(List::of)
        .forEach(check -> say("  " + word(check.outcome()) + "  " + check.words()));
    result.report().ifPresent(path -> say("Report: " + ReportFile.shown(path)));
    String version =
        result.version().map(of -> new VersionText(of).line()).orElse("none was published");
    return switch (result.outcome()) {
      case PUBLISHED -> {
        say("Published " + version);
        yield CairnCommand.OK;
      }
      case FINISHED -> {
        say("Published already, by the same command before: " + version);
        yield CairnCommand.OK;
      }
      case STOPPED -> {
        say("Stopped and saved. The same command goes on from there.");
        yield signals.exitCode() == 0 ? CairnCommand.TROUBLE : signals.exitCode();
      }
      case REFUSED -> {
        boolean unknown =
            result
                .gate()
                .map(GateReport::verdict)
                .equals(Optional.of(GateReport.Verdict.NOT_VALIDATED));
        say(
            unknown
                ? "Not validated, hence not published: no threshold counted; set gate.value or,"
                    + " beside an earlier version, gate.change."
                : "Refused by the gate, hence not published.");
        say("In use: " + version);
        yield CairnCommand.REFUSED;
      }
    };
  }

  private static String word(GateReport.Outcome outcome) {
    return switch (outcome) {
      case PASSED -> "passed      ";
      case FAILED -> "failed      ";
      case NOT_COUNTED -> "not counted ";
    };
  }

  private void say(String line) {
    console.out().println(line);
    console.out().flush();
  }
}
