package dev.cairn.spark.trainer;

import dev.cairn.spark.data.TrainingData;
import org.jspecify.annotations.Nullable;

/**
 * The rows that a run judges its parameters on and does not train on, packed as the training data.
 *
 * @param heldOut judged at the end of each epoch: they decide when training ends and what its
 *     result is; null for none
 * @param test judged where parameters may be the run's result, just before they are saved: they
 *     decide nothing; null for none
 * @param threshold the probability above which 1 is predicted for a test row
 */
public record JudgingRows(
    @Nullable TrainingData heldOut, @Nullable TrainingData test, double threshold)
    implements AutoCloseable {

  /** No rows. */
  public static final JudgingRows NONE = new JudgingRows(null, null, 0.5);

  /** The fingerprint of the held-out rows; null for none. */
  @Nullable String fingerprint() {
    return heldOut == null ? null : heldOut.fingerprint();
  }

  /** Refuses labels that a model has no class for. */
  void requireClasses(int classes) {
    if (heldOut != null) {
      heldOut.requireClasses(classes);
    }
    if (test != null) {
      test.requireClasses(classes);
    }
  }

  /** Refuses rows with offsets, for a model that does not add them to anything. */
  void refuseOffsets(String model) {
    if (heldOut != null) {
      heldOut.refuseOffsets(model);
    }
    if (test != null) {
      test.refuseOffsets(model);
    }
  }

  /** The same rows with their features divided by the training data's scales. */
  JudgingRows likeScaled(TrainingData data) {
    return new JudgingRows(likeScaled(heldOut, data), likeScaled(test, data), threshold);
  }

  /** Those of these rows that are not another's: what was made of it. */
  JudgingRows beside(JudgingRows other) {
    return new JudgingRows(
        heldOut == other.heldOut ? null : heldOut, test == other.test ? null : test, threshold);
  }

  private static @Nullable TrainingData likeScaled(@Nullable TrainingData rows, TrainingData data) {
    return rows == null || rows.scales().equals(data.scales())
        ? rows
        : rows.rescaled(data.scales());
  }

  /** Drops the cached batches. */
  @Override
  public void close() {
    if (heldOut != null) {
      heldOut.close();
    }
    if (test != null) {
      test.close();
    }
  }
}
