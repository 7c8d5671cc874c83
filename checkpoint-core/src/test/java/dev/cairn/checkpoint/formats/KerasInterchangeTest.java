package dev.cairn.checkpoint.formats;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.checkpoint.FolderOptions;
import dev.cairn.checkpoint.model.CheckpointException.Mismatch;
import dev.cairn.checkpoint.model.DType;
import dev.cairn.checkpoint.model.VariableSpec;
import dev.cairn.checkpoint.tensorflow.TensorFlowEnvironment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Models that Keras saved, of many kinds of layers: read bit for bit, written anew, and loaded by
 * Keras, which goes on fitting them as if nobody had been in between. NumPy's arrays alike.
 */
final class KerasInterchangeTest {
  private static final FolderOptions OPTIONS = FolderOptions.defaults();
  private static final List<String> MODELS = List.of("sequential", "functional", "nested", "lists");

  @TempDir private Path folder = Path.of("");

  private String path(String name) {
    return folder.resolve(name).toString();
  }

  /** As the script describes a tensor. */
  private static String line(VariableSpec tensor, byte[] bytes) throws Exception {
    String dtype =
        switch (tensor.dtype()) {
          case HALF -> "float16";
          case FLOAT -> "float32";
          case DOUBLE -> "float64";
          default -> tensor.dtype().name().toLowerCase(Locale.ROOT);
        };
    String shape =
        Arrays.stream(tensor.shape().dims())
            .mapToObj(Long::toString)
            .collect(Collectors.joining("x"));
    String digest = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    return String.join("\t", tensor.key(), dtype, shape, digest);
  }

  private void requireDescribed(TensorSource source, String name, String... others)
      throws Exception {
    TreeSet<String> lines = new TreeSet<>();
    for (Map.Entry<VariableSpec, byte[]> tensor : MemoryTensors.read(source).entrySet()) {
      lines.add(line(tensor.getKey(), tensor.getValue()));
    }
    assertEquals(
        new TreeSet<>(Files.readAllLines(folder.resolve(name + ".txt"))), lines, source.path());
    assertEquals(List.of(others), source.others().stream().sorted().toList());
  }

  /** Three layers of other types than float: 1, 2 and so on in the last bits of each number. */
  private static MemoryTensors halves() {
    MemoryTensors halves = new MemoryTensors();
    DType[] types = {DType.BFLOAT16, DType.HALF, DType.DOUBLE};
    long[][] kernels = {{5, 4}, {4, 3}, {3, 2}};
    for (int layer = 0; layer < types.length; layer++) {
      String name = "layers/dense" + (layer == 0 ? "" : "_" + layer) + "/vars/";
      halves.with(name + 0, types[layer], kernels[layer]);
      halves.with(name + 1, types[layer], kernels[layer][1]);
    }
    for (VariableSpec tensor : halves.tensors()) {
      byte[] bytes = halves.value(tensor.key());
      int width = tensor.dtype().elementBytes();
      for (int i = 0; i < bytes.length; i++) {
        bytes[i] = (byte) (i % width == 0 ? i / width : i % width == width - 1 ? 0x3c : 0);
      }
    }
    return halves;
  }

  @Test
  void filesGoThereAndBack() throws Exception {
    TensorFlowEnvironment tensorFlow = TensorFlowEnvironment.get();
    tensorFlow.run("formats.py", "make", folder);
    for (String model : MODELS) {
      String weights = path(model + ".weights.h5");
      String keras = path(model + ".keras");
      try (TensorSource read = TensorFiles.open(weights, OPTIONS)) {
        requireDescribed(read, model);
        TensorFiles.write(read, path(model + ".java.weights.h5"), false, OPTIONS);
        TensorFiles.writeLike(read, keras, path(model + ".java.keras"), false, OPTIONS);
        BundleImport.write(read, path(model + ".java"), OPTIONS);
      }
      for (String written : List.of(model + ".java.weights.h5", model + ".java.keras")) {
        try (TensorSource read = TensorFiles.open(path(written), OPTIONS)) {
          requireDescribed(read, model);
        }
      }
    }
    Mismatch refused =
        assertThrows(Mismatch.class, () -> TensorFiles.open(path("halves.weights.h5"), OPTIONS));
    assertTrue(String.valueOf(refused.getMessage()).contains("bfloat16"), refused.toString());
    TensorFiles.write(halves(), path("halves.java.weights.h5"), false, OPTIONS);
    for (String arrays : List.of("plain", "packed")) {
      try (TensorSource read = TensorFiles.open(path(arrays + ".npz"), OPTIONS)) {
        requireDescribed(read, arrays);
        TensorFiles.write(read, path(arrays + ".java.npz"), false, OPTIONS);
      }
    }
    try (TensorSource read = TensorFiles.open(path("chunked.h5"), OPTIONS)) {
      requireDescribed(read, "chunked");
    }
    try (TensorSource read = TensorFiles.open(path("linked.h5"), OPTIONS)) {
      String link = ": is a link to another place";
      requireDescribed(read, "linked", "outside" + link, "soft" + link);
    }
    try (TensorSource read = TensorFiles.open(path("arrays.safetensors"), OPTIONS)) {
      requireDescribed(read, "arrays");
      TensorFiles.write(read, path("plain.java.safetensors"), false, OPTIONS);
    }
    assertEquals(
        List.of(
            "sequential 20 20 20",
            "functional 18 18 18",
            "nested 28 28 28",
            "lists 32 32 32",
            "bfloat16 6",
            "plain 43",
            "packed 43",
            "safetensors 40"),
        tensorFlow.run("formats.py", "check", folder).lines().toList());
  }

  /** The names that Keras's files have, made as Keras makes them. */
  @Test
  void layersAreNamedAsKerasNamesThem() {
    KerasNames names = KerasNames.ofModel();
    assertEquals("layers/dense", names.next("Dense"));
    assertEquals("layers/batch_normalization", names.next("BatchNormalization"));
    assertEquals("layers/dense_1", names.next("Dense"));
    assertEquals("layers/conv2d", names.next("Conv2D"));
    assertEquals("layers/lstm", names.next("LSTM"));
    assertEquals("layers/lstm_cell", names.next("LSTMCell"));
    String inner = names.next("Sequential");
    assertEquals("layers/sequential/layers/dense", KerasNames.ofModel(inner).next("Dense"));
    assertEquals("layers/dense_2/vars/1", KerasNames.variable(names.next("Dense"), 1));
    assertTrue(Hdf5Objects.has(DType.BFLOAT16));
  }
}
