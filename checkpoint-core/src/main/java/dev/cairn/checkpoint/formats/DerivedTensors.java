package dev.cairn.checkpoint.formats;

import dev.cairn.checkpoint.io.Pieces;
import dev.cairn.checkpoint.model.VariableSpec;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Tensors of another source, some of them or under other names or shapes. Not thread-safe. */
abstract class DerivedTensors implements TensorSource {
  private final TensorSource source;

  /** The source's tensors by the names here; one that is not in it is the same in the source. */
  final Map<String, VariableSpec> originals = new LinkedHashMap<>();

  /** Makes it of a source, which is closed with this. */
  DerivedTensors(TensorSource source) {
    this.source = source;
  }

  @Override
  public final String path() {
    return source.path();
  }

  @Override
  public final List<String> others() {
    return source.others();
  }

  @Override
  public final void read(VariableSpec tensor, Pieces into) throws IOException {
    source.read(originals.getOrDefault(tensor.key(), tensor), into);
  }

  @Override
  public final void close() throws IOException {
    source.close();
  }
}
