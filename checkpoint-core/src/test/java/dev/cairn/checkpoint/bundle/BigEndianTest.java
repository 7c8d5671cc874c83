package dev.cairn.checkpoint.bundle;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.cairn.checkpoint.CheckpointDiff;
import dev.cairn.checkpoint.CheckpointReader;
import dev.cairn.checkpoint.CheckpointVerifier;
import dev.cairn.checkpoint.FolderOptions;
import dev.cairn.checkpoint.model.DType;
import dev.cairn.checkpoint.model.Shape;
import dev.cairn.checkpoint.model.Slice;
import dev.cairn.checkpoint.model.StoredSlice;
import dev.cairn.checkpoint.model.VariableSpec;
import dev.cairn.checkpoint.tensorflow.TensorFlowEnvironment;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Checkpoints of machines that have the highest byte of a number first. None of those is at hand:
 * the files are made here, and TensorFlow, which turns such numbers round, says whether they are
 * right.
 */
class BigEndianTest {
  private static final FolderOptions OPTIONS = FolderOptions.defaults();
  private static final List<DType> TYPES =
      List.of(
          DType.INT8,
          DType.BOOL,
          DType.INT16,
          DType.HALF,
          DType.INT32,
          DType.FLOAT,
          DType.INT64,
          DType.DOUBLE,
          DType.COMPLEX64,
          DType.COMPLEX128);

  @TempDir Path folder;

  private final Bytes data = new Bytes();
  private final List<StoredSlice> slices = new ArrayList<>();

  private void store(VariableSpec variable, Slice slice, byte[] payload, int crc) {
    slices.add(new StoredSlice(variable, slice, 0, data.length(), payload.length, crc));
    data.write(payload, 0, payload.length);
  }

  private static byte[] numbers(DType dtype, int elements, int from) {
    byte[] bytes = new byte[dtype.elementBytes() * elements];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) (dtype == DType.BOOL ? i % 2 : (from + i) * 7 % 100 + 1);
    }
    return bytes;
  }

  /** As such a machine has the lengths before it counts their checksum. */
  private static byte[] strings(List<byte[]> elements, int[] crc) {
    Bytes payload = new Bytes();
    ByteBuffer lengths = ByteBuffer.allocate(4 * elements.size()).order(ByteOrder.BIG_ENDIAN);
    for (byte[] element : elements) {
      payload.varint(element.length);
      lengths.putInt(element.length);
    }
    Bytes counted = new Bytes();
    counted.write(lengths.array(), 0, lengths.capacity());
    int masked = MaskedCrc.mask(MaskedCrc.of(lengths.array(), 0, lengths.capacity()));
    byte[] sum = ByteBuffer.allocate(4).order(ByteOrder.BIG_ENDIAN).putInt(masked).array();
    for (Bytes into : List.of(payload, counted)) {
      into.write(sum, 0, 4);
      elements.forEach(element -> into.write(element, 0, element.length));
    }
    byte[] all = counted.toArray();
    crc[0] = MaskedCrc.of(all, 0, all.length);
    return payload.toArray();
  }

  private String write() throws IOException {
    ByteArrayOutputStream index = new ByteArrayOutputStream();
    BundleIndex.write(1, slices, index);
    ByteArrayOutputStream turned = new ByteArrayOutputStream();
    TableWriter table = new TableWriter(turned);
    byte[] header = HexFormat.of().parseHex("080110011a020801");
    List<byte[]> keys = new ArrayList<>();
    List<byte[]> values = new ArrayList<>();
    new TableReader(index.toByteArray(), "little")
        .read(
            (key, bytes, offset, length) -> {
              keys.add(key);
              values.add(Arrays.copyOfRange(bytes, offset, offset + length));
            });
    values.set(0, header);
    for (int i = 0; i < keys.size(); i++) {
      table.add(keys.get(i), values.get(i));
    }
    long unused = table.finish();
    Files.write(folder.resolve("big.index"), turned.toByteArray());
    Files.write(folder.resolve("big.data-00000-of-00001"), data.toArray());
    return folder.resolve("big").toString();
  }

  @Test
  void numbersAndStringsAsTensorFlowReadsThem() throws Exception {
    for (DType dtype : TYPES) {
      VariableSpec variable = new VariableSpec("v" + dtype, dtype, Shape.of(3, 2));
      if (dtype == DType.FLOAT) {
        for (int row = 0; row < 3; row += 2) {
          byte[] part = numbers(dtype, row == 0 ? 4 : 2, 8 * row);
          Slice slice = Slice.rows(row, row == 0 ? 2 : 1, 2);
          store(variable, slice, part, MaskedCrc.of(part, 0, part.length));
        }
        continue;
      }
      byte[] all = numbers(dtype, 6, 0);
      store(variable, Slice.full(2), all, MaskedCrc.of(all, 0, all.length));
    }
    List<byte[]> texts = List.of("a".getBytes(StandardCharsets.UTF_8), new byte[0], new byte[300]);
    int[] crc = new int[1];
    byte[] payload = strings(texts, crc);
    store(new VariableSpec("texts", DType.STRING, Shape.of(3)), Slice.full(1), payload, crc[0]);
    String path = write();
    assertEquals(List.of(), CheckpointVerifier.verify(path, OPTIONS, 1, n -> {}).damages());
    List<String> ours = new ArrayList<>();
    try (CheckpointReader reader = CheckpointReader.open(path, OPTIONS);
        CheckpointReader again = CheckpointReader.open(path, OPTIONS)) {
      for (VariableSpec variable : reader.variables()) {
        ours.add(
            variable.key()
                + '\t'
                + (variable.dtype() == DType.STRING
                    ? reader.readStrings(variable.key()).stream()
                        .map(HexFormat.of()::formatHex)
                        .collect(Collectors.joining(","))
                    : hex(reader, variable)));
      }
      assertEquals(
          ours.size(),
          CheckpointDiff.compare(reader, again).stream()
              .filter(row -> row.outcome() == CheckpointDiff.Outcome.EQUAL)
              .count());
    }
    List<String> theirs =
        TensorFlowEnvironment.get()
            .run("list.py", "-p", path)
            .lines()
            .skip(1)
            .map(line -> line.split("\t", -1))
            .map(fields -> fields[0] + '\t' + fields[3])
            .toList();
    assertEquals(theirs, ours);
  }

  private static String hex(CheckpointReader reader, VariableSpec variable) throws IOException {
    ByteBuffer into =
        ByteBuffer.allocate((int) variable.shape().elements() * variable.dtype().elementBytes());
    reader.read(variable.key(), Slice.full(variable.shape().rank()), into);
    return HexFormat.of().formatHex(into.array());
  }
}
