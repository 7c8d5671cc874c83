package dev.cairn.spark.model;

import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/**
 * The rule from a row's margins to its raw prediction, from there to probabilities, where a model
 * has some, and to the prediction: one rule for columns, for single rows and for figures. A raw
 * prediction is an array of {@link #size} numbers that has the margins from place {@link #first}
 * on. It is sent to executors; immutable.
 */
public sealed interface Decision extends Serializable {

  /** The number of numbers in a raw prediction: at least as many as a row has margins. */
  int size();

  /** The place of the margins in a raw prediction. */
  default int first() {
    return 0;
  }

  /**
   * Makes margins a raw prediction.
   *
   * @param margins the margins in the first places; the raw prediction afterwards
   */
  default void raw(double[] margins) {}

  /**
   * The prediction for a row.
   *
   * @param margins margins, of which this row's begin at {@code from}; they stay as they are
   */
  double of(double[] margins, int from);

  /** The prediction for a raw prediction, which stays as it is. */
  default double ofRaw(double[] raw) {
    return of(raw, first());
  }

  /** Replaces a raw prediction by probabilities, in place. */
  default void probabilities(double[] raw) {
    throw new UnsupportedOperationException("a model without probabilities");
  }

  /** The prediction for probabilities, which stay as they are. */
  default double ofProbabilities(double[] probabilities) {
    throw new UnsupportedOperationException("a model without probabilities");
  }

  /** Two classes by one margin m: the raw prediction is -m and m. */
  sealed interface TwoSided extends Decision {
    @Override
    default int size() {
      return 2;
    }

    @Override
    default int first() {
      return 1;
    }

    @Override
    default void raw(double[] margins) {
      margins[1] = margins[0];
      margins[0] = -margins[0];
    }
  }

  /**
   * Two classes with probabilities: the margin is the logarithm of the odds of label 1.
   *
   * @param threshold 1 is predicted if its probability is above this
   */
  record Odds(double threshold) implements TwoSided {
    private static final long serialVersionUID = 1L;

    /** Whether label 1 is predicted from its probability. */
    boolean one(double probability) {
      return probability > threshold;
    }

    @Override
    public double of(double[] margins, int from) {
      return one(LogisticLoss.probability(margins[from])) ? 1 : 0;
    }

    @Override
    public void probabilities(double[] raw) {
      double one = LogisticLoss.probability(raw[1]);
      raw[0] = 1 - one;
      raw[1] = one;
    }

    @Override
    public double ofProbabilities(double[] probabilities) {
      return one(probabilities[1]) ? 1 : 0;
    }
  }

  /**
   * Two classes without probabilities.
   *
   * @param threshold 1 is predicted if the margin is above this
   */
  record Side(double threshold) implements TwoSided {
    private static final long serialVersionUID = 1L;

    @Override
    public double of(double[] margins, int from) {
      return margins[from] > threshold ? 1 : 0;
    }
  }

  /**
   * Any number of classes: the raw prediction is a margin for each, probabilities are in proportion
   * to their exponentials.
   *
   * @param thresholds the class is predicted whose probability is largest when divided by its
   *     threshold; null for the one of the greatest margin. Among equal ones it is the first
   */
  record Softmax(int size, double @Nullable [] thresholds) implements Decision {
    private static final long serialVersionUID = 1L;

    @Override
    public double of(double[] margins, int from) {
      if (thresholds == null) {
        return greatest(margins, from);
      }
      double[] shares = new double[size];
      System.arraycopy(margins, from, shares, 0, size);
      probabilities(shares);
      return ofProbabilities(shares);
    }

    private int greatest(double[] numbers, int from) {
      int best = 0;
      for (int k = 1; k < size; k++) {
        if (numbers[from + k] > numbers[from + best]) {
          best = k;
        }
      }
      return best;
    }

    @Override
    public void probabilities(double[] raw) {
      double largest = raw[0];
      for (double value : raw) {
        largest = Math.max(largest, value);
      }
      double sum = 0;
      for (int k = 0; k < raw.length; k++) {
        raw[k] = StrictMath.exp(raw[k] - largest);
        sum += raw[k];
      }
      for (int k = 0; k < raw.length; k++) {
        raw[k] /= sum;
      }
    }

    @Override
    public double ofProbabilities(double[] probabilities) {
      if (thresholds == null) {
        return greatest(probabilities, 0);
      }
      int best = 0;
      double most = Double.NEGATIVE_INFINITY;
      for (int k = 0; k < size; k++) {
        double scaled = probabilities[k] / thresholds[k]; // NaN, of 0 and 0, is never the most
        if (scaled > most) {
          most = scaled;
          best = k;
        }
      }
      return best;
    }
  }

  /**
   * A number: the margin, or a loss's link function of it.
   *
   * @param loss the loss with the link function; null for the margin
   */
  record Value(@Nullable MarginLoss loss) implements Decision {
    private static final long serialVersionUID = 1L;

    @Override
    public int size() {
      return 1;
    }

    @Override
    public double of(double[] margins, int from) {
      return loss == null ? margins[from] : loss.prediction(margins[from]);
    }
  }
}
