package dev.cairn.spark.scoring;

import dev.cairn.spark.model.Decision;
import org.apache.spark.ml.linalg.DenseVector;
import org.apache.spark.ml.linalg.Vector;

/** Applies a {@link Decision} to Spark's vectors. */
public final class Decisions {
  private Decisions() {}

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
