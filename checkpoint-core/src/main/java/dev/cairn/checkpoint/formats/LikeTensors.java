package dev.cairn.checkpoint.formats;

import dev.cairn.checkpoint.model.CheckpointException.Mismatch;
import dev.cairn.checkpoint.model.VariableSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The tensors of a source in the shapes of a model: exactly the model's, where dimensions of one do
 * not count, so that a scalar may be a Dense's bias of one number.
 */
final class LikeTensors extends DerivedTensors {
  private static final int LISTED = 10;

  private final List<VariableSpec> tensors;

  /**
   * Compares all names, types and shapes: Keras passes over what it does not look for.
   *
   * @param source closed with this
   * @param model another source, of which no value is read
   * @throws Mismatch with all differences
   */
  LikeTensors(TensorSource source, TensorSource model) throws Mismatch {
    super(source);
    this.tensors = model.tensors();
    source.tensors().forEach(tensor -> originals.put(tensor.key(), tensor));
    Map<String, VariableSpec> left = new LinkedHashMap<>(originals);
    List<String> wrong = new ArrayList<>();
    for (VariableSpec wanted : tensors) {
      VariableSpec found = left.remove(wanted.key());
      if (found == null) {
        wrong.add("missing " + wanted);
      } else if (found.dtype() != wanted.dtype() || !Arrays.equals(dims(found), dims(wanted))) {
        wrong.add("expected " + wanted + ", found " + found);
      }
    }
    left.values().forEach(tensor -> wrong.add("unexpected " + tensor));
    if (!wrong.isEmpty()) {
      throw new Mismatch(
          "Cannot write a model's weights: they are not those of the model: "
              + String.join("; ", wrong.subList(0, Math.min(LISTED, wrong.size())))
              + (wrong.size() > LISTED ? "; and " + (wrong.size() - LISTED) + " more" : "")
              + " (path="
              + source.path()
              + ", model="
              + model.path()
              + "); select and rename tensors, or choose the model that they are of");
    }
  }

  private static long[] dims(VariableSpec tensor) {
    return Arrays.stream(tensor.shape().dims()).filter(dim -> dim != 1).toArray();
  }

  @Override
  public List<VariableSpec> tensors() {
    return tensors;
  }
}
