package dev.cairn.checkpoint.formats;

import dev.cairn.checkpoint.model.CheckpointException.Mismatch;
import dev.cairn.checkpoint.model.VariableSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The tensors of another source, some of them under other names. */
final class RenamedTensors extends DerivedTensors {

  /**
   * Renames tensors.
   *
   * @param source closed with this
   * @param names what the source calls it, and what it is called here
   * @throws Mismatch if the source has no such tensor, or two would have one name
   */
  RenamedTensors(TensorSource source, Map<String, String> names) throws Mismatch {
    super(source);
    Map<String, String> left = new LinkedHashMap<>(names);
    List<String> wrong = new ArrayList<>();
    for (VariableSpec tensor : source.tensors()) {
      String wanted = left.remove(tensor.key());
      String name = wanted == null ? tensor.key() : wanted;
      VariableSpec other = originals.put(name, tensor);
      if (other != null) {
        wrong.add("both " + other.key() + " and " + tensor.key() + " would be " + name);
      }
    }
    left.keySet().forEach(name -> wrong.add("there is no " + name));
    if (!wrong.isEmpty()) {
      throw new Mismatch(
          "Cannot rename tensors: "
              + String.join("; ", wrong)
              + " (path="
              + source.path()
              + "); its tensors are "
              + some(source.tensors()));
    }
  }

  static String some(List<VariableSpec> tensors) {
    List<String> names = tensors.stream().limit(10).map(VariableSpec::key).toList();
    int more = tensors.size() - names.size();
    return String.join(", ", names) + (more > 0 ? " and " + more + " more" : "");
  }

  @Override
  public List<VariableSpec> tensors() {
    List<VariableSpec> tensors = new ArrayList<>();
    originals.forEach(
        (name, tensor) -> tensors.add(new VariableSpec(name, tensor.dtype(), tensor.shape())));
    return tensors;
  }
}
