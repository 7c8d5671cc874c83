package dev.cairn.spark.model;

import dev.cairn.checkpoint.model.ModelDefinition;
import dev.cairn.spark.data.InputSpec;
import dev.cairn.spark.data.LabelKind;
import dev.cairn.spark.shard.ParameterLayout;
import dev.cairn.spark.shard.ParameterVariable;
import java.io.Serializable;
import java.util.List;

/**
 * A model: its variables, the rows that it is trained on, and its mathematics. A new one is a class
 * that implements this and a {@link Kernel}; training, saving, recovery and resharding work for it
 * as they do for all. It is immutable and sent to executors.
 */
public interface Model extends Serializable {
  /**
   * The model's definition in checkpoints: its kind, such as {@code logistic}, and all that decides
   * its variables and its results. Resuming compares it; for the kinds that {@link Models} has it
   * is enough to make the model again.
   */
  ModelDefinition definition();

  /** Its variables, in the order of their rows. */
  List<ParameterVariable> variables();

  /** The kind of the labels. */
  LabelKind labels();

  /** The number of classes; 0 where labels are not classes. */
  default int classes() {
    return 0;
  }

  /** The size of the feature space: the features of rows are below it. */
  int features();

  /**
   * The features of a row: one space of any features, unless a model cuts them into several, of
   * which each has a variable of its own. They are {@link #features} in all, and do not depend on
   * the number of classes.
   */
  default InputSpec inputs() {
    return InputSpec.sparse(features());
  }

  /**
   * Whether numeric features may be centred, as {@link dev.cairn.checkpoint.model.FeatureScales}
   * describes it: then the kernel uses {@link dev.cairn.spark.data.Batch#shifts}.
   */
  boolean centres();

  /**
   * Whether rows may have offsets: numbers that are added to their margins and not trained. Then
   * the kernel adds {@link dev.cairn.spark.data.Batch#offsets}; other models refuse rows with
   * offsets.
   */
  default boolean addsOffsets() {
    return false;
  }

  /** Makes a kernel for one thread. */
  Kernel kernel();

  /**
   * The rule that makes a prediction of a row's scores. Where labels are classes it is the one with
   * the greatest score, where they are numbers the score itself, unless a model overrides this.
   *
   * @param threshold for two classes of one score: the second one is predicted if the score, or the
   *     probability if the model has one, is above this
   */
  default Decision decision(double threshold) {
    if (labels() == LabelKind.NUMBER || labels() == LabelKind.COUNT) {
      return new Decision.Value(null);
    }
    int outputs = kernel().outputs();
    return outputs == 1 ? new Decision.Side(threshold) : new Decision.Softmax(outputs, null);
  }

  /** The same with the usual threshold: a probability of 0.5, or a score of 0. */
  default Decision decision() {
    Decision plain = decision(0);
    return plain instanceof Decision.Odds ? decision(0.5) : plain;
  }

  /**
   * Makes a counter of this model's results on test rows.
   *
   * @param threshold the threshold of {@link #decision}
   */
  default TestCounter counter(double threshold) {
    return TestCounter.of(decision(threshold));
  }

  /** The layout of the variables' rows. */
  default ParameterLayout layout() {
    return new ParameterLayout(variables());
  }
}
