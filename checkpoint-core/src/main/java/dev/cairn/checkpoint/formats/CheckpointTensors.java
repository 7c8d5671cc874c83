package dev.cairn.checkpoint.formats;

import dev.cairn.checkpoint.CheckpointReader;
import dev.cairn.checkpoint.VariablePieces;
import dev.cairn.checkpoint.graph.ObjectGraph;
import dev.cairn.checkpoint.io.Pieces;
import dev.cairn.checkpoint.model.CheckpointException.Mismatch;
import dev.cairn.checkpoint.model.VariableSpec;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A checkpoint's tensors under the names that they have in files of other programs: the path of
 * edges, without what TensorFlow's keys add. Strings and values without a fixed width are among the
 * {@linkplain #others others}; the object graph, which is in the names, is not.
 */
public final class CheckpointTensors extends ListedTensors {
  private final CheckpointReader reader;
  private final Map<String, String> keys = new LinkedHashMap<>();

  /**
   * Names the tensors of an open checkpoint.
   *
   * @param reader closed with this
   * @throws Mismatch if two keys have one name
   */
  public CheckpointTensors(CheckpointReader reader) throws Mismatch {
    this.reader = reader;
    for (VariableSpec variable : reader.variables()) {
      if (variable.key().equals(ObjectGraph.KEY)) {
        continue;
      }
      if (variable.dtype().elementBytes() == 0) {
        leaveOut(variable.key() + ": " + variable.dtype() + " is no number");
        continue;
      }
      String name = TensorNames.ofKey(variable.key());
      if (name.isEmpty()) {
        name = variable.key();
      }
      String other = keys.put(name, variable.key());
      if (other != null) {
        throw new Mismatch(
            "Cannot name tensors: expected a name for each key, found "
                + name
                + " for "
                + other
                + " and "
                + variable.key()
                + " (path="
                + reader.prefix()
                + ")");
      }
      found(new VariableSpec(name, variable.dtype(), variable.shape()));
    }
  }

  @Override
  public String path() {
    return reader.prefix();
  }

  @Override
  public void read(VariableSpec tensor, Pieces into) throws IOException {
    String key = keys.get(tensor.key());
    VariablePieces.read(reader, key == null ? tensor.key() : key, into);
  }

  @Override
  public void close() throws IOException {
    reader.close();
  }
}
