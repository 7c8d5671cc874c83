package dev.cairn.spark.trainer;

import dev.cairn.checkpoint.CheckpointFolder;
import dev.cairn.checkpoint.CommittedCheckpoint;
import dev.cairn.checkpoint.model.DataPosition;
import dev.cairn.checkpoint.model.OptimizerSpec;
import dev.cairn.checkpoint.model.TrainingState;
import dev.cairn.spark.coordinator.CheckpointCoordinator;
import dev.cairn.spark.coordinator.Clock;
import dev.cairn.spark.coordinator.Coordinator;
import dev.cairn.spark.coordinator.ModelSpec;
import dev.cairn.spark.coordinator.Recovered;
import dev.cairn.spark.coordinator.Recovery;
import dev.cairn.spark.coordinator.SaveSettings;
import dev.cairn.spark.coordinator.ShardGroup;
import dev.cairn.spark.listener.TrainingListener;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongUnaryOperator;
import org.jspecify.annotations.Nullable;

/** A training run as {@link Trainer} puts it together, with segments that somebody simulates. */
public final class SimulatedTraining {
  private SimulatedTraining() {}

  /** Takes the steps of a segment. */
  public interface Steps {
    /** Does the same as {@link Segments#run}; the meter's look at the shards is handed in. */
    long run(ShardGroup group, long from, long to, Meter meter)
        throws IOException, InterruptedException;
  }

  /** The calls of a segment to the meter. */
  public interface Meter {
    /** Looks at the first shard. */
    long sample(ShardGroup group) throws InterruptedException;

    /** Whether somebody waits for the next step. */
    boolean eager();
  }

  /**
   * The plan of training.
   *
   * @param endStep last step
   * @param everySteps steps between checkpoints
   * @param batchesPerEpoch for the data position
   */
  public record Plan(
      long endStep,
      long everySteps,
      long batchesPerEpoch,
      boolean async,
      boolean waitInFlight,
      int toleratedFailures,
      boolean keepInMemory,
      int partitions,
      OptimizerSpec optimizer,
      String application) {}

  /** The error of a segment that cannot go on. */
  public static IOException failed(String message) {
    return new SegmentFailedException(message, null);
  }

  /** The training state of a step. */
  public static TrainingState state(long step, Plan plan) {
    return state(step, step, plan);
  }

  private static TrainingState state(long step, long position, Plan plan) {
    return new TrainingState(
        step,
        1,
        new DataPosition(
            position / plan.batchesPerEpoch(),
            position % plan.batchesPerEpoch(),
            plan.batchesPerEpoch(),
            plan.partitions(),
            100,
            "f"),
        plan.optimizer(),
        new TreeMap<>(),
        new TreeMap<>());
  }

  /**
   * Trains from a checkpoint on.
   *
   * @param executors how many to wait for
   * @param from where to begin, null for a start from nothing
   * @param position the step whose data position is saved with a step: that step
   * @return steps applied
   */
  public static long run(
      ModelSpec spec,
      int executors,
      @Nullable CommittedCheckpoint from,
      CheckpointFolder folder,
      Coordinator coordinator,
      Recovery.Settings recoverySettings,
      Plan plan,
      LongUnaryOperator position,
      Steps steps,
      TrainingListener listener)
      throws IOException, InterruptedException {
    Recovery recovery = new Recovery(coordinator, recoverySettings);
    Recovery.Base base =
        from == null ? Recovery.Base.NOTHING : new Recovery.Base(from.path(), from.step());
    AtomicReference<ShardGroup> group = new AtomicReference<>();
    Optional<Recovered> before =
        recovery.begin(
            spec,
            executors,
            members -> {
              Recovery.Opened opened = recovery.open(spec, members, base);
              group.set(opened.group());
              return opened;
            },
            why -> listener.recovering(String.valueOf(why.getMessage())));
    return run(
        group.get(),
        base.step(),
        from,
        before,
        recovery,
        folder,
        coordinator.clock(),
        plan,
        position,
        steps,
        listener);
  }

  private static long run(
      ShardGroup group,
      long step,
      @Nullable CommittedCheckpoint from,
      Optional<Recovered> before,
      Recovery recovery,
      CheckpointFolder folder,
      Clock clock,
      Plan plan,
      LongUnaryOperator position,
      Steps steps,
      TrainingListener listener)
      throws IOException, InterruptedException {
    Schedule schedule =
        new Schedule(step, 0, plan.batchesPerEpoch(), 1 << 20, plan.endStep(), plan.everySteps());
    Duration capture = Duration.ofSeconds(15);
    Duration timeout = Duration.ofSeconds(25);
    SaveSettings saving =
        new SaveSettings(
            !plan.waitInFlight(),
            capture,
            timeout,
            plan.toleratedFailures(),
            plan.keepInMemory(),
            new TreeMap<>(),
            plan.application());
    CheckpointSettings settings =
        new CheckpointSettings(
            "/run",
            2,
            plan.async(),
            plan.waitInFlight(),
            plan.toleratedFailures(),
            capture,
            timeout);
    try (Saves saves =
        new Saves(
            new CheckpointCoordinator(group, folder, clock, saving),
            folder,
            clock,
            settings,
            listener,
            from == null ? Recovery.Base.NOTHING : new Recovery.Base(from.path(), from.step()),
            from)) {
      LossMeter meter = new LossMeter(schedule, listener, saves::durableStep, report -> {}, clock);
      before.ifPresent(meter::goBack);
      Meter look = look(meter);
      try (TrainingRun run =
          new TrainingRun(
              group,
              (of, a, b) -> steps.run(of, a, b, look),
              saves,
              recovery,
              schedule,
              new EpochEnds(schedule, 100, StoppingSettings.DEFAULT, TinyRun.UNJUDGED, listener),
              at -> state(at, position.applyAsLong(at), plan),
              meter,
              new Trainer.Stop(),
              from == null)) {
        return run.run();
      }
    }
  }

  private static Meter look(LossMeter meter) {
    return new Meter() {
      @Override
      public long sample(ShardGroup of) throws InterruptedException {
        return meter.sample(of);
      }

      @Override
      public boolean eager() {
        return meter.eager();
      }
    };
  }
}
