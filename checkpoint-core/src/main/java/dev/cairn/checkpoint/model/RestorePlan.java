package dev.cairn.checkpoint.model;

import dev.cairn.checkpoint.model.CheckpointException.Mismatch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A plan of the stored slices to read for the regions that are wanted, file by file in the order of
 * the offsets; a slice wanted twice is read once. Planning is a pure function, near-linear in wants
 * plus slices read.
 *
 * @param files the reads of each file, by shard
 */
public record RestorePlan(List<FileReads> files) {

  /** Copies the list. */
  public RestorePlan {
    files = List.copyOf(files);
  }

  /**
   * A region that is wanted.
   *
   * @param variable the variable of the region
   * @param region the part of the variable; lengths may be -1
   */
  public record Want(VariableSpec variable, Slice region) {
    /** Checks that the region lies within the variable. */
    public Want {
      if (!region.fits(variable.shape())) {
        throw new IllegalArgumentException(
            "Cannot read region " + region + " of " + variable + ": it is not within the variable");
      }
    }
  }

  /**
   * One slice to be read.
   *
   * @param slice the slice and its place
   * @param wants the numbers of the wants that it serves, ascending
   */
  public record SliceRead(StoredSlice slice, List<Integer> wants) {}

  /**
   * The reads of one file.
   *
   * @param shard the file's number
   * @param reads the reads, by offset
   */
  public record FileReads(int shard, List<SliceRead> reads) {
    /** Copies the list. */
    public FileReads {
      reads = List.copyOf(reads);
    }

    /**
     * The same reads in several parts of about the same size, for as many readers; fewer parts if
     * there are fewer slices.
     */
    public List<FileReads> split(int parts) {
      List<FileReads> split = new ArrayList<>();
      long all = bytes();
      long before = 0;
      int from = 0;
      for (int i = 0; i < reads.size(); i++) {
        before += reads.get(i).slice().size();
        if (before >= all * (split.size() + 1) / parts || i == reads.size() - 1) {
          split.add(new FileReads(shard, reads.subList(from, i + 1)));
          from = i + 1;
        }
      }
      return split;
    }

    /** Bytes to be read. */
    public long bytes() {
      return reads.stream().mapToLong(read -> read.slice().size()).sum();
    }
  }

  /** Bytes to be read in all. */
  public long bytes() {
    return files.stream().mapToLong(FileReads::bytes).sum();
  }

  /**
   * Makes a plan.
   *
   * @param stored all slices by key
   * @throws Mismatch if a variable is missing, has another dtype or shape, or its slices do not
   *     cover a region exactly once; all such wants are listed
   */
  public static RestorePlan of(List<Want> wants, Map<String, List<StoredSlice>> stored)
      throws Mismatch {
    Map<String, SlicesByRow> byRow = new HashMap<>();
    IdentityHashMap<StoredSlice, List<Integer>> served = new IdentityHashMap<>();
    SortedMap<Integer, List<SliceRead>> files = new TreeMap<>();
    List<String> wrong = new ArrayList<>();
    for (int number = 0; number < wants.size(); number++) {
      Want want = wants.get(number);
      String key = want.variable().key();
      List<StoredSlice> slices = stored.get(key);
      if (slices == null || slices.isEmpty()) {
        wrong.add("variable " + want.variable() + " is missing");
        continue;
      }
      if (!slices.get(0).variable().equals(want.variable())) {
        wrong.add("variable " + want.variable() + " is stored as " + slices.get(0).variable());
        continue;
      }
      long found = 0;
      for (StoredSlice slice :
          byRow.computeIfAbsent(key, k -> new SlicesByRow(slices)).meeting(want.region())) {
        found += overlap(want, slice);
        List<Integer> numbers = served.get(slice);
        if (numbers == null) {
          numbers = new ArrayList<>(1);
          served.put(slice, numbers);
          files
              .computeIfAbsent(slice.shard(), shard -> new ArrayList<>())
              .add(new SliceRead(slice, numbers));
        }
        numbers.add(number);
      }
      long needed = want.region().shape(want.variable().shape()).elements();
      if (found != needed) {
        wrong.add(
            "variable "
                + want.variable()
                + " region "
                + want.region()
                + " has "
                + found
                + " stored elements of "
                + needed);
      }
    }
    if (!wrong.isEmpty()) {
      throw new Mismatch("Cannot restore: " + String.join("; ", wrong));
    }
    List<FileReads> plan = new ArrayList<>();
    files.forEach(
        (shard, reads) -> {
          reads.sort(Comparator.comparingLong(read -> read.slice().offset()));
          plan.add(new FileReads(shard, reads));
        });
    return new RestorePlan(plan);
  }

  private static long overlap(Want want, StoredSlice slice) {
    Shape shape = want.variable().shape();
    long elements = 1;
    for (int d = 0; d < shape.rank(); d++) {
      long start = Math.max(want.region().start(d), slice.slice().start(d));
      long end =
          Math.min(
              want.region().start(d) + want.region().length(d, shape),
              slice.slice().start(d) + slice.slice().length(d, shape));
      elements *= Math.max(0, end - start);
    }
    return elements;
  }

  /**
   * A variable's slices by first row, for a look-up in logarithmic time if they are cut into rows.
   * Not thread-safe.
   */
  static final class SlicesByRow {
    private final StoredSlice[] slices;
    private final long[] starts;
    private final long[] reach;
    private long looks;

    SlicesByRow(List<StoredSlice> unsorted) {
      slices = unsorted.toArray(StoredSlice[]::new);
      Arrays.sort(slices, Comparator.comparingLong(SlicesByRow::start));
      starts = new long[slices.length];
      reach = new long[slices.length];
      long furthest = 0;
      for (int i = 0; i < slices.length; i++) {
        starts[i] = start(slices[i]);
        furthest = Math.max(furthest, end(slices[i]));
        reach[i] = furthest;
      }
    }

    private static long start(StoredSlice slice) {
      return slice.slice().rank() == 0 ? 0 : slice.slice().start(0);
    }

    private static long end(StoredSlice slice) {
      return slice.slice().rank() == 0
          ? 1
          : start(slice) + slice.slice().length(0, slice.variable().shape());
    }

    /** The slices that share at least one element with a region. */
    List<StoredSlice> meeting(Slice region) {
      if (slices.length == 0) {
        return List.of();
      }
      VariableSpec variable = Objects.requireNonNull(slices[0]).variable();
      Want want = new Want(variable, region);
      boolean scalar = region.rank() == 0;
      long from = scalar ? 0 : region.start(0);
      long to = scalar ? 1 : from + region.length(0, variable.shape());
      List<StoredSlice> met = new ArrayList<>();
      for (int i = firstReaching(from); i < slices.length && starts[i] < to; i++) {
        looks++;
        if (overlap(want, slices[i]) > 0) {
          met.add(slices[i]);
        }
      }
      return met.isEmpty() ? Collections.emptyList() : met;
    }

    /** The number of slices that were looked at so far: the work. */
    long looks() {
      return looks;
    }

    /** The first slice such that it or one before it ends after a row. */
    private int firstReaching(long row) {
      int low = 0;
      int high = slices.length;
      while (low < high) {
        int middle = (low + high) >>> 1;
        looks++;
        if (reach[middle] > row) {
          high = middle;
        } else {
          low = middle + 1;
        }
      }
      return low;
    }
  }
}
