package dev.cairn.spark.settings;

import java.util.List;

/** The settings of a fit's beginning and of its saves; they change no trained bit. */
public final class SavingSettings {
  /** Whether a fit goes on from its checkpoints. */
  public static final Setting<Boolean> RESUME =
      Setting.of(
          "resume",
          Values.flag(),
          true,
          "Go on from what the run's folder holds; if false, a folder that holds checkpoints is"
              + " refused.");

  /** The checkpoint that it goes on from. */
  public static final Setting<String> RESUME_FROM =
      Setting.of(
          "resumeFrom",
          Values.text(),
          "Go on from this checkpoint: one of the run's folder by its name, which must be the"
              + " newest, or that of another run by its path, into an empty folder.");

  /** The differences that are accepted. */
  public static final Setting<List<String>> RESUME_ACCEPT =
      Setting.of(
          "resumeAccept",
          Values.list("a list of data and names of settings"),
          List.of(),
          "What is meant to differ from the run that is resumed; any other difference is refused.");

  /** The model that a fit begins with. */
  public static final Setting<String> INITIAL_MODEL =
      Setting.of(
          "initialModel",
          Values.text(),
          "Begin with this model's parameters, when the run's folder holds nothing yet: a"
              + " checkpoint, or the folder of a run or of a model, of the same kind and shape;"
              + " none for a start from nothing.");

  /** Whether the optimizer's state of that model goes on, too. */
  public static final Setting<Boolean> INITIAL_OPTIMIZER_STATE =
      Setting.of(
          "initialOptimizerState",
          Values.flag(),
          false,
          "Whether the optimizer of the initial model goes on, too, and with it the count of"
              + " steps.");

  /** Whether the features may be more than those of that model. */
  public static final Setting<Boolean> INITIAL_GROWTH =
      Setting.of(
          "initialGrowth",
          Values.flag(),
          false,
          "Whether the features may be more than those of the initial model: a multiple of its hash"
              + " space, or more columns. Each feature begins with the weight that it had.");

  /** The folder of all fits. */
  public static final Setting<String> CHECKPOINT_DIR =
      Setting.of(
          "checkpointDir",
          Values.text(),
          "Folder below which each fit has a folder of its own, any Hadoop URI. Not set: what"
              + " spark.cairn.temp.dir says.");

  /** The folder of one run. */
  public static final Setting<String> RUN_DIR =
      Setting.of(
          "runDir",
          Values.text(),
          "The run's folder, local or in HDFS; training goes on from the newest good checkpoint in"
              + " it.");

  /** The steps between checkpoints. */
  public static final Setting<Long> CHECKPOINT_EVERY_STEPS =
      Setting.of(
          "checkpointEverySteps",
          Values.wholeLong(0),
          0L,
          "Steps between checkpoints; 0 for one at the end alone.");

  /** The number of checkpoints that stay. */
  public static final Setting<Integer> CHECKPOINT_KEEP =
      Setting.of(
          "checkpointKeep",
          Values.whole(0),
          3,
          "How many of the newest checkpoints are kept; 0 for all.");

  /** Whether training waits. */
  public static final Setting<Boolean> CHECKPOINT_ASYNC =
      Setting.of(
          "checkpointAsync",
          Values.flag(),
          true,
          "Go on training while a checkpoint is being written.");

  /** The plugin's setting for a save while another one is written. */
  public static final Setting<String> IN_FLIGHT =
      Setting.of(
          "spark.cairn.save.in-flight",
          Values.oneOf(List.of("wait", "skip")),
          "wait",
          "When a checkpoint is due while the one before is still being written: wait for it, or"
              + " skip the new one.");

  /** The plugin's setting for the number of saves that may fail. */
  public static final Setting<Integer> TOLERATED_FAILURES =
      Setting.of(
          "spark.cairn.save.tolerated-failures",
          Values.whole(0, 1 << 20),
          3,
          "Checkpoints in a row that may fail; one more ends training.");

  /** A fit's own setting for a save while another one is written. */
  public static final Setting<String> CHECKPOINT_IN_FLIGHT =
      IN_FLIGHT.named("checkpointInFlight").fallingBackTo(IN_FLIGHT.name());

  /** A fit's own setting for the number of saves that may fail. */
  public static final Setting<Integer> CHECKPOINT_TOLERATED_FAILURES =
      TOLERATED_FAILURES
          .named("checkpointToleratedFailures")
          .fallingBackTo(TOLERATED_FAILURES.name());

  /** All of these settings, in the order in which a person reads them. */
  public static final List<Setting<?>> ALL =
      List.of(
          CHECKPOINT_DIR,
          RUN_DIR,
          CHECKPOINT_EVERY_STEPS,
          CHECKPOINT_KEEP,
          CHECKPOINT_ASYNC,
          CHECKPOINT_IN_FLIGHT,
          CHECKPOINT_TOLERATED_FAILURES,
          RESUME,
          RESUME_FROM,
          RESUME_ACCEPT,
          INITIAL_MODEL,
          INITIAL_OPTIMIZER_STATE,
          INITIAL_GROWTH);

  private SavingSettings() {}
}
