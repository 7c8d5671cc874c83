package dev.cairn.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.checkpoint.CheckpointDiff.Entry;
import dev.cairn.checkpoint.CheckpointDiff.Outcome;
import dev.cairn.checkpoint.model.DType;
import dev.cairn.checkpoint.model.Shape;
import dev.cairn.checkpoint.model.Slice;
import dev.cairn.checkpoint.model.VariableSpec;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests the distance of two values of each type, and its place. */
class CheckpointDiffTest {

  private static final OptionalDouble NONE = OptionalDouble.empty();

  @TempDir Path folder;
  private final List<VariableSpec> variables = new ArrayList<>();
  private final List<ByteBuffer> first = new ArrayList<>();
  private final List<ByteBuffer> second = new ArrayList<>();
  private final Map<String, OptionalDouble> expected = new TreeMap<>();

  /** Two elements: the first one equal, the second as given, in big-endian hexadecimal. */
  private void pair(DType dtype, String a, String b, OptionalDouble difference) {
    String key = dtype + " " + a + " " + b;
    variables.add(new VariableSpec(key, dtype, Shape.of(2)));
    first.add(raw(a));
    second.add(raw(b));
    expected.put(key, difference);
  }

  private static ByteBuffer raw(String hex) {
    byte[] bytes = HexFormat.of().parseHex(hex);
    ByteBuffer raw = ByteBuffer.allocate(2 * bytes.length);
    for (int i = 0; i < bytes.length; i++) {
      raw.put(bytes.length + i, bytes[bytes.length - 1 - i]);
    }
    return raw;
  }

  private static OptionalDouble by(double difference) {
    return OptionalDouble.of(difference);
  }

  private List<Entry> compare() throws Exception {
    try (CheckpointFolder checkpoints =
        CheckpointFolder.open(folder.toString(), TestCheckpoints.OPTIONS)) {
      CommittedCheckpoint a = save(checkpoints, 1, first);
      CommittedCheckpoint b = save(checkpoints, 2, second);
      try (CheckpointReader one = CheckpointReader.open(a.path(), TestCheckpoints.OPTIONS);
          CheckpointReader two = CheckpointReader.open(b.path(), TestCheckpoints.OPTIONS)) {
        for (Entry entry : CheckpointDiff.compare(one, one)) {
          assertEquals(new Entry(entry.key(), entry.key(), Outcome.EQUAL, 0, -1, by(0)), entry);
        }
        return CheckpointDiff.compare(one, two);
      }
    }
  }

  private CommittedCheckpoint save(CheckpointFolder checkpoints, long step, List<ByteBuffer> values)
      throws Exception {
    PendingCheckpoint pending = checkpoints.begin(step, 1);
    try (ShardWriter writer = ShardWriter.create(pending.target(0), TestCheckpoints.OPTIONS)) {
      for (int i = 0; i < variables.size(); i++) {
        writer.write(variables.get(i), Slice.full(1), values.get(i).duplicate());
      }
      pending.report(writer.finish());
    }
    return pending.commit(null, "", new TreeMap<>());
  }

  @Test
  void everyTypeThatHasNumbers() throws Exception {
    pair(DType.INT8, "7f", "80", by(255));
    pair(DType.UINT8, "7f", "80", by(1));
    pair(DType.INT16, "0003", "fffe", by(5));
    pair(DType.UINT16, "0003", "fffe", by(65_531));
    pair(DType.INT32, "00000003", "fffffffe", by(5));
    pair(DType.UINT32, "00000003", "fffffffe", by(4_294_967_291.0));
    pair(DType.INT64, "0000000000000005", "0000000000000006", by(1));
    // One apart where doubles are two apart, and further apart than a long can say.
    pair(DType.INT64, "0020000000000000", "0020000000000001", by(1));
    pair(DType.INT64, "7fffffffffffffff", "8000000000000000", by(0x1p64));
    pair(DType.UINT64, "7fffffffffffffff", "8000000000000000", by(1));
    pair(DType.UINT64, "0000000000000000", "ffffffffffffffff", by(0x1p64));
    pair(DType.QINT8, "01", "04", by(3));
    pair(DType.QUINT8, "01", "ff", by(254));
    pair(DType.QINT16, "0001", "ffff", by(2));
    pair(DType.QUINT16, "0001", "ffff", by(65_534));
    pair(DType.QINT32, "00000001", "ffffffff", by(2));
    pair(DType.HALF, "3c00", "c000", by(3));
    pair(DType.HALF, "0001", "0000", by(0x1p-24));
    pair(DType.HALF, "7bff", "7c00", by(Double.POSITIVE_INFINITY));
    pair(DType.HALF, "7e00", "0000", by(Double.NaN));
    pair(DType.BFLOAT16, "3f80", "c000", by(3));
    pair(DType.FLOAT, "3f800000", "40000000", by(1));
    pair(DType.FLOAT, "00000000", "80000000", by(0));
    pair(DType.DOUBLE, "3ff0000000000000", "3ff0000000000001", by(0x1p-52));
    pair(DType.DOUBLE, "7ff8000000000000", "3ff0000000000001", by(Double.NaN));
    // The imaginary part comes second, that is first in big-endian: 3 + 4i against 0.
    pair(DType.COMPLEX64, "4080000040400000", "0000000000000000", by(5));
    pair(DType.COMPLEX128, "40100000000000004008000000000000", "00".repeat(16), by(5));
    pair(DType.BOOL, "00", "01", NONE);
    pair(DType.FLOAT8_E5M2, "00", "01", NONE);
    Map<String, OptionalDouble> found =
        compare().stream().collect(Collectors.toMap(Entry::key, Entry::maxAbsDifference));
    assertEquals(expected, new TreeMap<>(found));
  }

  /** The count and the first place are in elements, over pieces of a megabyte. */
  @Test
  void countsElements() throws Exception {
    int elements = 300_000;
    VariableSpec variable = new VariableSpec("many", DType.INT32, Shape.of(elements));
    variables.add(variable);
    for (List<ByteBuffer> values : List.of(first, second)) {
      ByteBuffer raw = ByteBuffer.allocate(4 * elements).order(ByteOrder.LITTLE_ENDIAN);
      values.add(raw);
    }
    second.get(0).putInt(4 * 262_143, 2).putInt(4 * 262_144, -70_000).putInt(4 * 299_999, 1);
    Entry entry = compare().get(0);
    assertEquals(new Entry("many", "many", Outcome.DIFFERENT, 3, 262_143, by(70_000)), entry);
  }

  @Test
  void variablesThatOnlyOneHas() throws Exception {
    pair(DType.INT8, "01", "01", by(0));
    pair(DType.INT8, "02", "02", by(0));
    try (CheckpointFolder checkpoints =
        CheckpointFolder.open(folder.toString(), TestCheckpoints.OPTIONS)) {
      CommittedCheckpoint a = save(checkpoints, 1, first);
      VariableSpec gone = variables.remove(0);
      VariableSpec other = new VariableSpec(variables.get(0).key(), DType.UINT8, Shape.of(2));
      variables.set(0, other);
      variables.add(new VariableSpec("new", DType.INT8, Shape.of(2)));
      CommittedCheckpoint b = save(checkpoints, 2, second);
      try (CheckpointReader one = CheckpointReader.open(a.path(), TestCheckpoints.OPTIONS);
          CheckpointReader two = CheckpointReader.open(b.path(), TestCheckpoints.OPTIONS)) {
        Map<String, Entry> found =
            CheckpointDiff.compare(one, two).stream()
                .collect(Collectors.toMap(Entry::key, Function.identity()));
        assertEquals(Outcome.ONLY_FIRST, outcome(found, gone.key()));
        assertEquals(Outcome.OTHER_SPEC, outcome(found, other.key()));
        assertEquals(Outcome.ONLY_SECOND, outcome(found, "new"));
        assertTrue(found.values().stream().allMatch(entry -> entry.differing() == 0));
      }
    }
  }

  private static Outcome outcome(Map<String, Entry> entries, String key) {
    Entry entry = entries.get(key);
    return entry == null ? Outcome.EQUAL : entry.outcome();
  }
}
