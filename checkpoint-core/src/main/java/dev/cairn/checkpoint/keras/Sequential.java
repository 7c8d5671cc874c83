package dev.cairn.checkpoint.keras;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.cairn.checkpoint.graph.Trackable;
import dev.cairn.checkpoint.train.ArrayVariable;
import dev.cairn.checkpoint.train.AutoTrackable;
import dev.cairn.checkpoint.train.TrackableList;
import java.util.ArrayList;
import java.util.List;

/**
 * A model of layers in a row, as {@code keras.Sequential} that is built. One that is not built has
 * no variables: what is restored into it waits until it is. Not thread-safe.
 */
public final class Sequential extends AutoTrackable {

  /** What Keras makes of the layers: the list of them, the input's first. */
  private static final class Functional extends AutoTrackable {
    Functional(List<Layer> layers) {
      TrackableList<Trackable> operations = new TrackableList<>();
      operations.add(new Trackable() {}); // the input layer
      layers.forEach(operations::add);
      track("_operations", operations);
    }
  }

  private final List<Layer> layers;

  /** A model that is not built yet. */
  public Sequential(Layer... layers) {
    this.layers = List.of(layers);
    if (layers.length == 0) {
      throw new IllegalArgumentException("Cannot make a model: expected a layer, found none");
    }
  }

  /**
   * Makes all variables, and gives them what was restored before.
   *
   * @param features length of the last dimension of the input
   * @return this
   */
  @CanIgnoreReturnValue
  public Sequential build(long features) {
    long inputs = features;
    for (Layer layer : layers) {
      inputs = layer.build(inputs);
    }
    if (!children().containsKey("_functional")) {
      track("_functional", new Functional(layers));
    }
    return this;
  }

  /**
   * Takes an optimizer as its own, as {@code model.compile} does: a checkpoint of the model has it.
   *
   * @return this
   */
  @CanIgnoreReturnValue
  public Sequential compile(Adam optimizer) {
    track("optimizer", optimizer);
    return this;
  }

  /** The layers. */
  public List<Layer> layers() {
    return layers;
  }

  /** The variables of all layers, in Keras's order. */
  public List<ArrayVariable> trainableVariables() {
    List<ArrayVariable> all = new ArrayList<>();
    layers.forEach(layer -> all.addAll(layer.weights()));
    return all;
  }
}
