package dev.cairn.spark.model;

import dev.cairn.checkpoint.model.ModelDefinition;
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
   * Models} knows it is enough to make the model again.
   */
  ModelDefinition definition();

  /** Its variables, in the order of their rows. */
  List<ParameterVariable> variables();

  /** What labels are. */
  LabelKind labels();

  /** Size of the feature space: the features of rows are below it. */
  int features();

  /**
   * Whether numeric features may be centred, as {@link dev.cairn.checkpoint.model.FeatureScales}
   * has it: then the kernel regards {@link dev.cairn.spark.data.Batch#offsets}.
   */
  boolean centres();

  /** A kernel for one thread. */
  Kernel kernel();

  /** Where the variables' rows lie. */
  default ParameterLayout layout() {
    return new ParameterLayout(variables());
  }
}
