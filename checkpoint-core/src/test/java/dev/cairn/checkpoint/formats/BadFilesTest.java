package dev.cairn.checkpoint.formats;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.checkpoint.FolderOptions;
import dev.cairn.checkpoint.model.CheckpointException;
import dev.cairn.checkpoint.model.CheckpointException.Corrupt;
import dev.cairn.checkpoint.model.CheckpointException.Mismatch;
import dev.cairn.checkpoint.model.DType;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files made by hand to be wrong in one way each; the message says which. */
final class BadFilesTest {
  private static final FolderOptions OPTIONS = FolderOptions.defaults();

  @TempDir private Path folder = Path.of("");

  private <T extends CheckpointException> String refused(Class<T> type, String name, byte[] bytes)
      throws IOException {
    Path file = Files.write(folder.resolve(name), bytes);
    String message =
        String.valueOf(
            assertThrows(
                    type,
                    () -> {
                      try (TensorSource source = TensorFiles.open(file.toString(), OPTIONS)) {
                        MemoryTensors.read(source);
                      }
                    })
                .getMessage());
    assertTrue(message.contains(name), message);
    return message;
  }

  private static byte[] safetensors(String header, int data) {
    byte[] json = header.getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(8 + json.length + data)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(json.length)
        .put(json)
        .array();
  }

  private void badHeader(String part, String header, int data) throws IOException {
    String message = refused(Corrupt.class, "x.safetensors", safetensors(header, data));
    assertTrue(message.contains(part), message);
  }

  private static String tensor(String name, String shape, long begin, long end) {
    return String.format(
        java.util.Locale.ROOT,
        "\"%s\":{\"dtype\":\"F32\",\"shape\":%s,\"data_offsets\":[%d,%d]}",
        name,
        shape,
        begin,
        end);
  }

  @Test
  void safetensorsHeaders() throws IOException {
    badHeader(
        "overlaps", "{" + tensor("a", "[2]", 0, 8) + "," + tensor("b", "[2]", 4, 12) + "}", 12);
    badHeader("gap", "{" + tensor("a", "[1]", 0, 4) + "," + tensor("b", "[1]", 8, 12) + "}", 12);
    badHeader("gap", "{" + tensor("a", "[1]", 4, 8) + "}", 8);
    badHeader(
        "expected 4 bytes behind the header, found 8", "{" + tensor("a", "[1]", 0, 4) + "}", 8);
    badHeader("from 0 to 8", "{" + tensor("a", "[2]", 0, 8) + "}", 4);
    badHeader("from 0 to 8", "{" + tensor("a", "[3]", 0, 8) + "}", 8);
    badHeader("from 8 to 0", "{" + tensor("a", "[2]", 8, 0) + "}", 8);
    badHeader("from -4 to 4", "{" + tensor("a", "[2]", -4, 4) + "}", 4);
    badHeader("shape of tensor a", "{" + tensor("a", "[-1]", 0, 4) + "}", 4);
    badHeader("shape of tensor a", "{" + tensor("a", "[4611686018427387904, 4]", 0, 4) + "}", 4);
    badHeader("whole numbers as shape", "{" + tensor("a", "[1.5]", 0, 4) + "}", 4);
    badHeader("whole numbers as shape", "{" + tensor("a", "7", 0, 4) + "}", 4);
    badHeader("no JSON", "{" + tensor("a", "[99999999999999999999]", 0, 4) + "}", 4);
    badHeader("no JSON", "{" + tensor("a", "[1]", 0, 4) + "," + tensor("a", "[1]", 0, 4) + "}", 4);
    badHeader("no JSON", "{" + tensor("a", "[1]", 0, 4), 4);
    badHeader("JSON object", "[]", 0);
    badHeader("empty name", "{" + tensor("", "[1]", 0, 4) + "}", 4);
    badHeader("expected an object for a", "{\"a\":1}", 0);
    badHeader("has a field more", "{\"a\":{\"more\":1}}", 0);
    badHeader("expected dtype, shape", "{\"a\":{\"dtype\":\"F32\"}}", 0);
    badHeader("nothing behind", "{} {}", 0);
    String unknown =
        refused(
            Mismatch.class,
            "x.safetensors",
            safetensors("{\"a\":{\"dtype\":\"F4\",\"shape\":[2],\"data_offsets\":[0,1]}}", 1));
    assertTrue(unknown.contains("type F4"), unknown);
    byte[] huge = safetensors("{}", 0);
    huge[7] = (byte) 0x80;
    assertTrue(refused(Corrupt.class, "x.safetensors", huge).contains("9223372036854775810"));
    huge[7] = 1;
    assertTrue(refused(Corrupt.class, "x.safetensors", huge).contains("72057594037927938"));
  }

  /** What the format allows and our own writer does not do. */
  @Test
  void safetensorsInAnotherOrder() throws IOException {
    String header =
        "  {\"__metadata__\":{\"format\":\"pt\"},"
            + tensor("z", "[1]", 4, 8)
            + ","
            + tensor("none", "[0]", 4, 4)
            + ","
            + tensor("a", "[]", 0, 4)
            + "}   ";
    Path file = Files.write(folder.resolve("x.safetensors"), safetensors(header, 8));
    try (TensorSource read = TensorFiles.open(file.toString(), OPTIONS)) {
      assertEquals(
          List.of("z FLOAT[1]", "none FLOAT[0]", "a FLOAT[]"),
          read.tensors().stream().map(Object::toString).toList());
      MemoryTensors.read(read);
    }
  }

  private static byte[] npy(String descr, String order, String shape, int data) {
    String header =
        "{'descr': " + descr + ", 'fortran_order': " + order + ", 'shape': " + shape + ", }\n";
    return ByteBuffer.allocate(10 + header.length() + data)
        .order(ByteOrder.LITTLE_ENDIAN)
        .put(NpyHeader.MAGIC)
        .put((byte) 1)
        .put((byte) 0)
        .putShort((short) header.length())
        .put(header.getBytes(StandardCharsets.ISO_8859_1))
        .array();
  }

  private static byte[] zip(Map<String, byte[]> members) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      for (Map.Entry<String, byte[]> member : members.entrySet()) {
        zip.putNextEntry(new ZipEntry(member.getKey()));
        zip.write(member.getValue());
      }
    }
    return bytes.toByteArray();
  }

  private void badArray(Class<? extends CheckpointException> type, String part, byte[] npy)
      throws IOException {
    String message = refused(type, "x.npz", zip(Map.of("a.npy", npy)));
    assertTrue(message.contains(part) && message.contains("array a"), message);
  }

  @Test
  void npzArrays() throws IOException {
    badArray(Mismatch.class, "Python objects (|O)", npy("'|O'", "False", "(1,)", 8));
    badArray(Mismatch.class, "[('x', '<f4')]", npy("[('x', '<f4')]", "False", "(1,)", 4));
    badArray(Mismatch.class, "<M8[ns]", npy("'<M8[ns]'", "False", "(1,)", 8));
    badArray(Mismatch.class, "Fortran", npy("'<f4'", "True", "(8400, 2000)", 67_200_000));
    badArray(Corrupt.class, "found", npy("'<f4'", "False", "(2,)", 4));
    badArray(Corrupt.class, "found", npy("'<f4'", "False", "(2,)", 12));
    badArray(Corrupt.class, "too large", npy("'<f8'", "False", "(4611686018427387904,)", 8));
    badArray(Corrupt.class, "2^63", npy("'<f8'", "False", "(4611686018427387904, 4)", 8));
    badArray(Corrupt.class, "header is none", npy("__import__('os')", "False", "(2,)", 8));
    badArray(Corrupt.class, "header is none", npy("'<f4'", "0", "(2,)", 8));
    badArray(Corrupt.class, "begin", "x".repeat(100).getBytes(StandardCharsets.US_ASCII));
    badArray(Corrupt.class, "cut short", new byte[3]);
    byte[] version = npy("'<f4'", "False", "(2,)", 8);
    version[6] = 9;
    badArray(Corrupt.class, "version 1 to 3, found 9", version);
    byte[] long2 = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 2, 0, -1, -1, -1, -1};
    badArray(Corrupt.class, "one of 4294967295", long2);
    refused(Corrupt.class, "x.npz", "no archive".getBytes(StandardCharsets.US_ASCII));
  }

  @Test
  void textAndOtherMembersAreTold() throws IOException {
    byte[] bytes =
        zip(
            new java.util.TreeMap<>(
                Map.of(
                    "a.npy", npy("'>i2'", "False", "(2,)", 4),
                    "notes.txt", new byte[2],
                    "words.npy", npy("'<U3'", "False", "(1,)", 12))));
    Path file = Files.write(folder.resolve("x.npz"), bytes);
    try (TensorSource read = TensorFiles.open(file.toString(), OPTIONS)) {
      assertEquals(DType.INT16, read.tensor("a").dtype());
      assertEquals(List.of("notes.txt: is no array", "words: <U3 is text"), read.others());
    }
  }

  @Test
  void kerasArchives() throws IOException {
    byte[] text = "{}".getBytes(StandardCharsets.UTF_8);
    byte[] none = zip(Map.of("config.json", text));
    assertTrue(refused(Corrupt.class, "x.keras", none).contains("metadata.json"));
    byte[] noWeights = zip(Map.of("config.json", text, "metadata.json", text));
    assertTrue(refused(Mismatch.class, "x.keras", noWeights).contains("model.weights.h5"));
    byte[] noJson = zip(Map.of("config.json", text, "metadata.json", new byte[] {'['}));
    assertTrue(refused(Corrupt.class, "x.keras", noJson).contains("metadata.json is no JSON"));
    byte[] badWeights =
        zip(Map.of("config.json", text, "metadata.json", text, "model.weights.h5", text));
    assertTrue(refused(Corrupt.class, "x.keras", badWeights).contains("expected an HDF5 file"));
    refused(Corrupt.class, "x.keras", text);
    refused(Corrupt.class, "x.weights.h5", text);
  }

  private static int find(byte[] part, byte[] all) {
    for (int at = 0; at + part.length <= all.length; at++) {
      if (java.util.Arrays.equals(all, at, at + part.length, part, 0, part.length)) {
        return at;
      }
    }
    throw new AssertionError("not there");
  }

  /** Archives have checksums: a changed number is told, and never handed out for good. */
  @Test
  void checksumsOfArchives() throws IOException {
    MemoryTensors tensors = new MemoryTensors().with("layers/dense/vars/0", DType.FLOAT, 50, 3);
    byte[] value = tensors.value("layers/dense/vars/0");
    String npz = folder.resolve("good.npz").toString();
    TensorFiles.write(tensors, npz, false, OPTIONS);
    byte[] changed = Files.readAllBytes(Path.of(npz));
    changed[find(value, changed) + 77] ^= 4;
    assertTrue(refused(Corrupt.class, "x.npz", changed).contains("its checksum differs"));

    String weights = folder.resolve("good.weights.h5").toString();
    TensorFiles.write(tensors, weights, false, OPTIONS);
    byte[] text = "{}".getBytes(StandardCharsets.UTF_8);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      zip.setLevel(0); // bytes as they are
      for (String name : List.of("metadata.json", "config.json", "model.weights.h5")) {
        zip.putNextEntry(new ZipEntry(name));
        zip.write(name.endsWith("h5") ? Files.readAllBytes(Path.of(weights)) : text);
      }
    }
    byte[] keras = bytes.toByteArray();
    Path good = Files.write(folder.resolve("good.keras"), keras);
    try (TensorSource read = TensorFiles.open(good.toString(), OPTIONS)) {
      assertEquals(tensors.tensors(), read.tensors());
    }
    keras[find(value, keras) + 77] ^= 4;
    assertTrue(
        refused(Corrupt.class, "x.keras", keras).contains("checksum of model.weights.h5 differs"));
  }

  /** No program writes it, and nobody could say which one is meant. */
  @Test
  void arraysOfOneName() throws IOException {
    byte[] two =
        zip(
            Map.of(
                "one.npy", npy("'<f4'", "False", "(1,)", 4),
                "two.npy", npy("'<f4'", "False", "(1,)", 4)));
    String text = new String(two, StandardCharsets.ISO_8859_1).replace("two.npy", "one.npy");
    refused(Corrupt.class, "x.npz", text.getBytes(StandardCharsets.ISO_8859_1));
  }
}
