package dev.cairn.spark.trainer;

import dev.cairn.checkpoint.model.TrainingState;
import dev.cairn.spark.coordinator.CoordinationException;
import dev.cairn.spark.coordinator.Recovered;
import dev.cairn.spark.coordinator.Recovery;
import dev.cairn.spark.coordinator.ShardGroup;
import dev.cairn.spark.transport.ShardAddress;
import dev.cairn.spark.transport.TransportException;
import java.io.IOException;
import java.util.HashSet;
import java.util.Set;
import java.util.function.LongFunction;

/**
 * Trains segment after segment, with a checkpoint at every cut where one is due, until the end, or
 * until the held-out losses end training ({@link EpochEnds}), or a request to stop. When an
 * executor is lost it goes back to the last committed step and on from there; when one has joined
 * or is going to end, shards change hands at a cut.
 *
 * <p>A segment ends at the next checkpoint, and after about {@value #SEGMENT_SECONDS} seconds
 * anyway, so that a request to stop is noticed soon. The ends of segments change no trained bit.
 * One thread runs it.
 */
final class TrainingRun implements AutoCloseable {
  private static final int SEGMENT_SECONDS = 3;
  private static final long FIRST_SEGMENT_STEPS = 64;

  private final Segments segments;
  private final Saves saves;
  private final Recovery recovery;
  private final Schedule schedule;
  private final EpochEnds ends;
  private final LongFunction<TrainingState> stateAt;
  private final LossMeter meter;
  private final Trainer.Stop stop;
  private final boolean unsaved;
  private ShardGroup group;
  private long step;
  private long savedStep;
  private long segmentSteps = FIRST_SEGMENT_STEPS;

  /** The owners that are going to end and for whose sake a cut was saved. */
  private final Set<ShardAddress> savedFor = new HashSet<>();

  /** The durable step when a save that was to precede a hand-over failed. */
  private long failedAfter = Long.MIN_VALUE;

  /**
   * Makes a run of shards that hold the schedule's first step.
   *
   * @param stateAt gives the state that is saved with the shards after a step
   * @param unsaved whether the run's folder has no checkpoint of the first step
   */
  TrainingRun(
      ShardGroup group,
      Segments segments,
      Saves saves,
      Recovery recovery,
      Schedule schedule,
      EpochEnds ends,
      LongFunction<TrainingState> stateAt,
      LossMeter meter,
      Trainer.Stop stop,
      boolean unsaved) {
    this.group = group;
    this.segments = segments;
    this.saves = saves;
    this.recovery = recovery;
    this.schedule = schedule;
    this.ends = ends;
    this.stateAt = stateAt;
    this.meter = meter;
    this.stop = stop;
    this.step = schedule.firstStep();
    this.savedStep = step;
    this.unsaved = unsaved;
  }

  /**
   * Trains up to the schedule's end, or to the next cut after a request to stop, and returns when
   * the last checkpoint is durable.
   *
   * @return the number of steps applied
   */
  long run() throws IOException, InterruptedException {
    while (true) {
      try {
        train();
        return step;
      } catch (SegmentFailedException | CoordinationException | TransportException e) {
        recover(e);
      }
    }
  }

  private void train() throws IOException, InterruptedException {
    while (step < schedule.endStep() && !ends.over() && !stop.requested()) {
      rebalance();
      segment();
      ends.reached(group, step, segments.lossUnits());
      meter.resume();
      if (ends.keep(step)) {
        saves.saveSurely(stateAt.apply(step));
        savedStep = step;
        meter.resume();
      } else if (schedule.checkpointDue(step)) {
        save();
      }
    }
    meter.end(step);
    if (savedStep != step || (unsaved && step == schedule.firstStep())) {
      if (step == schedule.endStep()) { // where nothing was left to train, it was not judged
        ends.test(group, step);
      }
      saves.saveSurely(stateAt.apply(step));
      savedStep = step;
    }
    saves.finish();
  }

  private void segment() throws IOException, InterruptedException {
    long cut = Math.min(schedule.nextCut(step), ends.next(step));
    long to = Math.min(cut, step + segmentSteps);
    long nanos = segments.run(group, step, to);
    segmentSteps = Math.max(1, (to - step) * SEGMENT_SECONDS * 1_000_000_000L / (nanos + 1));
    step = to;
    var unused = meter.sample(group);
  }

  private void save() throws IOException, InterruptedException {
    if (saves.save(stateAt.apply(step))) {
      savedStep = step;
    }
    meter.resume();
  }

  private void recover(IOException why) throws IOException, InterruptedException {
    long reached = Math.max(step, meter.seenStep());
    meter.recovering(why);
    Recovered done = recovery.recover(group, saves.coordinator(), saves::base, reached, why);
    goOn(done);
    step = done.step();
    savedStep = step;
    ends.goBack(saves.newestOf(step));
    failedAfter = Long.MIN_VALUE;
    segmentSteps = Math.min(segmentSteps, FIRST_SEGMENT_STEPS);
  }

  /**
   * Lets shards change hands at a cut, if executors have joined or are going to end. When no member
   * can take the shards of those that end, these are at least saved, once.
   */
  private void rebalance() throws IOException, InterruptedException {
    boolean wanted = recovery.wantsRebalancing(group);
    boolean noticed = !savedFor.containsAll(recovery.leaving(group));
    if ((!wanted && !noticed) || saves.durableStep() == failedAfter) {
      return;
    }
    // The save in flight may be of this very step: a second one of it would be refused.
    saves.coordinator().await();
    Recovery.Base base = saves.base();
    if (base.step() != step || base.path().isEmpty()) {
      if (saves.saveNow(stateAt.apply(step)).isEmpty()) {
        // Reported and counted. To try at every cut would soon be more failures than are tolerated.
        failedAfter = saves.durableStep();
        return;
      }
      savedStep = step;
      base = saves.base();
    }
    if (!wanted) {
      savedFor.addAll(recovery.leaving(group));
      meter.resume();
      return;
    }
    goOn(recovery.rebalance(group, saves.coordinator(), base));
  }

  private void goOn(Recovered done) {
    group = done.group();
    meter.goBack(done);
  }

  /** Releases the shards of the last generation. */
  @Override
  public void close() {
    group.close();
  }
}
