package dev.cairn.checkpoint.tensorflow;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.cairn.checkpoint.CheckpointReader;
import dev.cairn.checkpoint.CheckpointVerifier;
import dev.cairn.checkpoint.FolderOptions;
import dev.cairn.checkpoint.bundle.BundleIndex;
import dev.cairn.checkpoint.model.DType;
import dev.cairn.checkpoint.model.Slice;
import dev.cairn.checkpoint.model.VariableSpec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** A small bundle on the local disk, read whole through the public doors. */
record BundleFiles(Path prefix, byte[] indexBytes, BundleIndex index) {

  static BundleFiles open(Path prefix) throws IOException {
    byte[] bytes = Files.readAllBytes(prefix.resolveSibling(prefix.getFileName() + ".index"));
    return new BundleFiles(prefix, bytes, BundleIndex.read(bytes, prefix.toString()));
  }

  /** Every variable as {@code list.py} prints it. */
  Map<String, String> lines() throws IOException {
    assertEquals(
        List.of(),
        CheckpointVerifier.verify(prefix.toString(), FolderOptions.defaults(), 2, bytes -> {})
            .damages());
    Map<String, String> lines = new TreeMap<>();
    try (CheckpointReader reader =
        CheckpointReader.open(prefix.toString(), FolderOptions.defaults())) {
      for (VariableSpec variable : reader.variables()) {
        lines.put(variable.key(), TensorFlowInterchangeTest.line(variable, hex(reader, variable)));
      }
    }
    return lines;
  }

  private static String hex(CheckpointReader reader, VariableSpec variable) throws IOException {
    HexFormat hex = HexFormat.of();
    if (variable.dtype() == DType.STRING) {
      return reader.readStrings(variable.key()).stream()
          .map(hex::formatHex)
          .collect(Collectors.joining(","));
    }
    int size = (int) variable.shape().elements() * variable.dtype().elementBytes();
    ByteBuffer into = ByteBuffer.allocate(size);
    reader.read(variable.key(), Slice.full(variable.shape().rank()), into);
    return hex.formatHex(into.array());
  }
}
