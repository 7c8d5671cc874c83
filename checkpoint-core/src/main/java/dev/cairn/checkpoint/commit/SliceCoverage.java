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
 * Checks that slices cover every element of every variable exactly once. TensorFlow checks this at
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
      ofOne.sort(Comparator.comparingLong(slice -> start(slice, 0)));
      String problem = reported(ofOne);
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

  private static String reported(List<StoredSlice> slices) {
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
    return problem(slices);
  }

  /**
   * The reason why slices of one variable do not cover it exactly once: two that overlap, or a
   * hole; empty if they do.
   */
  public static String problem(List<StoredSlice> slices) {
    String overlap = overlap(slices);
    return overlap.isEmpty() ? gap(slices) : overlap;
  }

  /**
   * The first two slices of one variable that overlap, in words; empty if none do. A sweep over the
   * dimension that is cut most: only slices that are still open can overlap the next one.
   */
  public static String overlap(List<StoredSlice> slices) {
    if (slices.size() < 2) {
      return "";
    }
    Shape shape = slices.get(0).variable().shape();
    int d = mostCut(slices);
    List<StoredSlice> sorted = new ArrayList<>(slices);
    sorted.sort(Comparator.comparingLong(slice -> start(slice, d)));
    List<StoredSlice> open = new ArrayList<>();
    for (StoredSlice slice : sorted) {
      long from = start(slice, d);
      open.removeIf(earlier -> end(earlier, d) <= from);
      for (StoredSlice earlier : open) {
        if (intersect(shape, earlier.slice(), slice.slice())) {
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

  private static int mostCut(List<StoredSlice> slices) {
    int best = 0;
    long most = 0;
    for (int d = 0; d < slices.get(0).slice().rank(); d++) {
      int dimension = d;
      long cuts = slices.stream().mapToLong(slice -> start(slice, dimension)).distinct().count();
      if (cuts > most) {
        best = d;
        most = cuts;
      }
    }
    return best;
  }

  private static long start(StoredSlice slice, int d) {
    return slice.slice().rank() == 0 ? 0 : slice.slice().start(d);
  }

  private static long end(StoredSlice slice, int d) {
    return slice.slice().rank() == 0
        ? 1
        : slice.slice().start(d) + slice.slice().length(d, slice.variable().shape());
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

  private static String gap(List<StoredSlice> slices) {
    VariableSpec variable = slices.get(0).variable();
    Shape shape = variable.shape();
    List<StoredSlice> sorted = new ArrayList<>(slices);
    sorted.sort(Comparator.comparingLong(slice -> start(slice, 0)));
    long covered = 0;
    long row = 0;
    for (StoredSlice slice : sorted) {
      if (start(slice, 0) > row) {
        return "variable " + variable + " without rows " + row + " to " + (start(slice, 0) - 1);
      }
      row = Math.max(row, end(slice, 0));
      covered += slice.elements();
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
