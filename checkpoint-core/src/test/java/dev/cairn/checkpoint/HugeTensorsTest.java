package dev.cairn.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.checkpoint.CheckpointDiff.Entry;
import dev.cairn.checkpoint.CheckpointDiff.Outcome;
import dev.cairn.checkpoint.bundle.BundleIndex;
import dev.cairn.checkpoint.bundle.MaskedCrc;
import dev.cairn.checkpoint.io.Crc32cCombiner;
import dev.cairn.checkpoint.model.DType;
import dev.cairn.checkpoint.model.Shape;
import dev.cairn.checkpoint.model.Slice;
import dev.cairn.checkpoint.model.StoredSlice;
import dev.cairn.checkpoint.model.VariableSpec;
import dev.cairn.checkpoint.model.VerifyReport;
import dev.cairn.checkpoint.store.CheckpointStore;
import dev.cairn.checkpoint.store.CheckpointStores;
import dev.cairn.checkpoint.store.StoreInput;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tensors, slices and strings of more than 2^31 bytes: of zeros, which no disk has to hold. */
class HugeTensorsTest {

  private static final long HALF = (1L << 30) + 3;

  @TempDir Path folder;

  /** The checksum of so many zero bytes. */
  private static int zeros(int before, long count) {
    int crc = before;
    int power = MaskedCrc.of(new byte[1], 0, 1);
    long length = 1;
    for (long rest = count; rest != 0; rest >>>= 1) {
      if ((rest & 1) != 0) {
        crc = Crc32cCombiner.combine(crc, power, length);
      }
      power = Crc32cCombiner.combine(power, power, length);
      length *= 2;
    }
    return crc;
  }

  /** A store whose data files begin with these bytes and go on with zeros. */
  private CheckpointStore store(byte[] head, long length) throws IOException {
    CheckpointStore local = CheckpointStores.open(folder.toString(), new TreeMap<>());
    return new SharedStore(local) {
      @Override
      public StoreInput open(String path) throws IOException {
        return path.contains(".data-") ? new Zeros(head, length) : super.open(path);
      }
    };
  }

  private record Zeros(byte[] head, long length) implements StoreInput {
    private static final byte[] NONE = new byte[1 << 16];

    @Override
    public void readFully(long position, ByteBuffer into) {
      long at = position;
      while (at < head.length && into.hasRemaining()) {
        into.put(head[(int) at++]);
      }
      while (into.hasRemaining()) {
        into.put(NONE, 0, Math.min(NONE.length, into.remaining()));
      }
    }

    @Override
    public void close() {}
  }

  private String index(List<StoredSlice> slices) throws IOException {
    try (OutputStream out = Files.newOutputStream(folder.resolve("x.index"))) {
      BundleIndex.write(1, slices, out);
    }
    return CheckpointStores.qualify(folder.resolve("x").toString(), new TreeMap<>());
  }

  private static void same(CheckpointStore store, String prefix) throws IOException {
    try (CheckpointReader first = CheckpointReader.open(store, prefix);
        CheckpointReader second = CheckpointReader.open(store, prefix)) {
      Entry entry = CheckpointDiff.compare(first, second).get(0);
      assertEquals(Outcome.EQUAL, entry.outcome());
    }
  }

  /** Two columns of blocks: 2 rows of 2^31 + 6 bytes, which no array holds. */
  @Test
  void columnBlocks() throws Exception {
    VariableSpec variable = new VariableSpec("v", DType.INT8, Shape.of(2, 2 * HALF));
    int crc = zeros(0, 2 * HALF);
    Slice left = Slice.of(new long[] {0, 0}, new long[] {2, HALF});
    Slice right = Slice.of(new long[] {0, HALF}, new long[] {2, HALF});
    String prefix =
        index(
            List.of(
                new StoredSlice(variable, left, 0, 0, 2 * HALF, crc),
                new StoredSlice(variable, right, 0, 2 * HALF, 2 * HALF, crc)));
    CheckpointStore store = store(new byte[0], 4 * HALF);
    same(store, prefix);
    try (CheckpointReader reader = CheckpointReader.open(store, prefix)) {
      ByteBuffer some = ByteBuffer.allocate(20);
      Slice middle = Slice.of(new long[] {0, HALF - 10}, new long[] {2, 10});
      reader.read("v", middle, some);
      assertEquals(20, some.position());
    }
  }

  @Test
  void strings() throws Exception {
    long length = (1L << 31) + 5;
    ByteBuffer head = ByteBuffer.allocate(5 + 4).order(ByteOrder.LITTLE_ENDIAN);
    for (long rest = length; rest != 0; rest >>>= 7) {
      head.put((byte) (rest < 128 ? rest : rest | 0x80));
    }
    ByteBuffer fixed = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN);
    int lengths = MaskedCrc.of(fixed.putInt(0, (int) length).array(), 0, 4);
    int masked = MaskedCrc.mask(lengths);
    head.putInt(masked);
    int stored = MaskedCrc.of(fixed.putInt(0, masked).array(), 0, 4);
    int crc = zeros(Crc32cCombiner.combine(lengths, stored, 4), length);
    VariableSpec variable = new VariableSpec("s", DType.STRING, Shape.scalar());
    String prefix = index(List.of(new StoredSlice(variable, Slice.full(0), 0, 0, 9 + length, crc)));
    CheckpointStore store = store(head.array(), 9 + length);
    VerifyReport report = CheckpointVerifier.verify(store, prefix, 1, n -> {});
    assertTrue(report.good(), report.toString());
    same(store, prefix);
  }
}
