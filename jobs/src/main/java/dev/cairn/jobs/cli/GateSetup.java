package dev.cairn.jobs.cli;

import dev.cairn.jobs.config.JobException;
import dev.cairn.jobs.config.RefreshKeys;
import dev.cairn.jobs.config.Text;
import dev.cairn.jobs.config.TrainConf;
import dev.cairn.spark.refresh.Gate;

/** Makes the gate of a configuration. */
public final class GateSetup {
  private GateSetup() {}

  /**
   * The gate with all of its thresholds.
   *
   * @throws JobException for keys that contradict each other
   */
  public static Gate of(TrainConf conf) {
    try {
      return new Gate(
          conf.get(RefreshKeys.VALUE),
          conf.get(RefreshKeys.CHANGE),
          conf.get(RefreshKeys.ROWS),
          conf.get(RefreshKeys.SLICES),
          conf.get(RefreshKeys.SLICE_CHANGE),
          conf.get(RefreshKeys.SLICE_ROWS));
    } catch (IllegalArgumentException e) {
      throw new JobException(
          Text.format("%s (gate.slices, gate.slice.change)", String.valueOf(e.getMessage())), e);
    }
  }
}
