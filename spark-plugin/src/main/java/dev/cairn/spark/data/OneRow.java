package dev.cairn.spark.data;

import dev.cairn.checkpoint.model.FeatureScales;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A row that is scored as a batch of one sample, made as packing makes it, so that it has the same
 * margins, bit for bit. Values are rounded to float, zeros are left out, values are divided by
 * their features' scales and rounded again, and the centred features are among the ids.
 *
 * <p>A batch is a view of arrays that the next row overwrites; they stay as large as the largest
 * row was. A value beyond float becomes infinite, and the row's margins become infinite or NaN. Not
 * thread-safe.
 */
public final class OneRow {
  private final FeatureScales scales;
  private final InputSpec inputs;
  private final int[] centred;
  private final double[] shifts;
  private final int[] centredPlaces;
  private final float[] label = new float[1];
  private final float[] offset = new float[1];
  private final int[] starts = new int[2];

  /** The row's features, ascending, and their values. */
  private int[] entries = new int[0];

  private float[] values = new float[0];
  private double[] divisors = new double[0];

  /** Local ids of the features: without centred ones they count from 0 on, in every row. */
  private int[] columns = new int[0];

  /** The row's features and the centred ones; without these it is {@link #entries}. */
  private int[] ids = new int[0];

  private @Nullable Batch last;

  /**
   * Makes one for rows whose features are standardised by scales.
   *
   * @param inputs the features of a row
   */
  public OneRow(FeatureScales scales, InputSpec inputs) {
    this.scales = scales;
    this.inputs = inputs;
    this.centred = scales.centred();
    this.shifts = scales.shifts();
    this.centredPlaces = new int[centred.length];
  }

  /**
   * Makes a batch of a row of some features; the others are 0.
   *
   * @param features the features, ascending, the first {@code count} places
   * @param numbers their values, at the same places
   * @param added the row's offset; 0 for none
   */
  public Batch of(int[] features, double[] numbers, int count, double added) {
    offset[0] = (float) added + 0f;
    room(count);
    int kept = 0;
    for (int k = 0; k < count; k++) {
      float value = (float) numbers[k];
      if (value != 0f) {
        entries[kept] = features[k];
        values[kept++] = value;
      }
    }
    return batch(kept);
  }

  /**
   * Makes a batch of a row of all features.
   *
   * @param numbers the values of the features from 0 on
   * @param added the row's offset; 0 for none
   */
  public Batch of(double[] numbers, double added) {
    offset[0] = (float) added + 0f;
    room(numbers.length);
    int kept = 0;
    for (int id = 0; id < numbers.length; id++) {
      float value = (float) numbers[id];
      if (value != 0f) {
        entries[kept] = id;
        values[kept++] = value;
      }
    }
    return batch(kept);
  }

  /** Gives the row a label, as packing does. */
  public void label(LabelKind kind, double value) {
    label[0] = kind.stored((float) value);
  }

  private void room(int count) {
    if (entries.length >= count) {
      return;
    }
    int length = (int) Math.min(Integer.MAX_VALUE - 16L, count + count / 2L);
    entries = new int[length];
    values = new float[length];
    divisors = new double[scales.isEmpty() ? 0 : length];
    columns = new int[length];
    for (int k = 0; k < length; k++) {
      columns[k] = k;
    }
    ids = centred.length == 0 ? entries : new int[Math.addExact(length, centred.length)];
    last = null;
  }

  private Batch batch(int count) {
    String problem = inputs.problem(entries, values, count);
    if (problem != null) {
      throw new IllegalArgumentException("Cannot score a row: " + problem);
    }
    if (!scales.isEmpty() && scales.find(entries, 0, count, divisors)) {
      for (int k = 0; k < count; k++) {
        values[k] = FeatureScales.scaled(values[k], divisors[k]);
      }
    }
    starts[1] = count;
    int distinct = centred.length == 0 ? count : withCentred(count);
    Batch known = last;
    float[] offsets = offset[0] == 0 ? null : offset;
    if (known == null || known.idsTo() != distinct || known.offsets() != offsets) {
      known =
          new Batch(
              1,
              0,
              label,
              starts,
              columns,
              values,
              null,
              offsets,
              ids,
              0,
              distinct,
              centredPlaces,
              0,
              shifts);
      last = known;
    }
    return known;
  }

  /** Merges the features with the centred ones; returns their number. */
  private int withCentred(int count) {
    if (ids.length < centred.length) {
      ids = Arrays.copyOf(ids, centred.length);
    }
    int n = 0;
    int c = 0;
    for (int k = 0; k < count; k++) {
      while (c < centred.length && centred[c] < entries[k]) {
        centredPlaces[c] = n;
        ids[n++] = centred[c++];
      }
      if (c < centred.length && centred[c] == entries[k]) {
        centredPlaces[c++] = n;
      }
      columns[k] = n;
      ids[n++] = entries[k];
    }
    while (c < centred.length) {
      centredPlaces[c] = n;
      ids[n++] = centred[c++];
    }
    return n;
  }
}
