package dev.cairn.checkpoint.bundle;

import dev.cairn.checkpoint.model.CheckpointException.Corrupt;
import dev.cairn.checkpoint.model.Shape;
import dev.cairn.checkpoint.model.Slice;
import dev.cairn.checkpoint.model.StoredSlice;
import dev.cairn.checkpoint.model.VariableSpec;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Which stored slices a region of a variable needs: those that touch it. They must cover it without
 * gap and without overlap, as TensorFlow demands when it reads.
 */
public final class RegionPlan {

  private RegionPlan() {}

  /**
   * The slices that touch a region, by the place where they lie.
   *
   * @param slices all stored slices of the variable
   * @throws Corrupt if two of them overlap within the region, or some of it is in none
   */
  public static List<StoredSlice> of(
      VariableSpec variable, List<StoredSlice> slices, Slice region, String file) throws Corrupt {
    Shape full = variable.shape();
    if (!region.fits(full)) {
      throw new IllegalArgumentException(
          "Cannot read region " + region + " of " + variable + ": it is not within it");
    }
    List<StoredSlice> touching = new ArrayList<>();
    long covered = 0;
    for (StoredSlice stored : slices) {
      long elements = intersection(full, stored.slice(), region);
      if (elements > 0) {
        touching.add(stored);
        covered += elements;
      }
    }
    overlap(variable, touching, region, file);
    long wanted = region.shape(full).elements();
    if (covered != wanted) {
      throw new Corrupt(
          "Cannot read region ["
              + region
              + "] of "
              + variable
              + ": its slices leave a gap, expected "
              + wanted
              + " elements, found "
              + covered
              + " in "
              + touching.size()
              + " slices (path="
              + file
              + "); restore an older checkpoint");
    }
    touching.sort(
        Comparator.comparingInt(StoredSlice::shard).thenComparingLong(StoredSlice::offset));
    return touching;
  }

  /** A sweep along the dimension with the most different starts: there the fewest are open. */
  private static void overlap(
      VariableSpec variable, List<StoredSlice> slices, Slice region, String file) throws Corrupt {
    if (slices.size() < 2) {
      return;
    }
    Shape full = variable.shape();
    int axis = 0;
    long most = 0;
    for (int d = 0; d < full.rank(); d++) {
      int dim = d;
      long starts = slices.stream().mapToLong(s -> s.slice().start(dim)).distinct().count();
      if (starts > most) {
        most = starts;
        axis = d;
      }
    }
    int dim = axis;
    slices.sort(Comparator.comparingLong(s -> s.slice().start(dim)));
    List<Slice> open = new ArrayList<>();
    for (StoredSlice stored : slices) {
      Slice next = stored.slice();
      open.removeIf(s -> s.start(dim) + s.length(dim, full) <= next.start(dim));
      for (Slice earlier : open) {
        if (intersection(full, earlier, next) > 0 && meetWithin(full, earlier, next, region)) {
          throw new Corrupt(
              "Cannot read "
                  + variable
                  + ": expected slices that do not overlap, found ["
                  + earlier
                  + "] and ["
                  + next
                  + "] (path="
                  + file
                  + "); restore an older checkpoint");
        }
      }
      open.add(next);
    }
  }

  private static boolean meetWithin(Shape full, Slice a, Slice b, Slice region) {
    for (int d = 0; d < full.rank(); d++) {
      long from = Math.max(Math.max(a.start(d), b.start(d)), region.start(d));
      long to =
          Math.min(
              Math.min(a.start(d) + a.length(d, full), b.start(d) + b.length(d, full)),
              region.start(d) + region.length(d, full));
      if (from >= to) {
        return false;
      }
    }
    return true;
  }

  private static long intersection(Shape full, Slice a, Slice b) {
    long elements = 1;
    for (int d = 0; d < full.rank(); d++) {
      long from = Math.max(a.start(d), b.start(d));
      long to = Math.min(a.start(d) + a.length(d, full), b.start(d) + b.length(d, full));
      if (from >= to) {
        return 0;
      }
      elements *= to - from;
    }
    return elements;
  }
}
