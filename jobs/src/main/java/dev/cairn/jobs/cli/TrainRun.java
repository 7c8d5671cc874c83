package dev.cairn.jobs.cli;

import dev.cairn.checkpoint.CheckpointPath;
import dev.cairn.checkpoint.FolderOptions;
import dev.cairn.checkpoint.Folders;
import dev.cairn.checkpoint.RunFile;
import dev.cairn.checkpoint.RunFolder;
import dev.cairn.checkpoint.model.BinaryFigures;
import dev.cairn.checkpoint.model.TestFigures;
import dev.cairn.jobs.config.ConfKey;
import dev.cairn.jobs.config.JobException;
import dev.cairn.jobs.config.ModelKeys;
import dev.cairn.jobs.config.OptimizerKeys;
import dev.cairn.jobs.config.Text;
import dev.cairn.jobs.config.TrainConf;
import dev.cairn.jobs.data.CheckedRows;
import dev.cairn.jobs.data.SparkErrors;
import dev.cairn.jobs.show.CurveData;
import dev.cairn.jobs.show.CurvePage;
import dev.cairn.jobs.show.ProgressPrinter;
import dev.cairn.jobs.show.Units;
import dev.cairn.spark.CairnConf;
import dev.cairn.spark.listener.TrainingListener;
import dev.cairn.spark.ml.CairnEstimator;
import dev.cairn.spark.ml.CairnModel;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.spark.SparkConf;
import org.apache.spark.sql.SparkSession;

/**
 * A run of {@code train} from configuration to summary: reads, derives, hashes, fits, judges,
 * reports.
 */
final class TrainRun {
  private final TrainConf conf;
  private final Console console;
  private final long startNanos = System.nanoTime();

  TrainRun(TrainConf conf, Console console) {
    this.conf = conf;
    this.console = console;
  }

  int run() throws IOException {
    SparkConf settings = SparkSettings.of(conf, new SparkConf());
    OptimizerSetup.check(conf);
    checkPlaces(settings);
    say("Starting Spark ...");
    try (SparkSession spark = session(settings)) {
      FirstExecutor.await(spark.sparkContext(), this::say);
      describeJobs(spark, ": reading and checking");
      say(Text.format("Reading %s ...", ReportFile.shown(conf.get(TrainConf.INPUT))));
      CheckedRows data = CheckedRows.prepare(spark, conf);
      say(
          Text.format(
              "%s training rows%s, %s test rows",
              Units.count(data.counts().train().rows()),
              ModelKeys.binary(conf)
                  ? Text.format(" (%.1f %% positive)", 100 * data.counts().train().rate())
                  : "",
              Units.count(data.counts().test().rows())));
      IntakeText.lines(conf, data.intake()).forEach(this::say);
      return train(spark, data);
    }
  }

  private static SparkSession session(SparkConf settings) {
    try {
      return SparkSession.builder().config(settings).getOrCreate();
    } catch (RuntimeException e) {
      throw new JobException(
          Text.format(
              "Cannot start Spark: %s (spark.master=%s). Check the spark.* keys and the cluster.",
              SparkErrors.why(e), settings.get("spark.master", "?")),
          e);
    }
  }

  /** Checks the places of checkpoints and reports, since these may be written only after hours. */
  private void checkPlaces(SparkConf settings) {
    FolderOptions options = SparkSettings.checkpointOptions(settings);
    String folder = conf.get(TrainConf.CHECKPOINT_DIR);
    checkPlace(
        TrainConf.CHECKPOINT_DIR,
        folder,
        "a folder that can be written to",
        () -> RunFolder.checkWritable(folder, options));
    String initial = conf.get(ModelKeys.INITIAL);
    if (!initial.isEmpty()) {
      checkPlace(
          ModelKeys.INITIAL,
          initial,
          "a run's folder or a checkpoint",
          () -> requireModel(initial, options));
    }
    for (String file : List.of(conf.reportFile(), RunMetrics.beside(conf.reportFile()))) {
      checkPlace(
          TrainConf.REPORT_FILE,
          file,
          "a file that can be written",
          () -> RunFile.at(file, options).checkReplaceable());
    }
  }

  /** Passes for a folder, and for TensorFlow's prefix, which is none. */
  private static void requireModel(String path, FolderOptions options) throws IOException {
    if (!Folders.exists(path + ".index", options)) {
      CheckpointPath.requireFolder(path, options);
    }
  }

  /** Checks a place on storage. */
  private interface Look {
    void look() throws IOException;
  }

  private void checkPlace(ConfKey<String> key, String path, String expected, Look look) {
    try {
      look.look();
    } catch (IOException e) {
      throw new JobException(
          Text.format(
              "Cannot use %s: %s, expected %s, found %s %s",
              key.name(), SparkErrors.why(e), expected, ReportFile.shown(path), conf.where(key)),
          e);
    }
  }

  /** Names the jobs in Spark's UI from now on; training adds its steps to the name. */
  private void describeJobs(SparkSession spark, String what) {
    spark.sparkContext().setJobDescription(conf.get(TrainConf.RUN_NAME) + what);
  }

  private int train(SparkSession spark, CheckedRows data) throws IOException {
    ReportFile report =
        new ReportFile(
            conf.reportFile(), SparkSettings.checkpointOptions(spark.sparkContext().getConf()));
    ProgressPrinter printer =
        new ProgressPrinter(
            console.out(), console.screen(), conf.get(TrainConf.REPORT_SECONDS), System::nanoTime);
    RunWatch watch =
        new RunWatch(
            printer,
            report::read,
            CairnConf.SAVE_TOLERATED_FAILURES.get(spark.sparkContext().getConf()) > 0);
    CairnEstimator<?, ?> estimator =
        EstimatorSetup.of(conf, spark.conf().get(SparkSettings.TIME_ZONE));
    estimator.setListener(watch);
    RunSignals signals =
        RunSignals.install(
            () -> {
              estimator.stop();
              printer.say("Stopping at the next cut, to save it; a second signal stops at once.");
            });
    CairnModel<?> model;
    try {
      describeJobs(spark, "");
      data.test().ifPresent(estimator::setTestData);
      model = estimator.fit(data.train());
      watch.finish();
    } catch (RuntimeException e) {
      printer.clear();
      if (!watch.storageSick()) { // else it would wait once more for what has failed just now
        writeCurve(report, watch, data, Optional.empty());
      }
      throw explained(e);
    }
    try {
      // First without scores: judging may fail, and the trained model is worth reporting.
      writeCurve(report, watch, data, Optional.empty());
      if (signals.exitCode() != 0) {
        say(
            "Stopped and saved: "
                + ReportFile.shown(model.checkpoint())
                + ". The same command goes on from there.");
        return signals.exitCode();
      }
      tell(spark, model, data, watch, report);
      return CairnCommand.OK;
    } finally {
      model.close();
    }
  }

  /** Writes curve, metrics and summary of a run that has come to its end. */
  private void tell(
      SparkSession spark, CairnModel<?> model, CheckedRows data, RunWatch watch, ReportFile report)
      throws IOException {
    describeJobs(spark, ": judging");
    Optional<TestFigures> scores =
        watch
            .tested(model.checkpoint())
            .or(() -> data.test().map(model::testFigures)); // an earlier run has trained it
    boolean drawn = writeCurve(report, watch, data, scores);
    writeMetrics(spark, model, data, watch, scores);
    FolderOptions options = SparkSettings.checkpointOptions(spark.sparkContext().getConf());
    Summary summary =
        new Summary(
            conf,
            data.counts(),
            data.intake(),
            watch,
            scores,
            model.checkpoint(),
            path -> ReportFile.isThere(path + "/manifest.json", options));
    summary
        .lines(drawn ? Optional.of(report.shown()) : Optional.empty(), wallSeconds())
        .forEach(this::say);
  }

  private void writeMetrics(
      SparkSession spark,
      CairnModel<?> model,
      CheckedRows data,
      RunWatch watch,
      Optional<TestFigures> scores) {
    String path = RunMetrics.beside(conf.reportFile());
    try {
      RunMetrics.write(
          path,
          SparkSettings.checkpointOptions(spark.sparkContext().getConf()),
          RunMetrics.of(model.checkpoint(), data.counts(), watch, wallSeconds(), scores));
    } catch (IOException e) {
      console.err().println(RunMetrics.NAME + " was not written: " + SparkErrors.why(e));
    }
  }

  /** Turns the estimator's errors about its parameters into messages for the user. */
  private static RuntimeException explained(RuntimeException e) {
    String message = String.valueOf(e.getMessage());
    boolean own = e instanceof IllegalArgumentException && message.startsWith("Cannot ");
    return own ? new JobException(message, e) : e;
  }

  private double wallSeconds() {
    return (System.nanoTime() - startNanos) / 1e9;
  }

  private boolean writeCurve(
      ReportFile report, RunWatch watch, CheckedRows data, Optional<TestFigures> scores) {
    if (watch.points().isEmpty()) {
      return false;
    }
    try {
      report.write(CurvePage.render(curve(watch, data, scores)));
      return true;
    } catch (IOException e) {
      console.err().println("The training curve was not written: " + SparkErrors.why(e));
      return false;
    }
  }

  private CurveData curve(RunWatch watch, CheckedRows data, Optional<TestFigures> scores) {
    List<CurveData.Reference> references = new ArrayList<>();
    List<CurveData.Fact> facts = new ArrayList<>();
    double rate = data.counts().train().rate();
    facts.add(new CurveData.Fact("training rows", Units.count(data.counts().train().rows())));
    if (data.counts().test().rows() > 0) {
      if (scores.isPresent() && scores.get() instanceof BinaryFigures) {
        double constant = data.counts().test().logLossOfConstant(rate);
        references.add(new CurveData.Reference("constant rate, test", constant));
      }
      facts.add(new CurveData.Fact("test rows", Units.count(data.counts().test().rows())));
    }
    scores.ifPresent(
        found -> {
          references.add(new CurveData.Reference("this model, test", found.loss()));
          FiguresText.main(found)
              .forEach((name, value) -> facts.add(new CurveData.Fact("test " + name, value)));
        });
    List<CurveData.Mark> marks = new ArrayList<>(watch.earlier().checkpoints());
    for (RunWatch.Committed made : watch.commits()) {
      marks.add(
          new CurveData.Mark(
              made.step(),
              Units.bytes(made.bytes()) + ", durable after " + Units.millis(made.durableMillis())));
    }
    List<CurveData.Mark> recoveries = new ArrayList<>(watch.earlier().recoveries());
    for (TrainingListener.Recovery recovery : watch.recoveries()) {
      recoveries.add(new CurveData.Mark(recovery.fromStep(), recovery.describe()));
    }
    return new CurveData(
        conf.get(TrainConf.RUN_NAME),
        Text.format(
            "%s of %s: %s, learning rate %s, %s rows a step",
            conf.get(TrainConf.LABEL),
            ReportFile.shown(conf.get(TrainConf.INPUT)),
            conf.get(OptimizerKeys.OPTIMIZER),
            rate(),
            Units.count(conf.get(TrainConf.BATCH_ROWS))),
        watch.points(),
        watch.validationPoints(),
        marks,
        recoveries,
        data.counts().train().batches(conf.get(TrainConf.BATCH_ROWS)),
        references,
        facts);
  }

  /** The learning rate in use, and its schedule. */
  private String rate() {
    String schedule = conf.get(OptimizerKeys.SCHEDULE);
    double rate = EstimatorSetup.bare(conf).getLearningRate();
    return rate + (schedule.equals("constant") ? "" : " (" + schedule + ")");
  }

  private void say(String line) {
    console.out().println(line);
    console.out().flush();
  }
}
