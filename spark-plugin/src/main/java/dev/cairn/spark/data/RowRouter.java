package dev.cairn.spark.data;

import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import scala.Tuple2;

/**
 * Sends rows to their logical partitions: an iterator of (partition, chunk) over a source of rows.
 *
 * <p>A row's partition is a function of its content ({@link RowHash}), so the same data always
 * falls into the same partitions, however it is stored and read. Rows are checked on the way: the
 * label is of the expected kind, the weight is finite and not negative, the offset is finite, ids
 * lie in the feature space and ascend, values are finite, spaces of ids have one. Rows of weight 0
 * are left out: they are as if they were not there. Holds at most about {@value #BUDGET} bytes of
 * rows. Not thread-safe.
 */
public final class RowRouter implements Iterator<Tuple2<Integer, RowChunk>> {
  private static final int BUDGET = 32 << 20;

  private final LabelKind labels;
  private final InputSpec inputs;
  private final int features;
  private final RowChunkBuilder[] builders;
  private final int flushBytes;
  private final Predicate<RowRouter> source;
  private final ArrayDeque<Tuple2<Integer, RowChunk>> ready = new ArrayDeque<>();
  private int[] keptIds = new int[64];
  private float[] keptValues = new float[64];

  /** Whether all values that were kept are 1. */
  private boolean plain;

  private boolean drained;
  private long row;

  /**
   * Creates a router of rows of one space.
   *
   * @param features size of the feature space; ids are below it
   */
  public RowRouter(LabelKind labels, int features, int partitions, Predicate<RowRouter> source) {
    this(labels, InputSpec.sparse(features), partitions, source);
  }

  /**
   * Creates a router.
   *
   * @param labels the kind of the labels
   * @param inputs the features of a row
   * @param partitions number of logical partitions
   * @param source adds its next row through {@link #add} and returns true, or returns false at its
   *     end
   */
  public RowRouter(
      LabelKind labels, InputSpec inputs, int partitions, Predicate<RowRouter> source) {
    this.labels = labels;
    this.inputs = inputs;
    this.features = inputs.features();
    this.builders = new RowChunkBuilder[partitions];
    for (int p = 0; p < partitions; p++) {
      builders[p] = new RowChunkBuilder();
    }
    this.flushBytes = Math.max(4096, BUDGET / partitions);
    this.source = source;
  }

  /** Adds one row without an offset. */
  public void add(double label, double weight, int[] ids, double[] values, int count) {
    add(label, weight, 0, ids, values, count);
  }

  /**
   * Adds one row.
   *
   * @param label the label, of the expected kind; in data of -1 and 1, -1 stands for 0
   * @param weight the row's weight, 0 or more; 1 for rows without weights
   * @param offset the number that is added to the row's margin and not trained; 0 for rows without
   *     offsets
   * @param ids feature ids, ascending, the first {@code count} places
   * @param values the features' values at the same places
   * @throws InvalidRowException naming what is wrong with the row
   */
  public void add(
      double label, double weight, double offset, int[] ids, double[] values, int count) {
    row++;
    if (!labels.allows(label)) {
      throw bad("label, expected " + labels.expected() + ", found " + label);
    }
    float stored = (float) weight;
    if (!(weight >= 0) || stored == Float.POSITIVE_INFINITY || (stored == 0 && weight > 0)) {
      throw bad(
          "weight, expected 0 or a finite number above it, within float32, found "
              + weight
              + "; correct the column of weights or filter such rows out");
    }
    float added = (float) offset + 0f; // -0 and 0 are one number
    if (!Float.isFinite(added)) {
      throw bad(
          "offset, expected a finite number within float32, found "
              + offset
              + "; correct the column of offsets or filter such rows out");
    }
    int kept = keep(ids, values, count);
    String problem = inputs.problem(keptIds, plain ? null : keptValues, kept);
    if (problem != null) {
      throw bad(problem + "; correct or filter such rows");
    }
    if (stored > 0) {
      route((float) label, stored, added, kept);
    }
  }

  /** Keeps the features that are not 0, checked; returns their number. */
  private int keep(int[] ids, double[] values, int count) {
    if (keptIds.length < count) {
      keptIds = new int[count * 2];
      keptValues = new float[count * 2];
    }
    int kept = 0;
    plain = true;
    for (int k = 0; k < count; k++) {
      int id = ids[k];
      if (id < 0 || id >= features || (k > 0 && id <= ids[k - 1])) {
        throw bad("feature id " + id + ", expected ascending ids from 0 to " + (features - 1));
      }
      float value = (float) values[k];
      if (!Float.isFinite(value)) {
        throw bad(
            "feature "
                + id
                + ", expected a finite value within float32, found "
                + values[k]
                + "; clean the input or filter such rows out");
      }
      // A stored zero means the same as an absent entry: both forms of a row are one row.
      if (value != 0f) {
        keptIds[kept] = id;
        keptValues[kept++] = value;
        plain &= value == 1f;
      }
    }
    return kept;
  }

  private InvalidRowException bad(String what) {
    return new InvalidRowException("Cannot train on row " + row + " of a split: " + what);
  }

  private void route(float label, float weight, float offset, int count) {
    float @Nullable [] values = plain ? null : keptValues;
    // Data of -1 and 1 falls into the places of data of 0 and 1: it is the same data.
    long hash = RowHash.of(labels.stored(label), weight, offset, keptIds, values, 0, count);
    int partition = (int) Long.remainderUnsigned(hash, builders.length);
    RowChunkBuilder builder = builders[partition];
    builder.add(hash, label, weight, offset, keptIds, values, count);
    if (builder.bytes() >= flushBytes) {
      ready.add(new Tuple2<>(partition, builder.drain()));
    }
  }

  @Override
  public boolean hasNext() {
    while (ready.isEmpty() && !drained) {
      if (!source.test(this)) {
        drained = true;
        for (int p = 0; p < builders.length; p++) {
          if (!builders[p].isEmpty()) {
            ready.add(new Tuple2<>(p, builders[p].drain()));
          }
        }
      }
    }
    return !ready.isEmpty();
  }

  @Override
  public Tuple2<Integer, RowChunk> next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    return ready.remove();
  }
}
