package dev.cairn.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.checkpoint.bundle.BundleIndex;
import dev.cairn.checkpoint.bundle.MaskedCrc;
import dev.cairn.checkpoint.model.CheckpointException.Corrupt;
import dev.cairn.checkpoint.model.CheckpointException.Mismatch;
import dev.cairn.checkpoint.model.DType;
import dev.cairn.checkpoint.model.Shape;
import dev.cairn.checkpoint.model.Slice;
import dev.cairn.checkpoint.model.StoredSlice;
import dev.cairn.checkpoint.model.VariableSpec;
import dev.cairn.checkpoint.model.VerifyReport;
import dev.cairn.checkpoint.model.VerifyReport.Damage;
import dev.cairn.checkpoint.store.CheckpointStore;
import dev.cairn.checkpoint.store.CheckpointStores;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One damage does not hide another: all are listed, each once. */
class AllDamagesTest {
  private static final int VARIABLES = 20_000;

  @TempDir Path folder;

  private static void flip(Path path, long at) throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
      file.seek(at);
      int value = file.read();
      file.seek(at);
      file.write(value ^ 4);
    }
  }

  private VerifyReport verify(String path) throws IOException {
    return CheckpointVerifier.verify(path, TestCheckpoints.OPTIONS, 1, bytes -> {});
  }

  private static List<String> files(VerifyReport report) {
    return report.damages().stream().map(Damage::file).toList();
  }

  /** An index of three blocks and more, of which two are damaged, and its data. */
  @Test
  void blocksOfAnIndex() throws IOException {
    VariableSpec sliced = new VariableSpec("sliced", DType.INT8, Shape.of(VARIABLES));
    byte[] data = new byte[2 * VARIABLES];
    int crc = MaskedCrc.of(data, 0, 1);
    List<StoredSlice> slices = new ArrayList<>();
    for (int i = 0; i < VARIABLES; i++) {
      VariableSpec one = new VariableSpec(String.format("v%06d", i), DType.INT8, Shape.of(1));
      slices.add(new StoredSlice(one, Slice.full(1), 0, 2L * i, 1, crc));
      slices.add(new StoredSlice(sliced, Slice.rows(i, 1, 1), 0, 2L * i + 1, 1, crc));
    }
    ByteArrayOutputStream index = new ByteArrayOutputStream();
    BundleIndex.write(1, slices, index);
    Path indexFile = folder.resolve("x.index");
    Path dataFile = folder.resolve("x.data-00000-of-00001");
    Files.write(indexFile, index.toByteArray());
    Files.write(dataFile, data);
    String path = folder.resolve("x").toString();
    assertEquals(List.of(), verify(path).damages());

    flip(indexFile, 300_000);
    flip(indexFile, 100); // In the block of the header.
    flip(dataFile, 2L * (VARIABLES - 1)); // Of a variable in a block that is good.
    flip(dataFile, 2L * (VARIABLES - 3));
    VerifyReport report = verify(path);
    assertEquals(
        List.of("x.data-00000-of-00001", "x.data-00000-of-00001", "x.index", "x.index"),
        files(report));
    assertEquals("v019997", report.damages().get(0).variable());
    assertEquals("v019999", report.damages().get(1).variable());
    assertThrows(Corrupt.class, () -> CheckpointReader.open(path, TestCheckpoints.OPTIONS));
  }

  /** Entries that say what cannot be, each of which is one damage. */
  @Test
  void entriesOfAnIndex() throws IOException {
    byte[] data = new byte[4];
    int crc = MaskedCrc.of(data, 0, 1);
    List<StoredSlice> slices = new ArrayList<>();
    for (int shard : new int[] {0, 7, 0, 9}) {
      VariableSpec one = new VariableSpec("v" + slices.size(), DType.INT8, Shape.of(1));
      slices.add(new StoredSlice(one, Slice.full(1), shard, slices.size(), 1, crc));
    }
    ByteArrayOutputStream index = new ByteArrayOutputStream();
    BundleIndex.write(1, slices, index);
    Files.write(folder.resolve("y.index"), index.toByteArray());
    Files.write(folder.resolve("y.data-00000-of-00001"), new byte[] {0, 0, 1, 0});
    VerifyReport report = verify(folder.resolve("y").toString());
    assertEquals(List.of("y.data-00000-of-00001", "y.index", "y.index"), files(report));
    assertTrue(report.damages().get(1).what().contains("v1"), report.damages().get(1).what());
    assertTrue(report.damages().get(2).what().contains("v3"), report.damages().get(2).what());
  }

  /** Memory for each data file that a header counts would be more than there is. */
  @Test
  void headersThatCountMoreFilesThanThereCanBe() throws IOException {
    byte[] data = new byte[1];
    VariableSpec one = new VariableSpec("v", DType.INT8, Shape.of(1));
    StoredSlice slice = new StoredSlice(one, Slice.full(1), 0, 0, 1, MaskedCrc.of(data, 0, 1));
    for (int files : new int[] {99_999, 100_000, Integer.MAX_VALUE}) {
      ByteArrayOutputStream index = new ByteArrayOutputStream();
      BundleIndex.write(files, List.of(slice), index);
      Files.write(folder.resolve("z.index"), index.toByteArray());
      Files.write(folder.resolve("z.data-00000-of-99999"), data);
      VerifyReport report = verify(folder.resolve("z").toString());
      if (files == 99_999) {
        assertEquals(List.of(), report.damages());
        continue;
      }
      String what =
          report.damages().stream()
              .filter(damage -> damage.file().equals("z.index"))
              .findFirst()
              .orElseThrow()
              .what();
      assertTrue(what.contains("expected 1 to 99999 data files"), what);
      assertTrue(what.contains("found " + files), what);
      String path = folder.resolve("z").toString();
      assertThrows(Corrupt.class, () -> CheckpointReader.open(path, TestCheckpoints.OPTIONS));
    }
  }

  /** Of a committed checkpoint manifest, index and data, alone and together. */
  @Test
  void filesOfACheckpoint() throws IOException {
    CommittedCheckpoint saved;
    try (CheckpointFolder checkpoints =
            CheckpointFolder.open(folder.toString(), TestCheckpoints.OPTIONS);
        CheckpointStore store = CheckpointStores.open(folder.toString(), new TreeMap<>())) {
      saved = TestCheckpoints.save(checkpoints, store, 1, 2);
    }
    Path checkpoint = folder.resolve(saved.name());
    List<String> names;
    try (Stream<Path> files = Files.list(checkpoint)) {
      names = files.map(file -> file.getFileName().toString()).sorted().toList();
    }
    assertEquals(4, names.size());
    for (int damaged = 0; damaged < 1 << names.size(); damaged++) {
      List<String> expected = new ArrayList<>();
      for (int i = 0; i < names.size(); i++) {
        if ((damaged >> i & 1) != 0) {
          flip(checkpoint.resolve(names.get(i)), 20);
          expected.add(names.get(i));
        }
      }
      VerifyReport report = verify(saved.path());
      boolean blind = expected.contains("manifest.json") && expected.contains("variables.index");
      List<String> found = files(report).stream().distinct().toList();
      // Without either nobody knows what the data is to be.
      assertEquals(
          blind ? List.of("manifest.json", "variables.index") : expected, found, "" + damaged);
      expected.forEach(
          name -> {
            try {
              flip(checkpoint.resolve(name), 20);
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          });
    }
  }

  /** What TensorFlow would refuse to write is refused before anything is visible. */
  @Test
  void nothingIsNoCheckpoint() throws IOException {
    try (CheckpointFolder checkpoints =
            CheckpointFolder.open(folder.toString(), TestCheckpoints.OPTIONS);
        CheckpointStore store = CheckpointStores.open(folder.toString(), new TreeMap<>())) {
      PendingCheckpoint pending = checkpoints.begin(5, 1);
      try (ShardWriter writer = ShardWriter.create(store, pending.target(0))) {
        pending.report(writer.finish());
      }
      Mismatch e =
          assertThrows(
              Mismatch.class,
              () -> pending.commit(TestCheckpoints.state(5), "test", new TreeMap<>()));
      assertTrue(String.valueOf(e.getMessage()).contains("found none"), e.getMessage());
      pending.abort();
      assertTrue(checkpoints.latest().isEmpty());
    }
  }

  /** The index tells slices by the zero in front: such a key would be lost. */
  @Test
  void keysThatTheIndexCannotHold() {
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () -> new VariableSpec("\0key", DType.FLOAT, Shape.scalar()));
    assertTrue(String.valueOf(e.getMessage()).contains("\\0key"), e.getMessage());
  }
}
