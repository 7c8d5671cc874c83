package dev.cairn.spark.trainer;

import dev.cairn.checkpoint.CheckpointReader;
import dev.cairn.checkpoint.graph.ObjectGraph;
import dev.cairn.checkpoint.model.DType;
import dev.cairn.checkpoint.model.Slice;
import dev.cairn.checkpoint.model.StoredSlice;
import dev.cairn.checkpoint.model.VariableSpec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.zip.CRC32C;

/** What a checkpoint without a manifest, which TensorFlow saved, tells of a model. Stateless. */
final class TensorFlowModel {
  /** Where Keras's optimizers, and those before them, count their steps. */
  private static final List<List<String>> ITERATIONS =
      List.of(
          List.of("optimizer", "_variables", "0"),
          List.of("optimizer", "iterations"),
          List.of("optimizer", "iter"));

  private TensorFlowModel() {}

  /** How many steps the optimizer has done; empty if the checkpoint does not say. */
  static OptionalLong iterations(CheckpointReader reader) throws IOException {
    Optional<ObjectGraph> graph = reader.graph();
    for (List<String> path : ITERATIONS) {
      Optional<VariableSpec> variable = graph.flatMap(of -> of.key(path)).flatMap(reader::variable);
      if (variable.isPresent()
          && variable.get().dtype() == DType.INT64
          && variable.get().shape().rank() == 0) {
        ByteBuffer bytes = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        reader.read(variable.get().key(), Slice.full(0), bytes);
        long steps = bytes.getLong(0);
        return steps < 0 ? OptionalLong.empty() : OptionalLong.of(steps);
      }
    }
    return OptionalLong.empty();
  }

  /**
   * Of all that is stored: who begins with other numbers trains something else. It is made of the
   * checksums in the index, so no value is read.
   */
  static String checksum(CheckpointReader reader) {
    CRC32C crc = new CRC32C();
    ByteBuffer number = ByteBuffer.allocate(Integer.BYTES);
    for (VariableSpec variable : reader.variables()) {
      crc.update(variable.toString().getBytes(StandardCharsets.UTF_8));
      for (StoredSlice slice : reader.slices(variable.key())) {
        crc.update(slice.slice().toString().getBytes(StandardCharsets.UTF_8));
        crc.update(number.clear().putInt(slice.crc32c()).flip());
      }
    }
    return String.format(Locale.ROOT, "crc32c %08x", (int) crc.getValue());
  }
}
