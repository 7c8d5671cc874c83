package dev.cairn.checkpoint.keras;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.cairn.checkpoint.graph.Trackable;
import dev.cairn.checkpoint.train.ArrayVariable;
import dev.cairn.checkpoint.train.AutoTrackable;
import dev.cairn.checkpoint.train.Counter;
import dev.cairn.checkpoint.train.TrackableList;
import java.util.List;

/**
 * The state of {@code keras.optimizers.Adam} with a constant learning rate: iterations, learning
 * rate, and for each variable a momentum and a velocity, zeros at first. Not thread-safe.
 */
public final class Adam extends AutoTrackable {
  private final TrackableList<Trackable> variables;
  private final TrackableList<ArrayVariable> trained;
  private final Counter iterations;
  private final ArrayVariable learningRate;
  private final TrackableList<ArrayVariable> momentums = new TrackableList<>();
  private final TrackableList<ArrayVariable> velocities = new TrackableList<>();

  /** An optimizer that trains nothing yet. */
  public Adam(double learningRate) {
    // In this order, which decides on ties which path names a variable.
    this.variables = track("_variables", new TrackableList<>());
    this.trained = track("_trainable_variables", new TrackableList<>());
    this.iterations = track("_iterations", variables.add(new Counter(0)));
    this.learningRate =
        track("_learning_rate", variables.add(ArrayVariable.scalar((float) learningRate)));
  }

  /**
   * Makes momentum and velocity for each variable of a model, in Keras's order.
   *
   * @return this
   * @throws IllegalStateException if it has some already
   */
  @CanIgnoreReturnValue
  public Adam build(List<ArrayVariable> trainableVariables) {
    if (trained.size() > 0) {
      throw new IllegalStateException(
          "Cannot build an optimizer: it has variables for " + trained.size() + " already");
    }
    for (ArrayVariable variable : trainableVariables) {
      momentums.add(zerosLike(variable));
      velocities.add(zerosLike(variable));
      trained.add(variable);
    }
    for (int i = 0; i < trained.size(); i++) {
      variables.add(momentums.get(i));
      variables.add(velocities.get(i));
    }
    track("_momentums", momentums);
    track("_velocities", velocities);
    return this;
  }

  private static ArrayVariable zerosLike(ArrayVariable variable) {
    return ArrayVariable.zeros(variable.dtype(), variable.shape());
  }

  /** How many steps were taken. */
  public Counter iterations() {
    return iterations;
  }

  /** The learning rate, a FLOAT scalar. */
  public ArrayVariable learningRate() {
    return learningRate;
  }

  /** The first moments, one a variable. */
  public List<ArrayVariable> momentums() {
    return momentums.items();
  }

  /** The second moments, one a variable. */
  public List<ArrayVariable> velocities() {
    return velocities.items();
  }

  /** All, in the order of Keras's {@code optimizer.variables}. */
  public List<Trackable> variables() {
    return variables.items();
  }
}
