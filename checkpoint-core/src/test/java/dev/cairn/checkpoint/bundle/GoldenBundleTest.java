package dev.cairn.checkpoint.bundle;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.checkpoint.model.CheckpointException;
import dev.cairn.checkpoint.model.DType;
import dev.cairn.checkpoint.model.Shape;
import dev.cairn.checkpoint.model.Slice;
import dev.cairn.checkpoint.model.StoredSlice;
import dev.cairn.checkpoint.model.VariableSpec;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Bytes that TensorFlow restores, both ways, and the vectors of the format's description (S62). */
class GoldenBundleTest {
  private static final HexFormat HEX = HexFormat.of();

  static byte[] golden(String name) throws IOException {
    try (InputStream in =
        GoldenBundleTest.class.getResourceAsStream("/golden/tensorflow/sliced-2-shards/" + name)) {
      return in.readAllBytes();
    }
  }

  @Test
  void goldenIndexIsReadAndWrittenByteForByte() throws IOException {
    byte[] bytes = golden("ckpt-7.index");
    BundleIndex index = BundleIndex.read(bytes, "ckpt-7.index");
    assertEquals(2, index.shards());
    List<StoredSlice> all = new ArrayList<>();
    index.slices().values().forEach(all::addAll);
    assertEquals(
        "[_CHECKPOINTABLE_OBJECT_GRAPH, emb/.ATTRIBUTES/VARIABLE_VALUE,"
            + " save_counter/.ATTRIBUTES/VARIABLE_VALUE]",
        index.slices().keySet().toString());
    for (StoredSlice slice : all) {
      byte[] data = golden("ckpt-7.data-0000" + slice.shard() + "-of-00002");
      int at = (int) slice.offset();
      if (slice.variable().dtype() == DType.STRING) {
        byte[] payload = java.util.Arrays.copyOfRange(data, at, at + (int) slice.size());
        List<byte[]> graph = StringTensor.decode(payload, 1, slice.crc32c(), "graph");
        assertArrayEquals(payload, StringTensor.encode(graph).payload());
        assertEquals(slice.crc32c(), StringTensor.encode(graph).crc32c());
      } else {
        assertEquals(slice.crc32c(), MaskedCrc.of(data, at, (int) slice.size()));
      }
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    assertEquals(bytes.length, BundleIndex.write(2, all, out));
    assertArrayEquals(bytes, out.toByteArray());
  }

  @Test
  void smallestTable() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    BundleIndex.write(1, List.of(), out);
    String hex = HEX.formatHex(out.toByteArray());
    assertTrue(
        hex.startsWith(
            "00000608011a0208010000000001000000"
                + "00629457f9"
                + "0000000001000000"
                + "00c0f2a1b0"
                + "00000200110000000001000000"
                + "00ccbf8b5d"
                + "1608230d"),
        hex);
    assertTrue(hex.endsWith("57fb808b247547db"));
  }

  @Test
  void checksumVectors() {
    byte[] digits = "123456789".getBytes(StandardCharsets.US_ASCII);
    assertEquals(0xE3069283, MaskedCrc.of(digits, 0, 9));
    assertEquals(0xC78AB0E5, MaskedCrc.mask(0xE3069283));
    assertEquals(0xA282EAD8, MaskedCrc.mask(0));
    Random random = new Random(1);
    for (int i = 0; i < 1000; i++) {
      int crc = random.nextInt();
      assertEquals(crc, MaskedCrc.unmask(MaskedCrc.mask(crc)));
    }
  }

  @Test
  void orderedCodeVectors() {
    Object[][] vectors = {
      {0L, "80"},
      {1L, "81"},
      {63L, "bf"},
      {64L, "c040"},
      {100L, "c064"},
      {8191L, "dfff"},
      {8192L, "e02000"},
      {1048575L, "efffff"},
      {1048576L, "f0100000"},
      {134217727L, "f7ffffff"},
      {134217728L, "f808000000"},
      {(1L << 31) - 1, "f87fffffff"},
      {1L << 33, "fa00000000"},
      {1L << 40, "fd0000000000"},
      {-1L, "7f"}
    };
    for (Object[] vector : vectors) {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      SliceKey.signed(out, (Long) vector[0]);
      assertEquals(vector[1], HEX.formatHex(out.toByteArray()), vector[0] + "");
    }
    String previous = "";
    for (long value : new long[] {0, 1, 255, 256, 1L << 40, 1L << 55, 1L << 61, Long.MAX_VALUE}) {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      SliceKey.signed(out, value);
      String hex = HEX.formatHex(out.toByteArray());
      assertTrue(previous.compareTo(hex) < 0, "order is kept at " + value);
      previous = hex;
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    SliceKey.unsigned(out, 256);
    SliceKey.string(out, new byte[] {0, (byte) 0xFF, 'a'});
    assertEquals("020100" + "00ffff00610001", HEX.formatHex(out.toByteArray()));
  }

  @Test
  void indexOfManyBlocksRoundTrips() throws IOException {
    List<StoredSlice> slices = new ArrayList<>();
    for (int v = 0; v < 600; v++) {
      VariableSpec variable =
          new VariableSpec("layer" + v + "/é", DType.FLOAT, Shape.of(v % 3 == 0 ? 40 : 0, 2));
      if (v % 3 == 0) {
        for (int s = 0; s < 40; s++) {
          slices.add(new StoredSlice(variable, Slice.rows(s, 1, 2), v % 4, 8L * s, 8, v * 31 + s));
        }
      } else {
        slices.add(new StoredSlice(variable, Slice.full(2), 0, 0, 0, 0));
      }
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    long length = BundleIndex.write(4, slices, out);
    assertTrue(length > 262_144, "several blocks, found " + length + " bytes");
    BundleIndex index = BundleIndex.read(out.toByteArray(), "x.index");
    assertEquals(600, index.slices().size());
    List<StoredSlice> read = new ArrayList<>();
    index.slices().values().forEach(read::addAll);
    assertEquals(new java.util.HashSet<>(slices), new java.util.HashSet<>(read));
  }

  @Test
  void everyFlippedBitOfAnIndexIsFound() throws IOException {
    byte[] bytes = golden("ckpt-7.index");
    for (int bit = 0; bit < bytes.length * 8; bit++) {
      byte[] broken = bytes.clone();
      broken[bit / 8] ^= (byte) (1 << bit % 8);
      assertThrows(CheckpointException.class, () -> BundleIndex.read(broken, "i"), "bit " + bit);
    }
    for (int length = 0; length < bytes.length; length++) {
      byte[] cut = java.util.Arrays.copyOf(bytes, length);
      assertThrows(CheckpointException.class, () -> BundleIndex.read(cut, "i"), "cut " + length);
    }
  }

  @Test
  void dtypesThatTensorFlowCannotAssembleAreNotSliced() {
    VariableSpec half = new VariableSpec("h", DType.HALF, Shape.of(4));
    List<StoredSlice> slices =
        List.of(
            new StoredSlice(half, Slice.rows(0, 2, 1), 0, 0, 4, 0),
            new StoredSlice(half, Slice.rows(2, 2, 1), 0, 4, 4, 0));
    assertThrows(
        IllegalArgumentException.class,
        () -> BundleIndex.write(1, slices, new ByteArrayOutputStream()));
  }

  @Test
  void stateFileRoundTrips() throws CheckpointException {
    CheckpointState state =
        new CheckpointState("ckpt-2", List.of("ckpt-1", "a \"b\\"), List.of(1.5, 1e9), 0.25);
    assertEquals(state, CheckpointState.parse(state.print(), "checkpoint"));
    assertEquals(
        "ckpt-7",
        CheckpointState.parse("# by hand\nmodel_checkpoint_path: \"ckpt-7\"\n", "c").latest());
    assertThrows(
        CheckpointException.Corrupt.class, () -> CheckpointState.parse("other: 3\n", "checkpoint"));
  }

  @Test
  void stringsOfAllLengths() throws CheckpointException {
    List<byte[]> strings =
        List.of(new byte[0], "ab".getBytes(StandardCharsets.UTF_8), new byte[300]);
    StringTensor tensor = StringTensor.encode(strings);
    List<byte[]> back = StringTensor.decode(tensor.payload(), 3, tensor.crc32c(), "s");
    for (int i = 0; i < 3; i++) {
      assertArrayEquals(strings.get(i), back.get(i));
    }
    assertEquals("d8ea82a2", HEX.formatHex(StringTensor.encode(List.of()).payload()));
    for (int i = 0; i < tensor.payload().length * 8; i++) {
      byte[] broken = tensor.payload().clone();
      broken[i / 8] ^= (byte) (1 << i % 8);
      assertThrows(
          CheckpointException.Corrupt.class,
          () -> StringTensor.decode(broken, 3, tensor.crc32c(), "s"));
    }
  }
}
