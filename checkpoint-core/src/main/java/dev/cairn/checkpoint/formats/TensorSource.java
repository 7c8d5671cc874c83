package dev.cairn.checkpoint.formats;

import dev.cairn.checkpoint.io.Pieces;
import dev.cairn.checkpoint.model.CheckpointException.NotFound;
import dev.cairn.checkpoint.model.VariableSpec;
import java.io.Closeable;
import java.io.IOException;
import java.util.List;

/** Tensors by their names, of a file or a checkpoint. Not thread-safe. */
public interface TensorSource extends Closeable {

  /** Where they lie, for messages. */
  String path();

  /** All tensors in their order; the key is the name, which no other has. */
  List<VariableSpec> tensors();

  /**
   * What lies beside the tensors and is none of them, as {@code name: why}; for people, so that
   * nothing is left out without a word.
   */
  default List<String> others() {
    return List.of();
  }

  /**
   * Hands out a tensor from its first element to its last, in pieces of at most some MiB. What was
   * handed out is certain once this returns: a checksum may differ at the very end.
   *
   * @param tensor one of {@link #tensors}
   */
  void read(VariableSpec tensor, Pieces into) throws IOException;

  /** The tensor of a name. */
  default VariableSpec tensor(String name) throws NotFound {
    for (VariableSpec tensor : tensors()) {
      if (tensor.key().equals(name)) {
        return tensor;
      }
    }
    throw missing(name);
  }

  /** The error of a name that no tensor has. */
  default NotFound missing(String name) {
    return new NotFound(
        "Cannot read tensor "
            + name
            + ": there is none of that name (path="
            + path()
            + "); list the tensors");
  }
}
