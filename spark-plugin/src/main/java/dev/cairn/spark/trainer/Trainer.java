package dev.cairn.spark.trainer;

import dev.cairn.checkpoint.CheckpointFolder;
import dev.cairn.checkpoint.CheckpointPins;
import dev.cairn.checkpoint.CommittedCheckpoint;
import dev.cairn.checkpoint.FolderOptions;
import dev.cairn.checkpoint.Folders;
import dev.cairn.checkpoint.model.CheckpointException;
import dev.cairn.checkpoint.model.DataPosition;
import dev.cairn.checkpoint.model.TrainingState;
import dev.cairn.spark.coordinator.CheckpointCoordinator;
import dev.cairn.spark.coordinator.Clock;
import dev.cairn.spark.coordinator.Coordinator;
import dev.cairn.spark.coordinator.ModelSpec;
import dev.cairn.spark.coordinator.Recovered;
import dev.cairn.spark.coordinator.Recovery;
import dev.cairn.spark.coordinator.SaveSettings;
import dev.cairn.spark.data.TrainingData;
import dev.cairn.spark.listener.TrainingListener;
import dev.cairn.spark.model.Model;
import java.io.IOException;
import java.util.Optional;
import java.util.SortedMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.spark.SparkContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Trains a model: opens the shards, restores them or starts anew, runs the steps, saves.
 *
 * <p>Resumes by itself from the newest checkpoint in the run's folder that can be read back without
 * damage. Every byte is compared with its checksum on the way into a shard, so a damaged checkpoint
 * is noticed by restoring it; the next older one is tried then.
 */
public final class Trainer {
  private static final Logger LOG = LoggerFactory.getLogger(Trainer.class);
  private static final AtomicLong MODELS = new AtomicLong();

  private final SparkContext context;
  private final CheckpointSettings saving;
  private final RecoverySettings survival;
  private final RunObserver listener;
  private final Stop stop;

  /** A request to stop, which any thread may make. */
  public static final class Stop {
    private final AtomicBoolean requested = new AtomicBoolean();

    /** Asks to save at the next cut and to end. */
    public void request() {
      requested.set(true);
    }

    /** Whether {@link #request} was called. */
    public boolean requested() {
      return requested.get();
    }
  }

  /** Makes a trainer in this application, which must have the plugin loaded. */
  public Trainer(
      SparkContext context,
      CheckpointSettings saving,
      RecoverySettings survival,
      TrainingListener listener,
      Stop stop) {
    this.context = context;
    this.saving = saving;
    this.survival = survival;
    this.listener = new RunObserver(listener, saving.directory());
    this.stop = stop;
  }

  /**
   * Trains a model on packed data until the settings' end or a request to stop.
   *
   * @param model the model to train, on the data's features
   * @param judged the rows to judge on
   * @throws IllegalArgumentException for labels that the model has no class for, and for offsets if
   *     it adds none
   * @throws ResumeRefusedException when the newest checkpoint was trained on other data or
   *     settings, or further than is asked for, or when resuming is off and the folder holds
   *     checkpoints
   * @throws CheckpointException.Conflict while another fit, or another application, trains into the
   *     same folder
   * @throws CheckpointException when checkpoints cannot be read or written
   * @throws IOException when training cannot go on; the newest checkpoint is intact
   */
  public Trained train(Model model, TrainingData data, JudgingRows judged, TrainingSettings asked)
      throws IOException, InterruptedException {
    data.requireClasses(model.classes());
    judged.requireClasses(model.classes());
    if (!model.addsOffsets()) {
      data.refuseOffsets(model.definition().kind());
      judged.refuseOffsets(model.definition().kind());
    }
    TrainingSettings settings = asked.complete(judged.fingerprint());
    listener.begins(settings, Coordinator.current().metrics());
    try {
      Trained trained = trainAlone(model, data, judged, settings);
      listener.ended(trained);
      return trained;
    } catch (IOException | RuntimeException e) {
      listener.failed(e);
      throw e;
    } finally {
      listener.close();
    }
  }

  private Trained trainAlone(
      Model model, TrainingData data, JudgingRows judged, TrainingSettings settings)
      throws IOException, InterruptedException {
    FolderOptions options = HadoopSettings.options(context).withKeep(saving.keep());
    try (CheckpointFolder folder = CheckpointFolder.open(saving.directory(), options)) {
      Runnable giveBack = RunFolders.take(folder.directory());
      CheckpointPins.Pin pin = pinned(settings);
      try {
        folder.claim(); // First: a driver that was taken for dead commits nothing from now on.
        return train(
            model,
            folder,
            new RunOrigin(folder, options, model.definition(), data.facts(), settings),
            data,
            judged,
            settings);
      } finally {
        giveBack.run();
        if (pin != null) {
          pin.close();
        }
      }
    }
  }

  /** Pins the initial model: a run that is disturbed before its first save begins with it again. */
  private static CheckpointPins.@Nullable Pin pinned(TrainingSettings settings) {
    return settings.resume().initial().map(model -> CheckpointPins.pin(model.path())).orElse(null);
  }

  private Trained train(
      Model model,
      CheckpointFolder folder,
      RunOrigin origins,
      TrainingData data,
      JudgingRows judged,
      TrainingSettings settings)
      throws IOException, InterruptedException {
    Coordinator coordinator = Coordinator.current();
    ModelSpec spec =
        new ModelSpec(
            "train-" + MODELS.incrementAndGet(),
            model.layout(),
            settings.optimizer(),
            settings.partitions());
    Recovery recovery = new Recovery(coordinator, recoverySettings());
    RunStart start = new RunStart(recovery, spec, origins, saving.directory(), data, listener);
    Optional<Recovered> before =
        recovery.begin(
            spec,
            expectedExecutors(),
            start,
            why -> listener.recovering(String.valueOf(why.getMessage())));
    TrainingData scaled = start.data();
    JudgingRows alike = judged;
    try {
      alike = judged.likeScaled(scaled);
      return train(model, start, before, recovery, folder, scaled, alike, settings);
    } finally {
      // The rows that the caller gave stay cached: it may train on them again.
      alike.beside(judged).close();
      if (scaled != data) {
        scaled.close();
      }
    }
  }

  private Trained train(
      Model model,
      RunStart start,
      Optional<Recovered> before,
      Recovery recovery,
      CheckpointFolder folder,
      TrainingData data,
      JudgingRows judged,
      TrainingSettings settings)
      throws IOException, InterruptedException {
    Schedule schedule = settings.schedule(start.step(), start.epochStart(), data.batchesPerEpoch());
    Coordinator coordinator = Coordinator.current();
    Clock clock = coordinator.clock();
    try (Saves saves =
        new Saves(
            new CheckpointCoordinator(start.group(), folder, clock, saveSettings()),
            folder,
            clock,
            saving,
            listener,
            start.base(),
            start.checkpoint())) {
      LossMeter meter = meter(schedule, saves, clock);
      before.ifPresent(meter::goBack);
      listener.started(start.base().path(), meter.progress());
      EpochEnds ends =
          new EpochEnds(
              schedule,
              data.samples(),
              settings.stopping(),
              new Judge(context, coordinator, model, judged),
              listener);
      ends.goBack(start.checkpoint());
      SegmentRunner segments =
          new SegmentRunner(
              context,
              coordinator,
              model,
              data,
              settings.seed(),
              schedule.epochStart(),
              survival.stall(),
              meter);
      try (TrainingRun run =
          new TrainingRun(
              start.group(),
              segments,
              saves,
              recovery,
              schedule,
              ends,
              step -> state(step, model, schedule, settings, data, meter, ends),
              meter,
              stop,
              !Folders.contains(folder.directory(), start.base().path()))) {
        long step = run.run();
        boolean complete = step == schedule.endStep() || ends.over();
        CommittedCheckpoint result =
            complete ? result(ends.result(step), step, folder, saves) : saves.newest();
        return new Trained(result, step, complete, listener.epochLosses());
      }
    }
  }

  private LossMeter meter(Schedule schedule, Saves saves, Clock clock) {
    RecoveryReport report = new RecoveryReport(saving.directory(), HadoopSettings.options(context));
    return new LossMeter(
        schedule,
        listener,
        saves::durableStep,
        recovered -> clock.execute(() -> report.add(recovered)),
        clock);
  }

  /** The checkpoint of the best step; the last one if that could not be saved. */
  private static CommittedCheckpoint result(
      long best, long last, CheckpointFolder folder, Saves saves) throws IOException {
    if (best == last) {
      return saves.newest();
    }
    Optional<CommittedCheckpoint> kept = folder.ofStep(best);
    if (kept.isEmpty()) {
      LOG.warn(
          "The best checkpoint, of step {}, is not in {}: the last one, of step {}, is the result",
          best,
          folder.directory(),
          last);
    }
    return kept.orElseGet(saves::newest);
  }

  private static TrainingState state(
      long step,
      Model model,
      Schedule schedule,
      TrainingSettings settings,
      TrainingData data,
      LossMeter meter,
      EpochEnds ends) {
    SortedMap<String, Double> metrics = meter.metrics();
    ends.addTo(metrics, step);
    return new TrainingState(
        step,
        settings.seed(),
        new DataPosition(
            schedule.epoch(step),
            schedule.batch(step),
            schedule.batchesPerEpoch(),
            settings.partitions(),
            data.samples(),
            data.fingerprint()),
        Optional.of(model.definition()),
        settings.optimizer(),
        metrics,
        settings.configuration(),
        data.scales(),
        settings.features(),
        ends.testFigures(step));
  }

  private Recovery.Settings recoverySettings() {
    return new Recovery.Settings(
        survival.maxRecoveries(),
        survival.replacementWait(),
        survival.membersTimeout(),
        survival.memoryCopy(),
        survival.rebalance(),
        HadoopSettings.of(context));
  }

  /**
   * The number of executors to wait for: as many as were asked for, and all that Spark has by now.
   * Packing the data has run on them already.
   */
  private int expectedExecutors() {
    if (context.isLocal()) {
      return 1; // the driver's own, whatever spark.executor.instances says
    }
    // Spark counts the driver among the executors, except where it is the only one.
    int present = context.statusTracker().getExecutorInfos().length - 1;
    return Math.max(1, Math.max(survival.executors(), present));
  }

  private SaveSettings saveSettings() {
    return new SaveSettings(
        !saving.waitInFlight(),
        saving.captureTimeout(),
        saving.timeout(),
        saving.toleratedFailures(),
        survival.memoryCopy(),
        HadoopSettings.of(context),
        context.applicationId());
  }
}
