package dev.cairn.spark.ml;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.cairn.checkpoint.CheckpointReader;
import dev.cairn.checkpoint.FolderOptions;
import dev.cairn.checkpoint.model.DType;
import dev.cairn.checkpoint.model.DataPosition;
import dev.cairn.checkpoint.model.Slice;
import dev.cairn.checkpoint.model.VariableSpec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * All that training decides in a checkpoint: every variable's and slot's bytes, and how much data
 * was used.
 */
record TrainedBits(SortedMap<String, byte[]> variables, DataPosition position) {

  static TrainedBits of(String checkpoint, FolderOptions options) throws IOException {
    try (CheckpointReader reader = CheckpointReader.open(checkpoint, options)) {
      return new TrainedBits(
          variables(reader), reader.manifest().orElseThrow().training().orElseThrow().position());
    }
  }

  /** Every variable's bytes, of a checkpoint on local disk. */
  static SortedMap<String, byte[]> variables(String checkpoint) throws IOException {
    try (CheckpointReader reader = CheckpointReader.open(checkpoint, FolderOptions.defaults())) {
      return variables(reader);
    }
  }

  private static SortedMap<String, byte[]> variables(CheckpointReader reader) throws IOException {
    SortedMap<String, byte[]> bits = new TreeMap<>();
    for (VariableSpec variable : reader.variables()) {
      if (variable.dtype() == DType.STRING) {
        bits.put(variable.key(), reader.readStrings(variable.key()).get(0)); // graph, position
        continue;
      }
      long bytes = variable.shape().elements() * variable.dtype().elementBytes();
      ByteBuffer buffer = ByteBuffer.allocate((int) bytes);
      reader.read(variable.key(), Slice.full(variable.shape().rank()), buffer);
      bits.put(variable.key(), buffer.array());
    }
    return bits;
  }

  void assertSame(TrainedBits other) {
    assertEquals(position, other.position);
    assertSame(variables, other.variables);
  }

  static void assertSame(SortedMap<String, byte[]> a, SortedMap<String, byte[]> b) {
    assertEquals(a.keySet(), b.keySet());
    a.forEach((key, bytes) -> assertArrayEquals(bytes, b.get(key), key));
  }
}
