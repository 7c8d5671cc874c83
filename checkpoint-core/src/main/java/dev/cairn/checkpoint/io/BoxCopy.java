package dev.cairn.checkpoint.io;

import dev.cairn.checkpoint.model.Shape;
import dev.cairn.checkpoint.model.Slice;

/**
 * The stretches of elements that a stored slice and a wanted region share, each contiguous in both.
 * There is one stretch if slice and region span the whole of the inner dimensions.
 */
final class BoxCopy {

  private BoxCopy() {}

  /** Receives a stretch. */
  interface Stretch {
    /**
     * Receives a stretch: elements {@code [from, from + count)} of the slice are {@code [to, to +
     * count)} of the region.
     */
    void copy(long from, long to, long count);
  }

  static void stretches(Shape shape, Slice slice, Slice region, Stretch stretch) {
    int rank = shape.rank();
    if (rank == 0) {
      stretch.copy(0, 0, 1);
      return;
    }
    long[] starts = new long[rank];
    long[] lengths = new long[rank];
    for (int d = 0; d < rank; d++) {
      starts[d] = Math.max(slice.start(d), region.start(d));
      long end =
          Math.min(
              slice.start(d) + slice.length(d, shape), region.start(d) + region.length(d, shape));
      lengths[d] = end - starts[d];
      if (lengths[d] <= 0) {
        return;
      }
    }
    // The innermost dimension that is cut ends the stretches; all within it is contiguous.
    int cut = rank - 1;
    while (cut > 0
        && slice.length(cut, shape) == shape.dim(cut)
        && region.length(cut, shape) == shape.dim(cut)) {
      cut--;
    }
    long inner = 1;
    for (int d = cut + 1; d < rank; d++) {
      inner *= shape.dim(d);
    }
    walk(shape, slice, region, starts, lengths, 0, cut, 0, 0, inner, stretch);
  }

  private static void walk(
      Shape shape,
      Slice slice,
      Slice region,
      long[] starts,
      long[] lengths,
      int d,
      int cut,
      long from,
      long to,
      long inner,
      Stretch stretch) {
    long sliceRow = from * slice.length(d, shape) + starts[d] - slice.start(d);
    long regionRow = to * region.length(d, shape) + starts[d] - region.start(d);
    if (d == cut) {
      stretch.copy(sliceRow * inner, regionRow * inner, lengths[d] * inner);
      return;
    }
    for (long i = 0; i < lengths[d]; i++) {
      walk(
          shape,
          slice,
          region,
          starts,
          lengths,
          d + 1,
          cut,
          sliceRow + i,
          regionRow + i,
          inner,
          stretch);
    }
  }
}
