package dev.cairn.spark.trainer;

import dev.cairn.spark.coordinator.ShardGroup;
import java.io.IOException;

/** Takes the steps between two cuts. */
interface Segments {

  /**
   * Takes the steps after {@code from} up to {@code to} and returns the nanoseconds that this took.
   *
   * @throws DivergedException when the loss is no longer a finite number
   * @throws DataChangedException when training data was computed again and differs from what it was
   * @throws SegmentFailedException when an executor was lost or a task could not go on
   */
  long run(ShardGroup group, long from, long to) throws IOException, InterruptedException;

  /**
   * The losses of the batches of the last segment, as {@link TrainingLosses} counts them: one
   * number for each epoch that it took steps of, or none where losses are not counted.
   */
  default long[] lossUnits() {
    return new long[0];
  }
}
