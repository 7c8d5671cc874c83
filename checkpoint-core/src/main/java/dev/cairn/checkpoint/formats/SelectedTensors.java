package dev.cairn.checkpoint.formats;

import dev.cairn.checkpoint.model.CheckpointException.Mismatch;
import dev.cairn.checkpoint.model.VariableSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Some of the tensors of another source, under their names. */
final class SelectedTensors extends DerivedTensors {
  private final List<VariableSpec> tensors = new ArrayList<>();

  /**
   * Selects tensors.
   *
   * @param source closed with this
   * @param names whole names; in one a {@code *} stands for any text, with slashes
   * @throws Mismatch if one of them names no tensor
   */
  SelectedTensors(TensorSource source, List<String> names) throws Mismatch {
    super(source);
    List<String> unused = new ArrayList<>(names);
    List<Pattern> patterns = names.stream().map(SelectedTensors::pattern).toList();
    for (VariableSpec tensor : source.tensors()) {
      boolean wanted = false;
      for (int i = 0; i < patterns.size(); i++) {
        if (patterns.get(i).matcher(tensor.key()).matches()) {
          wanted = true;
          unused.remove(names.get(i));
        }
      }
      if (wanted) {
        tensors.add(tensor);
      }
    }
    if (!unused.isEmpty()) {
      throw new Mismatch(
          "Cannot select tensors: there is no "
              + String.join(", no ", unused)
              + " (path="
              + source.path()
              + "); its tensors are "
              + RenamedTensors.some(source.tensors()));
    }
  }

  private static Pattern pattern(String name) {
    return Pattern.compile(
        Arrays.stream(name.split("\\*", -1)).map(Pattern::quote).collect(Collectors.joining(".*")),
        Pattern.DOTALL);
  }

  @Override
  public List<VariableSpec> tensors() {
    return Collections.unmodifiableList(tensors);
  }
}
