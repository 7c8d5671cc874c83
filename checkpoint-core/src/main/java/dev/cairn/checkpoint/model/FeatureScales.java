package dev.cairn.checkpoint.model;

import java.io.Serializable;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Base64;
import java.util.Locale;

/**
 * What the numeric features of a model were divided by before it was trained: their standard
 * deviations. A part of the model, as its weights are: a weight belongs to the divided value, so
 * the coefficient of the value as it stands in the data is {@code weight / scale}.
 *
 * <p>A feature that is not named here was taken as it is (scale 1): indicators, such as hashed
 * categories. A scale of 0 says that the feature was constant: it says nothing and counts nothing,
 * its coefficient is 0. Immutable, thread-safe.
 */
public final class FeatureScales implements Serializable {
  private static final long serialVersionUID = 1L;

  /** Every feature as it is. */
  public static final FeatureScales NONE = new FeatureScales(new int[0], new double[0]);

  private static final int BYTES = Integer.BYTES + Double.BYTES;

  private final int[] ids;
  private final double[] scales;

  /**
   * Scales of some features.
   *
   * @param ids the features, from 0 on, ascending
   * @param scales finite numbers from 0 on, one a feature
   */
  public FeatureScales(int[] ids, double[] scales) {
    if (ids.length != scales.length) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "Cannot scale features: expected one scale a feature, found %d for %d",
              scales.length,
              ids.length));
    }
    this.ids = ids.clone();
    this.scales = scales.clone();
    for (int i = 0; i < ids.length; i++) {
      boolean ascends = ids[i] > (i == 0 ? -1 : ids[i - 1]);
      if (!ascends || !(scales[i] >= 0 && scales[i] <= Double.MAX_VALUE)) {
        throw new IllegalArgumentException(
            String.format(
                Locale.ROOT,
                "Cannot scale features: expected ascending ids and scales from 0 on, found feature"
                    + " %d with %s",
                ids[i],
                scales[i]));
      }
    }
  }

  /** How many features are named. */
  public int size() {
    return ids.length;
  }

  /** Whether every feature is taken as it is. */
  public boolean isEmpty() {
    return ids.length == 0;
  }

  /** The features that are named, ascending; a copy. */
  public int[] ids() {
    return ids.clone();
  }

  /** What a feature's values were divided by; 0 for a constant one. */
  public double scale(int id) {
    int at = isEmpty() ? -1 : Arrays.binarySearch(ids, id);
    return at < 0 ? 1 : scales[at];
  }

  /** What a feature's value, as it stands in the data, is multiplied by when a row is scored. */
  public double coefficient(int id, float weight) {
    return divided(weight, scale(id));
  }

  /** A number divided by a scale. */
  public static double divided(double number, double scale) {
    return scale == 0 ? 0 : number / scale;
  }

  /**
   * Finds the scales of some features in one walk over both.
   *
   * @param features ids at {@code [from, to)}, ascending
   * @param found receives the scale of feature {@code features[from + i]} at place i
   * @return whether one of them is not 1
   */
  public boolean find(int[] features, int from, int to, double[] found) {
    int at = from == to || isEmpty() ? ids.length : firstNotBelow(features[from]);
    boolean any = false;
    for (int i = from; i < to; i++) {
      while (at < ids.length && ids[at] < features[i]) {
        at++;
      }
      boolean named = at < ids.length && ids[at] == features[i];
      found[i - from] = named ? scales[at] : 1;
      any |= named;
    }
    return any;
  }

  private int firstNotBelow(int id) {
    int at = Arrays.binarySearch(ids, id);
    return at < 0 ? -at - 1 : at;
  }

  /** As text: base64 of all ids (int32), then all scales (float64), little-endian. */
  public String encode() {
    ByteBuffer bytes = ByteBuffer.allocate(BYTES * ids.length).order(ByteOrder.LITTLE_ENDIAN);
    for (int id : ids) {
      bytes.putInt(id);
    }
    for (double scale : scales) {
      bytes.putDouble(scale);
    }
    return Base64.getEncoder().encodeToString(bytes.array());
  }

  /**
   * Reads what {@link #encode} wrote.
   *
   * @throws IllegalArgumentException if it is something else
   */
  public static FeatureScales decode(String text) {
    ByteBuffer bytes =
        ByteBuffer.wrap(Base64.getDecoder().decode(text)).order(ByteOrder.LITTLE_ENDIAN);
    if (bytes.capacity() % BYTES != 0) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "Cannot read scales of features: expected a multiple of %d bytes, found %d",
              BYTES,
              bytes.capacity()));
    }
    int[] ids = new int[bytes.capacity() / BYTES];
    double[] scales = new double[ids.length];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = bytes.getInt();
    }
    for (int i = 0; i < ids.length; i++) {
      scales[i] = bytes.getDouble();
    }
    return new FeatureScales(ids, scales);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof FeatureScales that
        && Arrays.equals(ids, that.ids)
        && Arrays.equals(scales, that.scales);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(ids) + Arrays.hashCode(scales);
  }

  @Override
  public String toString() {
    return "FeatureScales[features=" + ids.length + "]";
  }
}
