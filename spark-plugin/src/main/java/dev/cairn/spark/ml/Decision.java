package dev.cairn.spark.ml;

import dev.cairn.spark.model.LogisticLoss;
import java.io.Serializable;
import org.apache.spark.ml.linalg.DenseVector;
import org.apache.spark.ml.linalg.Vector;
import org.jspecify.annotations.Nullable;

/**
 * From a row's margins to its raw prediction, from there to probabilities, where a model has some,
 * and to what is predicted. Sent to executors; immutable.
 */
sealed interface Decision extends Serializable {

  /** How many numbers a raw prediction has: at least as many as a row has margins. */
  int size();

  /**
   * Makes margins a raw prediction.
   *
   * @param margins in the first places; the raw prediction afterwards
   */
  void raw(double[] margins);

  /** Replaces a raw prediction by probabilities, in place. */
  default Vector probability(Vector raw) {
    throw new UnsupportedOperationException("a model without probabilities");
  }

  /** The prediction for probabilities. */
  default double ofProbability(Vector probability) {
    throw new UnsupportedOperationException("a model without probabilities");
  }

  /** The prediction for a raw prediction, which stays as it is. */
  default double ofRaw(Vector raw) {
    return ofProbability(probability(raw.copy()));
  }

  private static void twoSided(double[] margin) {
    margin[1] = margin[0];
    margin[0] = -margin[0];
  }

  /**
   * Two classes: the raw prediction is -m and m, m being the logarithm of the odds of label 1.
   *
   * @param threshold 1 is predicted if its probability is above this
   */
  record Odds(double threshold) implements Decision {
    private static final long serialVersionUID = 1L;

    @Override
    public int size() {
      return 2;
    }

    @Override
    public void raw(double[] margins) {
      twoSided(margins);
    }

    @Override
    public Vector probability(Vector raw) {
      double[] values = ((DenseVector) raw).values();
      double one = LogisticLoss.probability(values[1]);
      values[0] = 1 - one;
      values[1] = one;
      return raw;
    }

    @Override
    public double ofProbability(Vector probability) {
      return probability.apply(1) > threshold ? 1 : 0;
    }
  }

  /**
   * Two classes without probabilities: the raw prediction is -m and m.
   *
   * @param threshold 1 is predicted if m is above this
   */
  record Side(double threshold) implements Decision {
    private static final long serialVersionUID = 1L;

    @Override
    public int size() {
      return 2;
    }

    @Override
    public void raw(double[] margins) {
      twoSided(margins);
    }

    @Override
    public double ofRaw(Vector raw) {
      return raw.apply(1) > threshold ? 1 : 0;
    }
  }

  /**
   * Any number of classes: the raw prediction is a margin for each, probabilities are in proportion
   * to their exponentials.
   *
   * @param thresholds the class is predicted whose probability is largest when divided by its
   *     threshold; null for the most probable one
   */
  record Softmax(int size, double @Nullable [] thresholds) implements Decision {
    private static final long serialVersionUID = 1L;

    @Override
    public void raw(double[] margins) {}

    @Override
    public Vector probability(Vector raw) {
      double[] values = ((DenseVector) raw).values();
      double largest = values[0];
      for (double value : values) {
        largest = Math.max(largest, value);
      }
      double sum = 0;
      for (int k = 0; k < values.length; k++) {
        values[k] = StrictMath.exp(values[k] - largest);
        sum += values[k];
      }
      for (int k = 0; k < values.length; k++) {
        values[k] /= sum;
      }
      return raw;
    }

    @Override
    public double ofProbability(Vector probability) {
      if (thresholds == null) {
        return probability.argmax();
      }
      int best = 0;
      double most = Double.NEGATIVE_INFINITY;
      for (int k = 0; k < size; k++) {
        double scaled = probability.apply(k) / thresholds[k]; // NaN, of 0 and 0, is never the most
        if (scaled > most) {
          most = scaled;
          best = k;
        }
      }
      return best;
    }
  }

  /**
   * A number: the margin, or its exponential.
   *
   * @param exponential which of them
   */
  record Mean(boolean exponential) implements Decision {
    private static final long serialVersionUID = 1L;

    @Override
    public int size() {
      return 1;
    }

    @Override
    public void raw(double[] margins) {}

    @Override
    public double ofRaw(Vector raw) {
      return exponential ? StrictMath.exp(raw.apply(0)) : raw.apply(0);
    }
  }
}
