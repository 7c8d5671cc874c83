package dev.cairn.spark.trainer;

import dev.cairn.checkpoint.model.DataPosition;
import dev.cairn.checkpoint.model.TrainingState;
import dev.cairn.spark.coordinator.ShardGroup;
import java.io.IOException;

/**
 * Trains: segment after segment, a checkpoint at every cut that asks for one, until the end or
 * until somebody asks to stop.
 *
 * <p>A segment ends at the next checkpoint, and after about {@value #SEGMENT_SECONDS} seconds
 * anyway, so that a request to stop is heard soon. Where segments end changes no trained bit. One
 * thread runs it; {@link #stop} may be called from any.
 */
final class TrainingRun {
  private static final int SEGMENT_SECONDS = 3;
  private static final long FIRST_SEGMENT_STEPS = 64;

  private final ShardGroup group;
  private final SegmentRunner segments;
  private final Saves saves;
  private final Schedule schedule;
  private final TrainingSettings settings;
  private final TrainingData data;
  private final LossMeter meter;
  private final Trainer.Stop stop;
  private long savedStep;

  TrainingRun(
      ShardGroup group,
      SegmentRunner segments,
      Saves saves,
      Schedule schedule,
      TrainingSettings settings,
      TrainingData data,
      LossMeter meter,
      Trainer.Stop stop) {
    this.group = group;
    this.segments = segments;
    this.saves = saves;
    this.schedule = schedule;
    this.settings = settings;
    this.data = data;
    this.meter = meter;
    this.stop = stop;
    this.savedStep = schedule.firstStep();
  }

  /**
   * Trains up to the schedule's end, or to the next cut after a request to stop, and returns when
   * the last checkpoint is durable.
   *
   * @return steps applied
   */
  long run() throws IOException, InterruptedException {
    long step = schedule.firstStep();
    boolean fresh = step == 0;
    long segmentSteps = FIRST_SEGMENT_STEPS;
    while (step < schedule.endStep() && !stop.requested()) {
      long to = Math.min(schedule.nextCut(step), step + segmentSteps);
      long nanos = segments.run(group, data, step, to, settings.seed(), schedule.epochStart());
      segmentSteps = Math.max(1, (to - step) * SEGMENT_SECONDS * 1_000_000_000L / (nanos + 1));
      step = to;
      meter.sample(group);
      if (schedule.checkpointDue(step)) {
        save(step);
      }
    }
    if (savedStep != step || (fresh && step == 0)) {
      saves.saveLast(state(step));
    }
    saves.finish();
    return step;
  }

  private void save(long step) throws IOException, InterruptedException {
    if (saves.save(state(step))) {
      savedStep = step;
    }
    meter.resume();
  }

  private TrainingState state(long step) {
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
}
