package dev.cairn.jobs.cli;

import dev.cairn.checkpoint.Folders;
import dev.cairn.checkpoint.model.BinaryFigures;
import dev.cairn.checkpoint.model.TestFigures;
import dev.cairn.jobs.config.Text;
import dev.cairn.jobs.config.TrainConf;
import dev.cairn.jobs.data.Counts;
import dev.cairn.jobs.data.Intake;
import dev.cairn.jobs.show.TextTable;
import dev.cairn.jobs.show.Units;
import dev.cairn.spark.listener.TrainingListener;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/** The summary that a finished run prints. */
final class Summary {
  private static final int MOST_CHECKPOINTS = 8;

  private final TrainConf conf;
  private final Counts.Split counts;
  private final Intake intake;
  private final RunWatch watch;
  private final Optional<TestFigures> scores;
  private final String checkpoint;
  private final Predicate<String> there;

  Summary(
      TrainConf conf,
      Counts.Split counts,
      Intake intake,
      RunWatch watch,
      Optional<TestFigures> scores,
      String checkpoint,
      Predicate<String> there) {
    this.conf = conf;
    this.counts = counts;
    this.intake = intake;
    this.watch = watch;
    this.scores = scores;
    this.checkpoint = checkpoint;
    this.there = there;
  }

  List<String> lines(Optional<String> curve, double wallSeconds) {
    List<String> lines = new ArrayList<>();
    lines.add("");
    scores.ifPresent(found -> lines.addAll(quality(found)));
    lines.addAll(validation());
    lines.addAll(speed(wallSeconds));
    lines.addAll(IntakeText.lines(conf, intake));
    lines.add("");
    lines.addAll(
        checkpoints(watch.commits(), there, ReportFile.shown(conf.get(TrainConf.CHECKPOINT_DIR))));
    curve.ifPresent(file -> lines.add("Training curve: " + file));
    lines.add("");
    lines.add("TensorFlow opens it:");
    lines.add("    import tensorflow as tf");
    lines.add(
        "    ckpt = tf.train.load_checkpoint(\"" + ReportFile.shown(checkpoint) + "/variables\")");
    lines.add("    weights = ckpt.get_tensor(\"model/weights/.ATTRIBUTES/VARIABLE_VALUE\")");
    return lines;
  }

  private List<String> quality(TestFigures found) {
    List<String> lines = new ArrayList<>();
    lines.add(
        Text.format(
            "On %s unseen rows (%s):",
            Units.count(counts.test().rows()), conf.get(TrainConf.TEST)));
    table(found).lines().forEach(line -> lines.add("  " + line));
    if (found instanceof BinaryFigures binary && binary.auc().isEmpty()) {
      lines.add(
          Text.format(
              "  AUC is not defined: all %s unseen rows have label %d, and it compares rows of both"
                  + " labels.",
              Units.count(counts.test().rows()), counts.test().positive() == 0 ? 0 : 1));
    }
    lines.add("");
    return lines;
  }

  private TextTable table(TestFigures found) {
    Map<String, String> main = FiguresText.main(found);
    List<String> head = new ArrayList<>(List.of(""));
    main.keySet().forEach(name -> head.add(">" + name));
    TextTable table = new TextTable(head.toArray(String[]::new));
    if (found instanceof BinaryFigures binary) {
      double constant = counts.test().logLossOfConstant(counts.train().rate());
      table.row(
          "constant rate",
          FiguresText.decimals(constant),
          binary.auc().isPresent() ? "0.5000" : "not defined");
    }
    List<String> row = new ArrayList<>(List.of("this model"));
    row.addAll(main.values());
    return table.row(row.toArray(String[]::new));
  }

  /** The lines of the validation: whether it was worth while to train to the end. */
  private List<String> validation() {
    List<TrainingListener.Validation> all = watch.validations();
    if (all.isEmpty()) {
      return List.of();
    }
    TrainingListener.Validation last = all.get(all.size() - 1);
    if (last.loss() <= last.bestLoss()) {
      return List.of(
          Text.format(
              "On %s validation rows: log loss %.4f at the end, the lowest",
              Units.count(counts.validation()), last.loss()));
    }
    boolean result = checkpoint.endsWith("/ckpt-" + last.bestStep());
    return List.of(
        Text.format(
            "On %s validation rows: log loss %.4f at step %,d, the lowest; %.4f at the end: it"
                + " learned the training rows by heart%s",
            Units.count(counts.validation()),
            last.bestLoss(),
            last.bestStep(),
            last.loss(),
            result ? ", so the model is that of step " + Units.count(last.bestStep()) : ""));
  }

  private List<String> speed(double wallSeconds) {
    long steps = watch.newSteps();
    double seconds = watch.trainingSeconds();
    if (steps == 0) {
      return List.of("Nothing was left to train: the newest checkpoint is the end of this run.");
    }
    long rowsPerEpoch = counts.train().rows();
    long stepsPerEpoch = counts.train().batches(conf.get(TrainConf.BATCH_ROWS));
    double rows = (double) steps * rowsPerEpoch / stepsPerEpoch;
    List<String> lines = new ArrayList<>();
    lines.add(
        Text.format(
            "Trained %s steps in %s: %s rows/s (%s in all, with starting, reading and judging)",
            Units.count(steps),
            Units.millis(Math.round(seconds * 1000)),
            Units.rate(rows / Math.max(seconds, 1e-3)),
            Units.millis(Math.round(wallSeconds * 1000))));
    List<TrainingListener.Recovery> recoveries = watch.recoveries();
    if (!recoveries.isEmpty()) {
      long redone = recoveries.stream().mapToLong(TrainingListener.Recovery::stepsRedone).sum();
      lines.add(
          Text.format(
              "Executors were lost or changed %d times, %s steps were trained again: see"
                  + " recoveries.txt in %s",
              recoveries.size(),
              Units.count(redone),
              ReportFile.shown(conf.get(TrainConf.CHECKPOINT_DIR))));
    }
    return lines;
  }

  /**
   * The lines of the checkpoints that were committed, with the newest that are still there: older
   * ones may have made room.
   *
   * @param made the checkpoints, in the order of their steps
   * @param there whether a checkpoint of that path is there now
   */
  static List<String> checkpoints(
      List<RunWatch.Committed> made, Predicate<String> there, String folder) {
    List<String> lines = new ArrayList<>();
    List<RunWatch.Committed> kept =
        made.subList(Math.max(0, made.size() - MOST_CHECKPOINTS), made.size()).stream()
            .filter(one -> there.test(one.path()))
            .toList();
    String some =
        kept.size() < made.size() ? Text.format(", the newest %s that are kept:", kept.size()) : "";
    lines.add(
        Text.format(
            "%s committed in %s%s",
            made.size() == 1 ? "1 checkpoint" : made.size() + " checkpoints", folder, some));
    if (kept.isEmpty()) {
      return lines;
    }
    TextTable table = new TextTable(">step", ">size", ">paused", ">durable after", "name");
    for (RunWatch.Committed one : kept) {
      table.row(
          Units.count(one.step()),
          Units.bytes(one.bytes()),
          Units.millis(one.capturedMillis()),
          Units.millis(one.durableMillis()),
          Folders.name(one.path()));
    }
    table.lines().forEach(line -> lines.add("  " + line));
    return lines;
  }
}
