package dev.cairn.spark.model;

import dev.cairn.checkpoint.model.ModelDefinition;
import dev.cairn.spark.data.InputSpec;
import dev.cairn.spark.data.LabelKind;
import dev.cairn.spark.shard.ParameterLayout;
import dev.cairn.spark.shard.ParameterVariable;
import java.io.Serializable;
import java.util.List;

/**
 * A model: which variables it has, what rows it is trained on, and its mathematics. A new one is a
 * class that implements this and a {@link Kernel}; training, saving, recovery and resharding work
 * for it as they do for all. Immutable; sent to executors.
 */
public interface Model extends Serializable {
  /**
   * Which model it is, as checkpoints say: its kind, such as {@code logistic}, and all that decides
   * what variables it has and what it computes. Resuming compares it; for the kinds that {@link
   * Models} has it is enough to make the model again.
   */
  ModelDefinition definition();

  /** Its variables, in the order of their rows. */
  List<ParameterVariable> variables();

  /** What labels are. */
  LabelKind labels();

  /** How many classes labels may be numbers of; 0 where labels are none. */
  default int classes() {
    return 0;
  }

  /** Size of the feature space: the features of rows are below it. */
  int features();

  /**
   * What the features of a row are: one space of any features, unless a model cuts them into
   * several, of which each has a variable of its own. They are {@link #features} in all, and do not
   * depend on the number of classes.
   */
  default InputSpec inputs() {
    return InputSpec.sparse(features());
  }

  /**
   * Whether numeric features may be centred, as {@link dev.cairn.checkpoint.model.FeatureScales}
   * has it: then the kernel regards {@link dev.cairn.spark.data.Batch#shifts}.
   */
  boolean centres();

  /**
   * Whether rows may have offsets: numbers that are added to their margins and not trained. Then
   * the kernel adds {@link dev.cairn.spark.data.Batch#offsets}; of other models rows with offsets
   * are refused.
   */
  default boolean addsOffsets() {
    return false;
  }

  /** A kernel for one thread. */
  Kernel kernel();

  /**
   * What is predicted of a row's scores. Where labels are classes it is the one with the greatest
   * score, where they are numbers the score itself, unless a model says otherwise.
   *
   * @param threshold for two classes of one score: what it, or the probability if the model has
   *     one, must be above for the second one to be predicted
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
   * Counts how this model does on test rows.
   *
   * @param threshold as {@link #decision} has it
   */
  default TestCounter counter(double threshold) {
    return TestCounter.of(decision(threshold));
  }

  /** Where the variables' rows lie. */
  default ParameterLayout layout() {
    return new ParameterLayout(variables());
  }
}
