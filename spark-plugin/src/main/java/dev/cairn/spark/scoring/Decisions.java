package dev.cairn.spark.scoring;

import dev.cairn.spark.model.Decision;
import org.apache.spark.ml.linalg.DenseVector;
import org.apache.spark.ml.linalg.Vector;

/** Applies a {@link Decision} to Spark's vectors. */
public final class Decisions {
  private Decisions() {}

  /** The raw prediction for a margin of two classes. */
  public static Vector raw(Decision.TwoSided decision, double margin) {
    double[] raw = new double[decision.size()];
    raw[0] = margin;
    decision.raw(raw);
    return new DenseVector(raw);
  }

  /** The prediction for a margin of two classes. */
  public static double ofMargin(Decision.TwoSided decision, double margin) {
    return decision.of(new double[] {margin}, 0);
  }

  /** Replaces a raw prediction by probabilities, in place. */
  public static Vector probability(Decision decision, Vector raw) {
    decision.probabilities(((DenseVector) raw).values());
    return raw;
  }

  /** The prediction for a raw prediction, which stays as it is. */
  public static double ofRaw(Decision decision, Vector raw) {
    return decision.ofRaw(raw.toArray());
  }

  /** The prediction for probabilities, which stay as they are. */
  public static double ofProbability(Decision decision, Vector probability) {
    return decision.ofProbabilities(probability.toArray());
  }
}
