package dev.cairn.spark.ml;

import dev.cairn.spark.settings.ModelSettings;
import java.io.Serializable;
import java.util.Arrays;
import org.apache.spark.ml.param.DoubleArrayParam;
import org.apache.spark.ml.param.DoubleParam;
import org.apache.spark.ml.param.Params;
import org.jspecify.annotations.Nullable;

/**
 * The two parameters of the probability above which label 1 is predicted, {@code threshold} and
 * {@code thresholds}, with the rules that hold for both in MLlib's LogisticRegression: setting one
 * clears the other; where both are set nevertheless, through a ParamMap, they must agree. With more
 * than two classes each has its threshold.
 */
final class Thresholds implements Serializable {
  private static final long serialVersionUID = 1L;

  private static final double SAME = 1e-5;

  /** A stage that has these parameters. */
  interface Owner extends Params {
    /** The parameters. */
    Thresholds thresholdState();
  }

  final DoubleParam threshold;
  private final DoubleArrayParam thresholds;
  private final Params owner;

  Thresholds(Params owner, DoubleArrayParam thresholds) {
    this.owner = owner;
    this.thresholds = thresholds;
    threshold = SettingParams.number(owner, ModelSettings.THRESHOLD);
  }

  void set(double value) {
    owner.set(threshold, value);
    owner.clear(thresholds);
  }

  void set(double[] values) {
    owner.set(thresholds, values);
    owner.clear(threshold);
  }

  /** The one threshold of two classes, from whichever is set. */
  double one() {
    check(2);
    return owner.isSet(thresholds)
        ? fromTwo(owner.getOrDefault(thresholds))
        : (Double) owner.getOrDefault(threshold);
  }

  /**
   * One threshold for each label, from whichever is set.
   *
   * @param classes the number of classes, 0 where that is not known
   */
  double[] all(int classes) {
    check(classes);
    if (owner.isSet(thresholds)) {
      return owner.getOrDefault(thresholds).clone();
    }
    if (classes > 2) {
      double[] equal = new double[classes];
      Arrays.fill(equal, 1);
      return equal;
    }
    double one = (Double) owner.getOrDefault(threshold);
    return new double[] {1 - one, one};
  }

  /** The thresholds of more than two classes; null where none are set. */
  double @Nullable [] many(int classes) {
    check(classes);
    return owner.isSet(thresholds) ? owner.getOrDefault(thresholds).clone() : null;
  }

  /**
   * Checks that both agree, for two classes, and that each class has its threshold.
   *
   * @param classes the number of classes, 0 where that is not known
   * @throws IllegalArgumentException if not
   */
  void check(int classes) {
    if (!owner.isSet(thresholds)) {
      return;
    }
    double[] set = owner.getOrDefault(thresholds);
    if (classes > 0 && set.length != classes) {
      throw new IllegalArgumentException(
          "Cannot use thresholds: expected "
              + classes
              + " numbers, one for each label, found "
              + Arrays.toString(set));
    }
    if (set.length != 2) {
      return; // the other one is for two classes
    }
    double implied = fromTwo(set);
    double one = (Double) owner.getOrDefault(threshold);
    if (owner.isSet(threshold) && Math.abs(one - implied) >= SAME) {
      throw new IllegalArgumentException(
          "Cannot use threshold and thresholds together: expected both to say the same, found "
              + one
              + " and "
              + Arrays.toString(set)
              + ", which means "
              + implied
              + "; set one of them only");
    }
  }

  /** The probability p1 from which on p1 / t1 is greater than p0 / t0. */
  private static double fromTwo(double[] two) {
    return 1 / (1 + two[0] / two[1]);
  }
}
