package dev.cairn.checkpoint.formats;

import dev.cairn.checkpoint.io.Pieces;
import dev.cairn.checkpoint.model.CheckpointException.Mismatch;
import dev.cairn.checkpoint.model.VariableSpec;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The tensors of another source, some of them under other names. */
final class RenamedTensors implements TensorSource {
  private final TensorSource source;
  private final Map<String, VariableSpec> originals = new LinkedHashMap<>();

  /**
   * Renames tensors.
   *
   * @param source closed with this
   * @param names what the source calls it, and what it is called here
   * @throws Mismatch if the source has no such tensor, or two would have one name
   */
  RenamedTensors(TensorSource source, Map<String, String> names) throws Mismatch {
    this.source = source;
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
  public String path() {
    return source.path();
  }

  @Override
  public List<VariableSpec> tensors() {
    List<VariableSpec> tensors = new ArrayList<>();
    originals.forEach(
        (name, tensor) -> tensors.add(new VariableSpec(name, tensor.dtype(), tensor.shape())));
    return tensors;
  }

  @Override
  public List<String> others() {
    return source.others();
  }

  @Override
  public void read(VariableSpec tensor, Pieces into) throws IOException {
    VariableSpec original = originals.get(tensor.key());
    source.read(original == null ? tensor : original, into);
  }

  @Override
  public void close() throws IOException {
    source.close();
  }
}
