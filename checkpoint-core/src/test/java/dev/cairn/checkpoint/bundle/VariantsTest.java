package dev.cairn.checkpoint.bundle;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.cairn.checkpoint.CheckpointReader;
import dev.cairn.checkpoint.FolderOptions;
import dev.cairn.checkpoint.model.CheckpointException.Corrupt;
import dev.cairn.checkpoint.model.CheckpointException.Mismatch;
import dev.cairn.checkpoint.model.DType;
import dev.cairn.checkpoint.model.Shape;
import dev.cairn.checkpoint.model.Slice;
import dev.cairn.checkpoint.model.StoredSlice;
import dev.cairn.checkpoint.model.VariableSpec;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** States of iterators and the like: bytes that are checked, handed out and not interpreted. */
class VariantsTest {
  private static final VariableSpec STATE =
      new VariableSpec("it/.ATTRIBUTES/ITERATOR_STATE", DType.VARIANT, Shape.of(2));

  @TempDir Path folder;

  /** Each element: its length, its bytes, and the checksum of all so far. */
  private static byte[] payload(List<byte[]> elements, int[] crc) {
    Bytes stored = new Bytes();
    Bytes counted = new Bytes();
    for (byte[] element : elements) {
      stored.varint(element.length);
      counted.fixed64(element.length);
      stored.write(element, 0, element.length);
      counted.write(element, 0, element.length);
      byte[] all = counted.toArray();
      int masked = MaskedCrc.mask(MaskedCrc.of(all, 0, all.length));
      stored.fixed32(masked);
      counted.fixed32(masked);
    }
    byte[] all = counted.toArray();
    crc[0] = MaskedCrc.of(all, 0, all.length);
    return stored.toArray();
  }

  @Test
  void rawBytesOfEachElement() throws IOException {
    List<byte[]> elements = List.of("state".getBytes(StandardCharsets.UTF_8), new byte[200]);
    int[] crc = new int[1];
    byte[] data = payload(elements, crc);
    ByteArrayOutputStream index = new ByteArrayOutputStream();
    BundleIndex.write(
        1, List.of(new StoredSlice(STATE, Slice.full(1), 0, 0, data.length, crc[0])), index);
    Files.write(folder.resolve("v.index"), index.toByteArray());
    Path file = folder.resolve("v.data-00000-of-00001");
    Files.write(file, data);
    String path = folder.resolve("v").toString();
    try (CheckpointReader reader = CheckpointReader.open(path, FolderOptions.defaults())) {
      List<byte[]> read = reader.readVariants(STATE.key());
      assertEquals(2, read.size());
      assertArrayEquals(elements.get(0), read.get(0));
      assertArrayEquals(elements.get(1), read.get(1));
      assertThrows(Mismatch.class, () -> reader.readStrings(STATE.key()));
      assertEquals(Map.of(STATE.key(), Shape.of(2)), reader.shapes());
      assertEquals(Map.of(STATE.key(), DType.VARIANT), reader.dtypes());
    }
    data[2] ^= 1;
    Files.write(file, data);
    try (CheckpointReader reader = CheckpointReader.open(path, FolderOptions.defaults())) {
      assertThrows(Corrupt.class, () -> reader.readVariants(STATE.key()));
    }
  }
}
