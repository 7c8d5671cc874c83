package dev.cairn.spark.ml;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.cairn.checkpoint.CheckpointOptions;
import dev.cairn.checkpoint.CheckpointReader;
import dev.cairn.checkpoint.model.DataPosition;
import dev.cairn.checkpoint.model.Slice;
import dev.cairn.checkpoint.model.VariableSpec;
import java.nio.ByteBuffer;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * All that training decides in a checkpoint: every variable's and slot's bytes, and how much data
 * was used.
 */
record TrainedBits(SortedMap<String, byte[]> variables, DataPosition position) {

  static TrainedBits of(String checkpoint, CheckpointOptions options) throws Exception {
    SortedMap<String, byte[]> bits = new TreeMap<>();
    try (CheckpointReader reader = CheckpointReader.open(checkpoint, options)) {
      for (VariableSpec variable : reader.variables()) {
        long bytes = variable.shape().elements() * variable.dtype().elementBytes();
        ByteBuffer buffer = ByteBuffer.allocate((int) bytes);
        reader.read(variable.key(), Slice.full(variable.shape().rank()), buffer);
        bits.put(variable.key(), buffer.array());
      }
      DataPosition position = reader.manifest().orElseThrow().training().orElseThrow().position();
      return new TrainedBits(bits, position);
    }
  }

  void assertSame(TrainedBits other) {
    assertEquals(position, other.position);
    assertEquals(variables.keySet(), other.variables.keySet());
    variables.forEach((key, bytes) -> assertArrayEquals(bytes, other.variables.get(key), key));
  }
}
