package dev.cairn.checkpoint.model;

import java.io.Serializable;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Base64;
import java.util.Locale;

/**
 * The scales and means by which the numeric features of a model were standardised before it was
 * trained: all are divided by their standard deviations, and those that are in most rows are
 * centred at their means. They are a part of the model, as its weights are: a weight belongs to
 * {@code (value - mean) / scale}. Scoring does what packing does: a value is {@link #scaled}, and
 * the margin is lessened by each {@linkplain #shifts shift} times its weight. For people, {@link
 * #coefficient} is the factor of a value as it stands in the data, and {@link #intercept} is what
 * is added.
 *
 * <p>A feature that is not named here was taken as it is (scale 1, mean 0): indicators, such as
 * hashed categories. A scale of 0 means that the feature was constant: it counts nothing, and its
 * coefficient is 0. Immutable, thread-safe.
 */
public final class FeatureScales implements Serializable {
  private static final long serialVersionUID = 1L;

  /** No scales: every feature is taken as it is. */
  public static final FeatureScales NONE =
      new FeatureScales(new int[0], new double[0], new double[0]);

  /** The number of features among which a search takes as long as a walk over them. */
  private static final int SEARCHED = 16;

  private final int[] ids;
  private final double[] scales;
  private final double[] means;

  /**
   * Makes scales of some features, none of which is centred.
   *
   * @param ids the features, from 0 on, ascending
   * @param scales finite numbers from 0 on, one a feature
   */
  public FeatureScales(int[] ids, double[] scales) {
    this(ids, scales, new double[ids.length]);
  }

  /**
   * Makes scales and means of some features.
   *
   * @param ids the features, from 0 on, ascending
   * @param scales finite numbers from 0 on, one a feature
   * @param means finite numbers, one a feature; 0 for one that is not centred or constant
   */
  public FeatureScales(int[] ids, double[] scales, double[] means) {
    if (ids.length != scales.length || ids.length != means.length) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "Cannot scale features: expected one scale and mean a feature, found %d and %d for"
                  + " %d",
              scales.length,
              means.length,
              ids.length));
    }
    this.ids = ids.clone();
    this.scales = scales.clone();
    this.means = means.clone();
    for (int i = 0; i < ids.length; i++) {
      boolean ascends = ids[i] > (i == 0 ? -1 : ids[i - 1]);
      boolean scaled = scales[i] >= 0 && scales[i] <= Double.MAX_VALUE;
      boolean centred = Double.isFinite(means[i]) && (scales[i] > 0 || means[i] == 0);
      if (!ascends || !scaled || !centred) {
        throw new IllegalArgumentException(
            String.format(
                Locale.ROOT,
                "Cannot scale features: expected ascending ids, scales from 0 on and finite means,"
                    + " found feature %d with %s and %s",
                ids[i],
                scales[i],
                means[i]));
      }
    }
  }

  /** The number of features that are named. */
  public int size() {
    return ids.length;
  }

  /** Whether every feature is taken as it is. */
  public boolean isEmpty() {
    return ids.length == 0;
  }

  /** The features that are named, ascending. */
  public int[] ids() {
    return ids.clone();
  }

  /** The divisor of a feature's values; 0 for a constant feature. */
  public double scale(int id) {
    int at = isEmpty() ? -1 : Arrays.binarySearch(ids, id);
    return at < 0 ? 1 : scales[at];
  }

  /** The number that is taken from a feature's values; 0 for one that is not centred. */
  public double mean(int id) {
    int at = isEmpty() ? -1 : Arrays.binarySearch(ids, id);
    return at < 0 ? 0 : means[at];
  }

  /** The factor of a feature's value as it stands in the data, roundings apart. */
  public double coefficient(int id, float weight) {
    return divided(weight, scale(id));
  }

  /** The value that training and scoring use: divided by its scale, a float. */
  public static float scaled(float value, double scale) {
    return (float) divided(value, scale);
  }

  private static double divided(double number, double scale) {
    return scale == 0 ? 0 : number / scale;
  }

  /** The features that are centred, ascending: those whose weights {@link #intercept} takes. */
  public int[] centred() {
    int[] centred = new int[ids.length];
    int count = 0;
    for (int i = 0; i < ids.length; i++) {
      if (means[i] != 0) {
        centred[count++] = ids[i];
      }
    }
    return Arrays.copyOf(centred, count);
  }

  /** The mean divided by the scale, of each of {@link #centred()}. */
  public double[] shifts() {
    double[] shifts = new double[ids.length];
    int count = 0;
    for (int i = 0; i < ids.length; i++) {
      if (means[i] != 0) {
        shifts[count++] = means[i] / scales[i];
      }
    }
    return Arrays.copyOf(shifts, count);
  }

  /**
   * The intercept: the term that is added to a row's sum of coefficients times values, as these
   * stand in the data.
   *
   * @param bias the model's bias
   * @param weights the weights of the features {@link #centred()}, in their order
   */
  public double intercept(float bias, float[] weights) {
    double[] shifts = shifts();
    double intercept = bias;
    for (int i = 0; i < shifts.length; i++) {
      intercept -= shifts[i] * weights[i];
    }
    return intercept;
  }

  /**
   * Finds the scales of some features.
   *
   * @param features ids at {@code [from, to)}, ascending
   * @param found receives the scale of feature {@code features[from + i]} at place i
   * @return whether one of them is named
   */
  public boolean find(int[] features, int from, int to, double[] found) {
    int at = from == to || isEmpty() ? ids.length : firstNotBelow(features[from]);
    boolean any = false;
    boolean few = to - from < ids.length / SEARCHED;
    for (int i = from; i < to; i++) {
      if (few) {
        at = firstNotBelow(features[i]);
      }
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

  /**
   * Encodes this as text: base64 of the number of named features (int32), their ids (int32), their
   * scales (float64), and then of each that is centred its place among them (int32) and its mean
   * (float64), little-endian.
   */
  public String encode() {
    int named = Integer.BYTES + (Integer.BYTES + Double.BYTES) * ids.length;
    int centred = (Integer.BYTES + Double.BYTES) * centred().length;
    ByteBuffer bytes = ByteBuffer.allocate(named + centred).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putInt(ids.length);
    for (int id : ids) {
      bytes.putInt(id);
    }
    for (double scale : scales) {
      bytes.putDouble(scale);
    }
    for (int i = 0; i < ids.length; i++) {
      if (means[i] != 0) {
        bytes.putInt(i).putDouble(means[i]);
      }
    }
    return Base64.getEncoder().encodeToString(bytes.array());
  }

  /**
   * As a table for other programs: a line of names, then one of feature, scale and mean for each
   * feature that is named, the mean 0 for one that is not centred.
   */
  public String csv() {
    StringBuilder table = new StringBuilder("feature,scale,mean\n");
    for (int i = 0; i < ids.length; i++) {
      table.append(ids[i]).append(',').append(scales[i]).append(',').append(means[i]).append('\n');
    }
    return table.toString();
  }

  /**
   * Reads what {@link #encode} wrote.
   *
   * @throws IllegalArgumentException if it is something else
   */
  public static FeatureScales decode(String text) {
    ByteBuffer bytes =
        ByteBuffer.wrap(Base64.getDecoder().decode(text)).order(ByteOrder.LITTLE_ENDIAN);
    int pair = Integer.BYTES + Double.BYTES;
    int count = bytes.remaining() < Integer.BYTES ? -1 : bytes.getInt();
    if (count < 0 || count > bytes.remaining() / pair || bytes.remaining() % pair != 0) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "Cannot read scales of features: expected %d of them, found %d bytes",
              count,
              bytes.capacity()));
    }
    int[] ids = new int[count];
    double[] scales = new double[count];
    double[] means = new double[count];
    for (int i = 0; i < count; i++) {
      ids[i] = bytes.getInt();
    }
    for (int i = 0; i < count; i++) {
      scales[i] = bytes.getDouble();
    }
    while (bytes.hasRemaining()) {
      int place = bytes.getInt();
      if (place < 0 || place >= count) {
        throw new IllegalArgumentException(
            String.format(
                Locale.ROOT,
                "Cannot read means of features: expected one of %d, found %d",
                count,
                place));
      }
      means[place] = bytes.getDouble();
    }
    return new FeatureScales(ids, scales, means);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof FeatureScales that
        && Arrays.equals(ids, that.ids)
        && Arrays.equals(scales, that.scales)
        && Arrays.equals(means, that.means);
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
