package dev.cairn.spark.data;

import dev.cairn.checkpoint.model.FeatureScales;
import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Packs the samples of one logical partition. Beside the samples and the packed arrays it needs
 * memory for one batch. For single use.
 *
 * <p>A batch's distinct ids are found by sorting (id, place) pairs, packed into longs, with a radix
 * sort of as many digits as the feature space needs; a place's local id is then the number of
 * distinct ids before it.
 */
final class Packer {
  private static final int DIGIT_BITS = 11;
  private static final int DIGIT_MASK = (1 << DIGIT_BITS) - 1;

  private final RowChunk source;
  private final int[] order;
  private final PackRules rules;
  private final int features;
  private final int batches;
  private final int[] starts;
  private final int[] columns;
  private long[] pairs = new long[0];
  private long[] sorted = new long[0];
  private int[] rows = new int[16];
  private int rowCount;
  private double[] scales = new double[0];

  /** Features that are in every batch, since the margin of every sample depends on them. */
  private final int[] centred;

  /** Their places among the rows of each batch, batch after batch. */
  private final int[] centredPlaces;

  Packer(RowChunk source, int[] order, PackRules rules) {
    this.rules = rules;
    this.features = rules.features();
    this.batches = rules.batches();
    if (batches < 1 || features < 1 || order.length != source.rows()) {
      throw new IllegalArgumentException(
          "Cannot pack samples: expected at least one batch and feature and a place for each of the"
              + String.format(
                  Locale.ROOT,
                  " %d samples, found %d batches, %d features, %d places",
                  source.rows(),
                  batches,
                  features,
                  order.length));
    }
    this.source = source;
    this.order = order;
    this.starts = new int[order.length + 1];
    this.columns = new int[source.ids().length];
    this.centred = rules.scales().centred();
    this.centredPlaces = new int[Math.multiplyExact(centred.length, batches)];
  }

  PackedPartition pack(int partition) {
    int samples = order.length;
    float[] labels = new float[samples];
    boolean plain = source.values().length == 0 && rules.scales().isEmpty();
    float[] values = plain ? null : new float[columns.length];
    for (int i = 0; i < samples; i++) {
      copySample(i, order[i], labels, values);
    }
    int[] rowsStart = new int[batches + 1];
    for (int b = 0; b < batches; b++) {
      int first = PackedPartition.firstSample(samples, b, batches);
      int end = PackedPartition.firstSample(samples, b + 1, batches);
      if (end > first) {
        renumber(starts[first], starts[end], b);
        if (values != null) {
          divide(values, starts[first], starts[end], rowsStart[b]);
        }
      }
      rowsStart[b + 1] = rowCount;
    }
    return new PackedPartition(
        partition,
        TrainingData.fingerprint(source),
        labels,
        starts,
        columns,
        values,
        weights(),
        offsets(),
        Arrays.copyOf(rows, rowCount),
        rowsStart,
        centredPlaces,
        rules.scales().shifts());
  }

  /** The weights of the samples in their order, null when all are 1. */
  private float @Nullable [] weights() {
    if (source.weights().length == 0) {
      return null;
    }
    float[] weights = new float[order.length];
    boolean equal = true;
    for (int i = 0; i < order.length; i++) {
      weights[i] = (float) (source.weights()[order[i]] * rules.weightFactor());
      equal &= weights[i] == 1;
    }
    return equal ? null : weights;
  }

  /** The offsets of the samples in their order, null when all are 0. */
  private float @Nullable [] offsets() {
    if (source.offsets().length == 0) {
      return null;
    }
    float[] offsets = new float[order.length];
    boolean none = true;
    for (int i = 0; i < order.length; i++) {
      offsets[i] = source.offsets()[order[i]];
      none &= offsets[i] == 0;
    }
    return none ? null : offsets;
  }

  /** Divides the values of one batch, whose rows begin at {@code firstRow}, by their scales. */
  private void divide(float[] values, int from, int to, int firstRow) {
    int distinct = rowCount - firstRow;
    if (scales.length < distinct) {
      scales = new double[distinct + distinct / 8];
    }
    if (rules.scales().find(rows, firstRow, rowCount, scales)) {
      for (int k = from; k < to; k++) {
        values[k] = FeatureScales.scaled(values[k], scales[columns[k]]);
      }
    }
  }

  /** Copies sample {@code from} of the source to place {@code to}, its ids still global. */
  private void copySample(int to, int from, float[] labels, float @Nullable [] values) {
    int first = source.starts()[from];
    int length = source.starts()[from + 1] - first;
    labels[to] = rules.labels().stored(source.labels()[from]);
    System.arraycopy(source.ids(), first, columns, starts[to], length);
    if (values != null && source.values().length > 0) {
      System.arraycopy(source.values(), first, values, starts[to], length);
    } else if (values != null) {
      Arrays.fill(values, starts[to], starts[to] + length, 1f);
    }
    starts[to + 1] = starts[to] + length;
  }

  /** Replaces the global ids in {@code columns[from..to)} by local ones; adds the distinct rows. */
  private void renumber(int from, int to, int batch) {
    int n = to - from;
    int all = Math.addExact(n, centred.length);
    if (pairs.length < all) {
      pairs = new long[all + all / 8];
      sorted = new long[all + all / 8];
    }
    for (int k = 0; k < n; k++) {
      int id = columns[from + k];
      if (id < 0 || id >= features) {
        throw new IllegalArgumentException(
            String.format(
                Locale.ROOT,
                "Cannot pack samples: feature id, expected 0 to %d, found %d",
                features - 1,
                id));
      }
      pairs[k] = (long) id << 32 | k;
    }
    for (int c = 0; c < centred.length; c++) {
      pairs[n + c] = (long) centred[c] << 32 | (n + c);
    }
    sortPairs(all);
    int local = -1;
    int previous = -1;
    for (int k = 0; k < all; k++) {
      int id = (int) (pairs[k] >>> 32);
      if (id != previous) {
        addRow(id);
        local++;
        previous = id;
      }
      int place = (int) pairs[k];
      if (place < n) {
        columns[from + place] = local;
      } else {
        centredPlaces[batch * centred.length + place - n] = local;
      }
    }
  }

  /** Sorts {@code pairs[0..n)} by id: least significant digit first, stable. */
  private void sortPairs(int n) {
    int idBits = Integer.SIZE - Integer.numberOfLeadingZeros(features - 1);
    for (int shift = Integer.SIZE; shift < Integer.SIZE + idBits; shift += DIGIT_BITS) {
      int[] next = new int[DIGIT_MASK + 2];
      for (int k = 0; k < n; k++) {
        next[((int) (pairs[k] >>> shift) & DIGIT_MASK) + 1]++;
      }
      for (int d = 0; d < DIGIT_MASK; d++) {
        next[d + 1] += next[d];
      }
      for (int k = 0; k < n; k++) {
        sorted[next[(int) (pairs[k] >>> shift) & DIGIT_MASK]++] = pairs[k];
      }
      long[] swap = pairs;
      pairs = sorted;
      sorted = swap;
    }
  }

  private void addRow(int row) {
    if (rowCount == rows.length) {
      rows = Arrays.copyOf(rows, grown(rows.length));
    }
    rows[rowCount++] = row;
  }

  /** One and a half times a length, up to the longest array. */
  private static int grown(int length) {
    return (int) Math.min(Integer.MAX_VALUE - 16L, length + (length >> 1) + 16L);
  }
}
