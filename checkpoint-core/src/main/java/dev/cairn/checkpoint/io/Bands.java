package dev.cairn.checkpoint.io;

import dev.cairn.checkpoint.model.Shape;
import dev.cairn.checkpoint.model.Slice;
import org.jspecify.annotations.Nullable;

/**
 * Cuts a box within a shape into pieces, one after another: each is contiguous in the box's own
 * row-major order, and together they are the box. Any other box that meets the pieces in this order
 * is walked through from front to back as well. Not thread-safe.
 */
final class Bands {

  private final Shape shape;
  private final Slice box;
  private final int cut;
  private final long step;
  private final long[] at;
  private boolean done;

  /**
   * Makes the pieces of a box.
   *
   * @param most the largest number of elements of a piece, at least 1
   */
  Bands(Shape shape, Slice box, long most) {
    this.shape = shape;
    this.box = box;
    int last = Math.max(0, shape.rank() - 1);
    long inner = 1;
    while (last > 0 && box.length(last, shape) <= most / inner) {
      inner *= Math.max(1, box.length(last, shape));
      last--;
    }
    this.cut = last;
    this.step = Math.max(1, most / inner);
    this.at = new long[shape.rank()];
    this.done = box.shape(shape).elements() == 0;
  }

  /** The next piece, as a slice of the shape; null if there is none. */
  @Nullable Slice next() {
    if (done) {
      return null;
    }
    int rank = shape.rank();
    long[] starts = new long[rank];
    long[] lengths = new long[rank];
    for (int d = 0; d < rank; d++) {
      starts[d] = box.start(d) + at[d];
      lengths[d] = d < cut ? 1 : box.length(d, shape);
    }
    if (rank > 0) {
      lengths[cut] = Math.min(step, lengths[cut] - at[cut]);
    }
    advance();
    return Slice.of(starts, lengths);
  }

  private void advance() {
    long by = step;
    for (int d = cut; d >= 0 && d < at.length; d--) {
      at[d] += by;
      if (at[d] < box.length(d, shape)) {
        return;
      }
      at[d] = 0;
      by = 1;
    }
    done = true;
  }
}
