package dev.cairn.spark.ml;

import dev.cairn.spark.model.Decision;
import org.apache.spark.ml.linalg.DenseVector;
import org.apache.spark.ml.linalg.Vector;

/** What a {@link Decision} says of Spark's vectors. */
final class Decisions {
  private Decisions() {}

  /** Replaces a raw prediction by probabilities, in place. */
  static Vector probability(Decision decision, Vector raw) {
    decision.probabilities(((DenseVector) raw).values());
    return raw;
  }

  /** The prediction for a raw prediction, which stays as it is. */
  static double ofRaw(Decision decision, Vector raw) {
    return decision.ofRaw(raw.toArray());
  }

  /** The prediction for probabilities, which stay as they are. */
  static double ofProbability(Decision decision, Vector probability) {
    return decision.ofProbabilities(probability.toArray());
  }
}
