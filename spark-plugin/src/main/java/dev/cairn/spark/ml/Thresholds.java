package dev.cairn.spark.ml;

import java.io.Serializable;
import java.util.Arrays;
import org.apache.spark.ml.param.DoubleArrayParam;
import org.apache.spark.ml.param.DoubleParam;
import org.apache.spark.ml.param.ParamValidators;
import org.apache.spark.ml.param.Params;

/**
 * The two parameters that say from which probability on label 1 is predicted, {@code threshold} and
 * {@code thresholds}, with the rules that hold for both in MLlib's LogisticRegression: setting one
 * clears the other; where both are set nevertheless, through a ParamMap, they must agree.
 */
final class Thresholds implements Serializable {
  private static final long serialVersionUID = 1L;

  private static final double SAME = 1e-5;

  final DoubleParam threshold;
  private final DoubleArrayParam thresholds;
  private final Params owner;

  Thresholds(Params owner, DoubleArrayParam thresholds) {
    this.owner = owner;
    this.thresholds = thresholds;
    threshold =
        new DoubleParam(
            owner,
            "threshold",
            "probability of label 1 above which 1 is predicted, 0 to 1",
            ParamValidators.inRange(0, 1));
    owner.setDefault(threshold, 0.5);
  }

  void set(double value) {
    owner.set(threshold, value);
    owner.clear(thresholds);
  }

  void set(double[] values) {
    owner.set(thresholds, values);
    owner.clear(threshold);
  }

  /** The one threshold, from whichever is set. */
  double one() {
    check();
    return owner.isSet(thresholds)
        ? fromTwo(owner.getOrDefault(thresholds))
        : (Double) owner.getOrDefault(threshold);
  }

  /** One threshold for each of the two labels, from whichever is set. */
  double[] two() {
    check();
    if (owner.isSet(thresholds)) {
      return owner.getOrDefault(thresholds).clone();
    }
    double one = (Double) owner.getOrDefault(threshold);
    return new double[] {1 - one, one};
  }

  /**
   * Checks that both say the same.
   *
   * @throws IllegalArgumentException if not, or if there are not two thresholds
   */
  void check() {
    if (!owner.isSet(thresholds)) {
      return;
    }
    double[] two = owner.getOrDefault(thresholds);
    if (two.length != 2) {
      throw new IllegalArgumentException(
          "Cannot use thresholds: expected 2 numbers, one for each label, found "
              + Arrays.toString(two));
    }
    double implied = fromTwo(two);
    double one = (Double) owner.getOrDefault(threshold);
    if (owner.isSet(threshold) && Math.abs(one - implied) >= SAME) {
      throw new IllegalArgumentException(
          "Cannot use threshold and thresholds together: expected both to say the same, found "
              + one
              + " and "
              + Arrays.toString(two)
              + ", which means "
              + implied
              + "; set one of them only");
    }
  }

  /** p1 / t1 is the greater one of p0 / t0 and p1 / t1 from here on. */
  private static double fromTwo(double[] two) {
    return 1 / (1 + two[0] / two[1]);
  }
}
