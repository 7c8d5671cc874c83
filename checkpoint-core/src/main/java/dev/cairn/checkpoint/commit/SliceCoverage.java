package dev.cairn.checkpoint.commit;

import dev.cairn.checkpoint.model.CheckpointException.Mismatch;
import dev.cairn.checkpoint.model.Shape;
import dev.cairn.checkpoint.model.Slice;
import dev.cairn.checkpoint.model.StoredSlice;
import dev.cairn.checkpoint.model.VariableSpec;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Whether slices cover every element of every variable exactly once. TensorFlow checks this at
 * restore only, when it is too late. Slices may be cut in any dimension; the cost is near-linear
 * for cuts into rows.
 */
public final class SliceCoverage {

  private static final int LISTED = 20;

  private SliceCoverage() {}

  /**
   * Checks all slices of a checkpoint and hands them back by variable.
   *
   * @throws Mismatch naming every variable that is not covered exactly once, up to 20
   */
  public static SortedMap<String, List<StoredSlice>> check(Collection<StoredSlice> slices)
      throws Mismatch {
    SortedMap<String, List<StoredSlice>> byKey = new TreeMap<>();
    for (StoredSlice slice : slices) {
      byKey.computeIfAbsent(slice.variable().key(), key -> new ArrayList<>()).add(slice);
    }
    List<String> wrong = new ArrayList<>();
    for (List<StoredSlice> ofOne : byKey.values()) {
      ofOne.sort(Comparator.comparingLong(SliceCoverage::firstRow));
      String problem = problem(ofOne);
      if (!problem.isEmpty() && wrong.size() < LISTED) {
        wrong.add(problem);
      }
    }
    if (!wrong.isEmpty()) {
      throw new Mismatch(
          "Cannot commit checkpoint: expected slices that cover every variable exactly once, "
              + "found "
              + String.join("; ", wrong));
    }
    return byKey;
  }

  private static long firstRow(StoredSlice slice) {
    return slice.slice().rank() == 0 ? 0 : slice.slice().start(0);
  }

  private static String problem(List<StoredSlice> slices) {
    VariableSpec variable = slices.get(0).variable();
    for (StoredSlice slice : slices) {
      if (!slice.variable().equals(variable)) {
        return "variable " + variable + " also reported as " + slice.variable();
      }
      Shape part = slice.slice().shape(variable.shape());
      if (slices.size() > 1 && part.elements() == 0) {
        return describe(slice) + " empty";
      }
      int bytes = variable.dtype().elementBytes();
      if (bytes > 0 && slice.size() != part.elements() * bytes) {
        return describe(slice) + " of " + slice.size() + " bytes";
      }
    }
    if (slices.size() > 1 && !variable.dtype().sliceableInTensorFlow()) {
      return "variable " + variable + " in slices, which TensorFlow cannot put together";
    }
    String overlap = overlap(variable, slices);
    return overlap.isEmpty() ? gap(variable, slices) : overlap;
  }

  /** A sweep over the rows: only slices that are still open can overlap the next one. */
  private static String overlap(VariableSpec variable, List<StoredSlice> slices) {
    List<StoredSlice> open = new ArrayList<>();
    for (StoredSlice slice : slices) {
      long row = firstRow(slice);
      open.removeIf(earlier -> endRow(earlier) <= row);
      for (StoredSlice earlier : open) {
        if (intersect(variable.shape(), earlier.slice(), slice.slice())) {
          return describe(slice)
              + " (shard "
              + slice.shard()
              + ") overlapping "
              + earlier.slice()
              + " (shard "
              + earlier.shard()
              + ")";
        }
      }
      open.add(slice);
    }
    return "";
  }

  private static long endRow(StoredSlice slice) {
    return slice.slice().rank() == 0
        ? 1
        : slice.slice().start(0) + slice.slice().length(0, slice.variable().shape());
  }

  private static boolean intersect(Shape shape, Slice a, Slice b) {
    for (int d = 0; d < shape.rank(); d++) {
      if (a.start(d) + a.length(d, shape) <= b.start(d)
          || b.start(d) + b.length(d, shape) <= a.start(d)) {
        return false;
      }
    }
    return true;
  }

  private static String gap(VariableSpec variable, List<StoredSlice> slices) {
    Shape shape = variable.shape();
    long covered = 0;
    long row = 0;
    for (StoredSlice slice : slices) {
      if (firstRow(slice) > row) {
        return "variable " + variable + " without rows " + row + " to " + (firstRow(slice) - 1);
      }
      row = Math.max(row, endRow(slice));
      covered += slice.slice().shape(shape).elements();
    }
    if (shape.rank() > 0 && row < shape.dim(0)) {
      return "variable " + variable + " without rows " + row + " to " + (shape.dim(0) - 1);
    }
    return covered == shape.elements()
        ? ""
        : "variable " + variable + " with " + covered + " of its " + shape.elements() + " elements";
  }

  private static String describe(StoredSlice slice) {
    return "variable " + slice.variable() + " slice " + slice.slice();
  }
}
