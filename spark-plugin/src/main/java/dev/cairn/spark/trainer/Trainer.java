package dev.cairn.spark.trainer;

import dev.cairn.checkpoint.Checkpoint;
import dev.cairn.checkpoint.CheckpointManager;
import dev.cairn.checkpoint.model.CheckpointException;
import dev.cairn.checkpoint.model.DataPosition;
import dev.cairn.checkpoint.model.TrainingState;
import dev.cairn.spark.coordinator.CheckpointCoordinator;
import dev.cairn.spark.coordinator.Clock;
import dev.cairn.spark.coordinator.CoordinationException;
import dev.cairn.spark.coordinator.Coordinator;
import dev.cairn.spark.coordinator.Member;
import dev.cairn.spark.coordinator.ModelSpec;
import dev.cairn.spark.coordinator.Recovery;
import dev.cairn.spark.coordinator.SaveSettings;
import dev.cairn.spark.coordinator.ShardGroup;
import dev.cairn.spark.transport.TransportException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.SparkContext;
import org.jspecify.annotations.Nullable;

/**
 * The trainer's door: opens the shards, restores them or starts anew, trains, saves.
 *
 * <p>Resumes by itself from the newest checkpoint in the run's folder that can be read back without
 * damage. Every byte is compared with its checksum on the way into a shard, so a damaged checkpoint
 * is noticed by restoring it; the next older one is tried then.
 */
public final class Trainer {
  private static final Pattern LOCAL_CLUSTER = Pattern.compile("local-cluster\\[\\s*(\\d+)");
  private static final AtomicLong MODELS = new AtomicLong();

  private final SparkContext context;
  private final CheckpointSettings saving;
  private final RecoverySettings survival;
  private final TrainingListener listener;
  private final Stop stop;

  /** What was told of damaged checkpoints: filling the shards may be tried more than once. */
  private final Set<String> toldOfDamage = new HashSet<>();

  /** A request to stop, which any thread may make. */
  public static final class Stop {
    private final AtomicBoolean requested = new AtomicBoolean();

    /** Asks to save at the next cut and to end. */
    public void request() {
      requested.set(true);
    }

    /** Whether that was asked. */
    public boolean requested() {
      return requested.get();
    }
  }

  /** A trainer in this application, which must have the plugin loaded. */
  public Trainer(
      SparkContext context,
      CheckpointSettings saving,
      RecoverySettings survival,
      TrainingListener listener,
      Stop stop) {
    this.context = context;
    this.saving = saving;
    this.survival = survival;
    this.listener = listener;
    this.stop = stop;
  }

  /**
   * Trains logistic regression on packed data until the settings' end or a request to stop.
   *
   * @param features size of the feature space
   * @throws ResumeRefusedException when the newest checkpoint was trained on other data or settings
   * @throws CheckpointException when checkpoints cannot be read or written
   * @throws IOException when training cannot go on; the newest checkpoint is intact
   */
  public Trained train(int features, TrainingData data, TrainingSettings settings)
      throws IOException, InterruptedException {
    Coordinator coordinator = Coordinator.current();
    ModelSpec spec =
        new ModelSpec(
            "train-" + MODELS.incrementAndGet(),
            LogisticModel.layout(features),
            settings.optimizer(),
            settings.partitions());
    try (CheckpointManager manager =
        CheckpointManager.open(
            saving.directory(), HadoopSettings.options(context).withKeep(saving.keep()))) {
      manager.claim(); // First: a driver that was taken for dead commits nothing from now on.
      Start start = start(coordinator, spec, manager, data, settings);
      return train(start.group, start, manager, data, settings);
    }
  }

  /** Fills the shards; again, on whoever is there, when executors are lost while that goes on. */
  private Start start(
      Coordinator coordinator,
      ModelSpec spec,
      CheckpointManager manager,
      TrainingData data,
      TrainingSettings settings)
      throws IOException, InterruptedException {
    int wanted = expectedExecutors();
    for (int losses = 0; ; losses++) {
      List<Member> members = coordinator.membership().await(wanted, survival.membersTimeout());
      try {
        return start(() -> coordinator.open(spec, members), manager, data, settings);
      } catch (CoordinationException | TransportException e) {
        if (!CoordinationException.executorGone(e) || losses >= survival.maxRecoveries()) {
          throw e;
        }
        listener.recovering(String.valueOf(e.getMessage()));
        wanted = 1;
        coordinator.clock().await(coordinator.checkAll(), survival.membersTimeout());
      }
    }
  }

  private Trained train(
      ShardGroup group,
      Start start,
      CheckpointManager manager,
      TrainingData data,
      TrainingSettings settings)
      throws IOException, InterruptedException {
    Schedule schedule =
        new Schedule(
            start.step,
            start.epochStart,
            data.batchesPerEpoch(),
            settings.maxEpochs(),
            settings.maxSteps(),
            settings.everySteps());
    Coordinator coordinator = Coordinator.current();
    Clock clock = coordinator.clock();
    try (Saves saves =
            new Saves(
                new CheckpointCoordinator(group, manager, clock, saveSettings()),
                manager,
                clock,
                saving,
                listener,
                start.checkpoint);
        Recovery recovering = new Recovery(coordinator, recoverySettings())) {
      RecoveryReport report =
          new RecoveryReport(saving.directory(), HadoopSettings.options(context));
      LossMeter meter =
          new LossMeter(
              schedule,
              listener,
              saves::durableStep,
              recovery -> clock.execute(() -> report.add(recovery)),
              clock);
      listener.started(start.from(), meter.progress());
      SegmentRunner segments =
          new SegmentRunner(
              context,
              coordinator,
              data,
              settings.seed(),
              schedule.epochStart(),
              survival.stall(),
              meter);
      try (TrainingRun run =
          new TrainingRun(
              group,
              segments,
              saves,
              recovering,
              schedule,
              step -> state(step, schedule, settings, data, meter),
              meter,
              stop)) {
        long step = run.run();
        return new Trained(saves.newestPath(), step, step == schedule.endStep());
      }
    }
  }

  private static TrainingState state(
      long step, Schedule schedule, TrainingSettings settings, TrainingData data, LossMeter meter) {
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
        settings.optimizer(),
        meter.metrics(),
        settings.configuration());
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
   * How many executors to wait for: as many as were asked for, and all that Spark has by now.
   * Packing the data has run on them already.
   */
  private int expectedExecutors() {
    Matcher localCluster = LOCAL_CLUSTER.matcher(context.master());
    int asked =
        localCluster.lookingAt()
            ? Integer.parseInt(localCluster.group(1))
            : context.getConf().getInt("spark.executor.instances", 1);
    // Spark counts the driver among the executors, except where it is the only one.
    int present = context.statusTracker().getExecutorInfos().length - 1;
    return Math.max(1, Math.max(asked, present));
  }

  /**
   * Where a run starts.
   *
   * @param group the shards, filled
   * @param epochStart the step at which epoch 0 of the data began
   * @param checkpoint what was restored; null for a fresh start
   */
  private record Start(
      ShardGroup group, long step, long epochStart, @Nullable Checkpoint checkpoint) {
    String from() {
      return checkpoint == null ? "" : checkpoint.path();
    }
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

  /** Opens shards in a new generation. */
  private interface Opener {
    ShardGroup open() throws IOException, InterruptedException;
  }

  private Start start(
      Opener opener, CheckpointManager manager, TrainingData data, TrainingSettings settings)
      throws IOException, InterruptedException {
    List<IOException> damage = new ArrayList<>();
    Consumer<CheckpointException> skipped =
        e -> {
          String why = String.valueOf(e.getMessage());
          if (toldOfDamage.add(why)) {
            listener.checkpointSkipped(saving.directory(), why);
          }
          damage.add(e);
        };
    Optional<Checkpoint> candidate;
    try {
      candidate = manager.latest(); // One manifest, however many steps lie there.
    } catch (CheckpointException.Corrupt | CheckpointException.UnsupportedVersion e) {
      candidate = manager.newestGood(skipped);
    }
    while (candidate.isPresent()) {
      Checkpoint checkpoint = candidate.get();
      long epochStart = epochStart(checkpoint, data, settings);
      try {
        return new Start(restored(opener, checkpoint), checkpoint.step(), epochStart, checkpoint);
      } catch (CheckpointException.Corrupt | CheckpointException.NotFound e) {
        // The manager verifies what it offers now, and remembers what the run may write anew.
        candidate = manager.newestGood(skipped);
        if (candidate.map(checkpoint::equals).orElse(false)) {
          throw e;
        }
      }
    }
    if (!damage.isEmpty()) {
      throw new CheckpointException.Corrupt(
          "Cannot resume: no checkpoint in the folder is good, expected at least one (path="
              + saving.directory()
              + "); move the damaged ones away to begin anew, or use another checkpoint.dir. "
              + damage.get(0).getMessage(),
          damage.get(0));
    }
    ShardGroup group = opener.open();
    return new Start(filled(group, group::initialise), 0, 0, null);
  }

  private ShardGroup restored(Opener opener, Checkpoint checkpoint)
      throws IOException, InterruptedException {
    ShardGroup group = opener.open();
    return filled(
        group,
        () -> {
          var unused =
              Recovery.fill(
                  group,
                  new Recovery.Base(checkpoint.path(), checkpoint.step()),
                  recoverySettings());
        });
  }

  /** What fills shards. */
  private interface Filler {
    void fill() throws IOException, InterruptedException;
  }

  /** The group, filled; closed if that fails, since some of its shards may have values by then. */
  private static ShardGroup filled(ShardGroup group, Filler filler)
      throws IOException, InterruptedException {
    boolean done = false;
    try {
      filler.fill();
      done = true;
      return group;
    } finally {
      if (!done) {
        group.close();
      }
    }
  }

  private static long epochStart(
      Checkpoint checkpoint, TrainingData data, TrainingSettings settings) throws IOException {
    TrainingState state =
        checkpoint
            .manifest()
            .training()
            .orElseThrow(
                () ->
                    new CheckpointException.Mismatch(
                        "Cannot resume: the checkpoint is no training run's (path="
                            + checkpoint.path()
                            + "); use another checkpoint.dir"));
    return ResumeCheck.epochStart(state, settings, data, checkpoint.path());
  }
}
