package dev.cairn.spark.scoring;

import dev.cairn.spark.data.LabelKind;
import dev.cairn.spark.model.Model;
import dev.cairn.spark.model.TestCounter;
import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/**
 * Judges a model by rows with labels, in any JVM that it is sent to.
 *
 * @param scores the scores of rows; they refuse a bad one
 * @param threshold the threshold of {@link Model#counter}
 * @param column the column of labels, for messages
 */
public record RowJudge(Model model, RowScores scores, double threshold, String column)
    implements Serializable {
  TestCounter counter() {
    return model.counter(threshold);
  }

  double checked(@Nullable Double label) {
    LabelKind kind = model.labels();
    if (label == null || !kind.allows(label)) {
      throw new IllegalArgumentException(
          "Cannot judge a row: column "
              + column
              + ", expected "
              + kind.expected()
              + ", found "
              + label);
    }
    return label;
  }
}
