package dev.cairn.checkpoint.formats;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.checkpoint.FolderOptions;
import dev.cairn.checkpoint.model.CheckpointException.Conflict;
import dev.cairn.checkpoint.model.CheckpointException.Corrupt;
import dev.cairn.checkpoint.model.CheckpointException.Mismatch;
import dev.cairn.checkpoint.model.CheckpointException.NotFound;
import dev.cairn.checkpoint.model.DType;
import dev.cairn.checkpoint.model.VariableSpec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What each format gives back of what was written, and what is refused, all of them alike. */
final class TensorFilesTest {
  private static final FolderOptions OPTIONS = FolderOptions.defaults();

  /** The endings, and which types come back from each as they were; jHDF does not read bfloat16. */
  private static final Map<String, Predicate<DType>> FORMATS =
      Map.of(
          ".safetensors",
          type -> SafetensorsTypes.name(type).isPresent(),
          ".npz",
          type -> NpyTypes.describe(type).isPresent(),
          ".h5",
          type -> Hdf5Objects.has(type) && type != DType.BFLOAT16);

  @TempDir private Path folder = Path.of("");

  private String path(String name) {
    return folder.resolve(name).toString();
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void everyTypeComesBackBitForBit() throws IOException {
    for (Map.Entry<String, Predicate<DType>> format : FORMATS.entrySet()) {
      MemoryTensors written = MemoryTensors.ofTypes(format.getValue());
      assertTrue(written.tensors().size() >= 6 * 12, format.getKey());
      written.with("a name/with ' \" \\ and \n of \u00fcml\u00e4uts", DType.FLOAT, 2);
      String path = path("all" + format.getKey());
      long bytes = TensorFiles.write(written, path, false, OPTIONS);
      assertEquals(Files.size(Path.of(path)), bytes);
      try (TensorSource read = TensorFiles.open(path, OPTIONS)) {
        Map<VariableSpec, byte[]> all = MemoryTensors.read(read);
        assertEquals(written.tensors().size(), all.size(), format.getKey());
        for (VariableSpec tensor : written.tensors()) {
          assertArrayEquals(
              written.value(tensor.key()), all.get(tensor), format.getKey() + " " + tensor);
        }
        assertEquals(List.of(), read.others());
      }
    }
    assertEquals(List.of("all.h5", "all.npz", "all.safetensors"), names());
  }

  /** More than a piece, and more than a buffer. */
  @Test
  void largeTensorsComeInPieces() throws IOException {
    MemoryTensors written =
        new MemoryTensors()
            .with("odd", DType.INT8, 3)
            .with("large", DType.FLOAT, 3, 1_000_003)
            .inPieces(1 << 20);
    for (String ending : FORMATS.keySet()) {
      String path = path("large" + ending);
      TensorFiles.write(written, path, false, OPTIONS);
      try (TensorSource read = TensorFiles.open(path, OPTIONS)) {
        VariableSpec large = read.tensor("large");
        List<Integer> pieces = new ArrayList<>();
        read.read(large, piece -> pieces.add(piece.remaining()));
        assertTrue(pieces.stream().allMatch(bytes -> bytes <= 1 << 20), ending + pieces);
        assertArrayEquals(written.value("large"), MemoryTensors.read(read).get(large), ending);
      }
    }
  }

  /** The same tensors give the same bytes: files can be compared. */
  @Test
  void filesHaveNoTimes() throws Exception {
    MemoryTensors written = MemoryTensors.ofTypes(type -> type == DType.FLOAT);
    for (String ending : FORMATS.keySet()) {
      TensorFiles.write(written, path("a" + ending), false, OPTIONS);
      TensorFiles.write(written, path("b" + ending), false, OPTIONS);
      assertArrayEquals(
          Files.readAllBytes(Path.of(path("a" + ending))),
          Files.readAllBytes(Path.of(path("b" + ending))),
          ending);
    }
  }

  /** NumPy's file has no bfloat16. */
  @Test
  void npzHasFloatsForBfloat16() throws IOException {
    MemoryTensors written = new MemoryTensors().with("b", DType.BFLOAT16, 9, 3);
    TensorFiles.write(written, path("b.npz"), false, OPTIONS);
    try (TensorSource read = TensorFiles.open(path("b.npz"), OPTIONS)) {
      VariableSpec tensor = read.tensor("b");
      assertEquals(DType.FLOAT, tensor.dtype());
      byte[] wide = MemoryTensors.read(read).get(tensor);
      for (int i = 0; i < 27; i++) {
        assertEquals(0, wide[4 * i] | wide[4 * i + 1]);
        assertEquals(written.value("b")[2 * i], wide[4 * i + 2]);
        assertEquals(written.value("b")[2 * i + 1], wide[4 * i + 3]);
      }
    }
  }

  @Test
  void typesThatAFormatLacksAreRefusedTogether() throws IOException {
    MemoryTensors written =
        new MemoryTensors()
            .with("fine", DType.FLOAT, 2)
            .with("four", DType.INT4, 2)
            .with("quantized", DType.QINT8, 2);
    for (String ending : FORMATS.keySet()) {
      String message =
          assertThrows(
                  Mismatch.class,
                  () -> TensorFiles.write(written, path("x" + ending), false, OPTIONS))
              .getMessage();
      assertTrue(message.contains("four INT4[2], quantized QINT8[2] ("), message);
    }
    assertEquals(List.of(), names());
  }

  @Test
  void namesThatAFormatLacksAreRefused() {
    MemoryTensors bytes = new MemoryTensors().with("\uDC80", DType.FLOAT);
    FORMATS
        .keySet()
        .forEach(
            ending ->
                assertThrows(
                    Mismatch.class,
                    () -> TensorFiles.write(bytes, path("x" + ending), false, OPTIONS)));
    for (String name : List.of("a//b", "/a", "a/", ".", "a/./b", "nul\0", "x".repeat(70_000))) {
      MemoryTensors odd = new MemoryTensors().with(name, DType.FLOAT);
      assertThrows(
          Mismatch.class, () -> TensorFiles.write(odd, path("x.h5"), false, OPTIONS), name);
    }
    MemoryTensors nested = new MemoryTensors().with("a", DType.FLOAT).with("a/b", DType.FLOAT);
    assertThrows(Mismatch.class, () -> TensorFiles.write(nested, path("x.h5"), false, OPTIONS));
    MemoryTensors other = new MemoryTensors().with("a/b", DType.FLOAT).with("a", DType.FLOAT);
    assertThrows(Mismatch.class, () -> TensorFiles.write(other, path("x.h5"), false, OPTIONS));
  }

  /** Whatever goes wrong, nothing is there that was not there before. */
  @Test
  void aFileIsWholeOrNotThere() throws IOException {
    TensorSource failing = new FailingTensors();
    for (String ending : FORMATS.keySet()) {
      Path path = Path.of(path("x" + ending));
      assertThrows(
          Corrupt.class, () -> TensorFiles.write(failing, path.toString(), false, OPTIONS));
      assertFalse(Files.exists(path));
      Files.writeString(path, "mine");
      MemoryTensors good = new MemoryTensors().with("a", DType.FLOAT, 2);
      String message =
          assertThrows(
                  Conflict.class, () -> TensorFiles.write(good, path.toString(), false, OPTIONS))
              .getMessage();
      assertTrue(message.contains("found a file"), message);
      assertThrows(Corrupt.class, () -> TensorFiles.write(failing, path.toString(), true, OPTIONS));
      assertEquals("mine", Files.readString(path));
      TensorFiles.write(good, path.toString(), true, OPTIONS);
      try (TensorSource read = TensorFiles.open(path.toString(), OPTIONS)) {
        assertEquals(good.tensors(), read.tensors());
      }
    }
    assertEquals(List.of("x.h5", "x.npz", "x.safetensors"), names());
  }

  /** A tensor whose storage is damaged: it ends before it should. */
  private static final class FailingTensors implements TensorSource {
    @Override
    public String path() {
      return "failing";
    }

    @Override
    public List<VariableSpec> tensors() {
      return new MemoryTensors().with("a", DType.FLOAT, 4).tensors();
    }

    @Override
    public void read(VariableSpec tensor, dev.cairn.checkpoint.io.Pieces into) throws IOException {
      into.take(ByteBuffer.allocate(8));
    }

    @Override
    public void close() {}
  }

  @Test
  void endingsAndAbsencesAreTold() {
    MemoryTensors some = new MemoryTensors().with("a", DType.FLOAT);
    String message =
        assertThrows(Mismatch.class, () -> TensorFiles.write(some, path("x.bin"), false, OPTIONS))
            .getMessage();
    assertTrue(message.contains(".weights.h5, .keras, .safetensors, .npz"), message);
    assertThrows(Mismatch.class, () -> TensorFiles.open(path(".npz"), OPTIONS));
    for (String ending : List.of(".safetensors", ".npz", ".h5", ".keras", ".weights.h5")) {
      assertThrows(NotFound.class, () -> TensorFiles.open(path("none" + ending), OPTIONS), ending);
    }
    assertTrue(TensorFiles.isNamed("A.NPZ"));
    assertFalse(TensorFiles.isNamed("runs/model"));
  }

  /** A file cut at any place, or with any byte changed, is refused or gives what it gave. */
  @Test
  void damagedFilesAreRefusedOrHarmless() throws IOException {
    MemoryTensors written =
        new MemoryTensors()
            .with("layers/dense/vars/0", DType.FLOAT, 4, 3)
            .with("layers/dense/vars/1", DType.HALF, 3)
            .with("count", DType.INT64);
    Random random = new Random(7);
    for (String ending : FORMATS.keySet()) {
      String whole = path("whole" + ending);
      TensorFiles.write(written, whole, false, OPTIONS);
      byte[] bytes = Files.readAllBytes(Path.of(whole));
      Path damaged = Path.of(path("damaged" + ending));
      for (int cut = 0; cut < bytes.length; cut += 1 + bytes.length / 200) {
        Files.write(damaged, Arrays.copyOf(bytes, cut));
        assertThrows(
            Corrupt.class, () -> readAll(damaged), ending + " cut to " + damaged.toFile().length());
      }
      for (int i = 0; i < 300; i++) {
        byte[] changed = bytes.clone();
        changed[random.nextInt(changed.length)] ^= (byte) (1 << random.nextInt(8));
        Files.write(damaged, changed);
        try {
          readAll(damaged);
        } catch (Corrupt | Mismatch refused) {
          assertTrue(String.valueOf(refused.getMessage()).contains("path="), refused.toString());
        }
      }
    }
  }

  private static void readAll(Path path) throws IOException {
    try (TensorSource read = TensorFiles.open(path.toString(), OPTIONS)) {
      MemoryTensors.read(read);
    }
  }

  /** Keras passes over what it does not look for, so all of it is compared, and told at once. */
  @Test
  void weightsAreThoseOfTheModel() throws IOException {
    MemoryTensors model =
        new MemoryTensors()
            .with("layers/dense/vars/0", DType.FLOAT, 4, 1)
            .with("layers/dense/vars/1", DType.FLOAT, 1)
            .with("layers/dense_1/vars/0", DType.FLOAT, 3);
    String like = path("model.h5");
    TensorFiles.write(model, like, false, OPTIONS);
    MemoryTensors other =
        new MemoryTensors()
            .with("layers/dense/vars/0", DType.DOUBLE, 4)
            .with("layers/dense/vars/1", DType.FLOAT)
            .with("layers/dense_2/vars/0", DType.FLOAT, 3);
    String path = path("x.weights.h5");
    String message =
        assertThrows(Mismatch.class, () -> TensorFiles.writeLike(other, like, path, false, OPTIONS))
            .getMessage();
    assertTrue(
        message.contains(
            ": expected layers/dense/vars/0 FLOAT[4,1], found layers/dense/vars/0 DOUBLE[4];"
                + " missing layers/dense_1/vars/0 FLOAT[3];"
                + " unexpected layers/dense_2/vars/0 FLOAT[3] ("),
        message);
    MemoryTensors plain =
        new MemoryTensors()
            .with("layers/dense/vars/0", DType.FLOAT, 4)
            .with("layers/dense/vars/1", DType.FLOAT)
            .with("layers/dense_1/vars/0", DType.FLOAT, 3);
    TensorFiles.writeLike(plain, like, path, false, OPTIONS);
    try (TensorSource read = TensorFiles.open(path, OPTIONS)) {
      assertEquals(model.tensors(), read.tensors());
    }
    MemoryTensors named = new MemoryTensors().with("dense/kernel", DType.FLOAT, 2);
    Mismatch unknown =
        assertThrows(
            Mismatch.class, () -> TensorFiles.write(named, path("y.weights.h5"), false, OPTIONS));
    assertTrue(unknown.getMessage().contains("found dense/kernel"), unknown.getMessage());
  }

  /** Programs map these files into memory: a number begins where its width divides the place. */
  @Test
  void safetensorsAreAligned() throws IOException {
    MemoryTensors written =
        MemoryTensors.ofTypes(type -> SafetensorsTypes.name(type).isPresent())
            .with("odd", DType.INT8, 3)
            .with("z", DType.DOUBLE, 2);
    String path = path("x.safetensors");
    TensorFiles.write(written, path, false, OPTIONS);
    ByteBuffer bytes =
        ByteBuffer.wrap(Files.readAllBytes(Path.of(path))).order(ByteOrder.LITTLE_ENDIAN);
    int length = (int) bytes.getLong(0);
    assertEquals(0, length % 8, "the header's length");
    String header = new String(bytes.array(), 8, length, StandardCharsets.UTF_8);
    Pattern place = Pattern.compile("\"dtype\":\"(\\w+)\",\"shape\":[^{}]*offsets\":\\[(\\d+),");
    int found = 0;
    for (Matcher one = place.matcher(header); one.find(); found++) {
      int width = SafetensorsTypes.type(one.group(1)).orElseThrow().elementBytes();
      assertEquals(0, Long.parseLong(one.group(2)) % Math.min(width, 8), one.group());
    }
    assertEquals(written.tensors().size(), found);
  }
}
