package dev.cairn.checkpoint.formats;

import dev.cairn.checkpoint.model.VariableSpec;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** A source that lists what it has when it is opened. Not thread-safe. */
abstract class ListedTensors implements TensorSource {
  private final List<VariableSpec> tensors = new ArrayList<>();
  private final List<String> others = new ArrayList<>();

  /** Adds a tensor behind those that are listed. */
  final void found(VariableSpec tensor) {
    tensors.add(tensor);
  }

  /** Adds what is none, as {@code name: why}. */
  final void leaveOut(String other) {
    others.add(other);
  }

  @Override
  public final List<VariableSpec> tensors() {
    return Collections.unmodifiableList(tensors);
  }

  @Override
  public final List<String> others() {
    return Collections.unmodifiableList(others);
  }
}
