package dev.cairn.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.checkpoint.commit.ManifestJson;
import dev.cairn.checkpoint.model.CheckpointException;
import dev.cairn.checkpoint.model.CheckpointException.Corrupt;
import dev.cairn.checkpoint.model.DType;
import dev.cairn.checkpoint.model.DataFile;
import dev.cairn.checkpoint.model.Manifest;
import dev.cairn.checkpoint.model.Orphan;
import dev.cairn.checkpoint.model.StoredSlice;
import dev.cairn.checkpoint.model.VariableSpec;
import dev.cairn.checkpoint.model.VerifyReport;
import dev.cairn.checkpoint.model.VerifyReport.Damage;
import dev.cairn.checkpoint.store.CheckpointStore;
import dev.cairn.checkpoint.store.CheckpointStores;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Damage of every kind is found, named, and never restored (S11, S60, S62). */
class DamageTest {

  private static final int FLIPS = 10_000;

  @TempDir Path folder;
  private CheckpointStore store;
  private CommittedCheckpoint older;
  private CommittedCheckpoint newer;

  @BeforeEach
  void saveTwo() throws Exception {
    store = CheckpointStores.open(folder.toString(), new TreeMap<>());
    try (CheckpointFolder checkpoints =
        CheckpointFolder.open(folder.toString(), TestCheckpoints.OPTIONS)) {
      older = TestCheckpoints.save(checkpoints, store, 1, 3);
      newer = TestCheckpoints.save(checkpoints, store, 2, 3);
    }
  }

  private Path file(CommittedCheckpoint checkpoint, String name) {
    return folder.resolve(checkpoint.name()).resolve(name);
  }

  private List<Path> files() throws Exception {
    try (Stream<Path> paths = Files.list(folder.resolve(newer.name()))) {
      return paths.sorted().toList();
    }
  }

  /** S60. */
  @Test
  void everyFlippedBitIsFoundAndNamed() throws Exception {
    List<Path> files = files();
    List<StoredSlice> slices = new ArrayList<>();
    try (CheckpointReader reader = CheckpointReader.open(store, newer.path())) {
      reader.variables().forEach(variable -> slices.addAll(reader.slices(variable.key())));
    }
    long total = 0;
    for (Path file : files) {
      total += Files.size(file);
    }
    Random random = new Random(60);
    for (int flip = 0; flip < FLIPS; flip++) {
      long at = (long) (random.nextDouble() * total);
      int bit = 1 << random.nextInt(8);
      for (Path file : files) {
        long size = Files.size(file);
        if (at < size) {
          flip(file, at, bit);
          check(file, at, slices, flip % 10 == 0);
          flip(file, at, bit);
          break;
        }
        at -= size;
      }
    }
    assertEquals(List.of(), verify().damages());
  }

  private static void flip(Path path, long at, int bit) throws Exception {
    try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
      file.seek(at);
      int value = file.read();
      file.seek(at);
      file.write(value ^ bit);
    }
  }

  private void check(Path file, long at, List<StoredSlice> slices, boolean restore)
      throws Exception {
    String name = file.getFileName().toString();
    String where = name + " at " + at;
    VerifyReport report = verify();
    assertEquals(1, report.damages().size(), where);
    Damage damage = report.damages().get(0);
    assertEquals(name, damage.file(), where);
    StoredSlice hit = null;
    for (StoredSlice slice : slices) {
      if (name.equals(String.format("variables.data-%05d-of-00003", slice.shard()))
          && slice.offset() <= at
          && at < slice.end()) {
        hit = slice;
      }
    }
    if (hit == null) {
      assertTrue(name.equals("manifest.json") || name.equals("variables.index"), where);
      assertThrows(Corrupt.class, () -> CheckpointReader.open(store, newer.path()), where);
      return;
    }
    assertEquals(hit.variable().key(), damage.variable(), where);
    assertEquals(hit.unsliced() ? "" : hit.slice().toString(), damage.slice(), where);
    assertEquals(hit.offset(), damage.offset(), where);
    if (restore) {
      restoresAllBut(hit.variable());
    }
  }

  private void restoresAllBut(VariableSpec damaged) throws Exception {
    try (CheckpointReader reader = CheckpointReader.open(store, newer.path())) {
      for (VariableSpec variable : TestCheckpoints.FLOATS) {
        float[] into = new float[(int) variable.shape().elements()];
        if (variable.equals(damaged)) {
          Corrupt e =
              assertThrows(
                  Corrupt.class,
                  () -> reader.readRows(variable.key(), 0, variable.shape().rows(), into, 0));
          assertTrue(String.valueOf(e.getMessage()).contains(variable.key()));
        } else {
          reader.readRows(variable.key(), 0, variable.shape().rows(), into, 0);
          assertArrayEquals(TestCheckpoints.values(variable, 2), into);
        }
      }
      if (damaged.dtype() == DType.STRING) {
        assertThrows(Corrupt.class, () -> reader.readStrings(damaged.key()));
      }
    }
  }

  private VerifyReport verify() throws Exception {
    return CheckpointVerifier.verify(store, newer.path(), 1, bytes -> {});
  }

  /** S11, S62: each file removed, cut, swapped with the older checkpoint's, zeroed, lengthened. */
  @Test
  void everyFileMatters() throws Exception {
    for (Path file : files()) {
      String name = file.getFileName().toString();
      byte[] good = Files.readAllBytes(file);
      Files.delete(file);
      refused(file, "removed " + name, !name.equals("manifest.json"));
      Files.write(file, Arrays.copyOf(good, good.length / 2));
      refused(file, "cut " + name, true);
      Files.write(file, Arrays.copyOf(good, good.length + 1));
      refused(file, "longer " + name, true);
      Files.write(file, new byte[good.length]);
      refused(file, "zeroed " + name, true);
      Files.write(file, new byte[0]);
      refused(file, "emptied " + name, true);
      Files.copy(file(older, name), file, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
      refused(file, "swapped " + name, true);
      Files.write(file, good);
    }
    assertEquals(List.of(), verify().damages());
  }

  /** All slices are whole and yet the file is not the manifest's: only its own checksum tells. */
  @Test
  void theFilesOwnChecksumCounts() throws Exception {
    Manifest said = newer.manifest();
    List<DataFile> files = new ArrayList<>(said.files());
    DataFile first = files.get(0);
    files.set(0, new DataFile(first.name(), first.length(), first.crc32c() ^ 1));
    says(files, said.variables(), said.slices());
    VerifyReport report = verify();
    assertEquals(1, report.damages().size());
    assertEquals(first.name(), report.damages().get(0).file());
    assertTrue(report.damages().get(0).what().contains("the file's checksum"));
  }

  /** Puts a manifest of other contents in place, whole in itself. */
  private void says(List<DataFile> files, long variables, long slices) throws Exception {
    Manifest said = newer.manifest();
    Manifest other =
        new Manifest(
            said.formatVersion(),
            said.attempt(),
            said.step(),
            said.wallTime(),
            said.index(),
            files,
            variables,
            slices,
            said.training(),
            said.parent(),
            said.applicationId(),
            said.phaseMillis());
    Files.write(file(newer, "manifest.json"), ManifestJson.encode(other));
  }

  @Test
  void manifestAndIndexSayTheSame() throws Exception {
    Manifest said = newer.manifest();
    List<DataFile> fewer = said.files().subList(0, 2);
    for (int wrong = 0; wrong < 3; wrong++) {
      says(
          wrong == 0 ? fewer : said.files(),
          said.variables() + (wrong == 1 ? 1 : 0),
          said.slices() - (wrong == 2 ? 1 : 0));
      Corrupt e = assertThrows(Corrupt.class, () -> CheckpointReader.open(store, newer.path()));
      assertTrue(String.valueOf(e.getMessage()).contains("manifest and index disagree"), "" + e);
      assertFalse(verify().good());
    }
    says(said.files(), said.variables(), said.slices());
    assertTrue(verify().good());
  }

  /** S11: a file that is missing or short is named before a value of another goes anywhere. */
  @Test
  void nothingIsRestoredBeforeAllFilesAreThere() throws Exception {
    String name = "variables.data-00002-of-00003";
    Path last = file(newer, name);
    byte[] good = Files.readAllBytes(last);
    for (boolean missing : new boolean[] {true, false}) {
      if (missing) {
        Files.delete(last);
      } else {
        Files.write(last, Arrays.copyOf(good, good.length - 1));
      }
      try (CheckpointReader reader = CheckpointReader.open(store, newer.path())) {
        float[] weights = new float[37 * 5];
        RowRequest all = new RowRequest(TestCheckpoints.WEIGHTS.key(), 0, 37, weights, 0);
        Corrupt e = assertThrows(Corrupt.class, () -> reader.readAll(List.of(all), 1));
        assertTrue(String.valueOf(e.getMessage()).contains(name), e.getMessage());
        assertArrayEquals(new float[37 * 5], weights);
        assertEquals(0, reader.bytesRead());
        // What needs nothing of that file is still to be had.
        float[] bias = new float[1];
        reader.readRows(TestCheckpoints.BIAS.key(), 0, 1, bias, 0);
        assertArrayEquals(TestCheckpoints.values(TestCheckpoints.BIAS, 2), bias);
      }
    }
  }

  private void refused(Path file, String how, boolean listed) throws Exception {
    try (CheckpointFolder checkpoints =
        CheckpointFolder.open(folder.toString(), TestCheckpoints.OPTIONS)) {
      List<CheckpointException> skipped = new ArrayList<>();
      CommittedCheckpoint good = checkpoints.newestGood(skipped::add).orElseThrow();
      assertEquals(older, good, how);
      assertEquals(listed ? 1 : 0, skipped.size(), how);
      if (listed) {
        String message = String.valueOf(skipped.get(0).getMessage());
        assertTrue(message.contains(file.getFileName().toString()), how + ": " + message);
        assertFalse(verify().good(), how);
      }
    }
  }

  /**
   * A run goes on from the older one, over the damaged one's step, and that goes out of the way.
   */
  @Test
  void aRunGoesOnPastADamagedCheckpoint() throws Exception {
    flip(file(newer, "variables.data-00001-of-00003"), 5, 1);
    try (CheckpointFolder checkpoints =
        CheckpointFolder.open(folder.toString(), TestCheckpoints.OPTIONS.withKeep(2))) {
      assertThrows(
          CheckpointException.Conflict.class,
          () -> checkpoints.begin(2, 1),
          "not known as damaged");
      assertEquals(older, checkpoints.newestGood(e -> {}).orElseThrow());
      CommittedCheckpoint again = TestCheckpoints.save(checkpoints, store, 2, 3);
      assertEquals(List.of(), checkpoints.drainWarnings());
      assertEquals("ckpt-2-2", again.name());
      assertEquals(List.of(older, again), checkpoints.checkpoints());
      assertEquals("ckpt-1", again.manifest().parent().orElseThrow());
      assertEquals(again, checkpoints.newestGood(e -> {}).orElseThrow());
      assertTrue(Files.readString(folder.resolve("checkpoint")).contains("ckpt-2-2/variables"));
    }
  }

  /** A damaged one that is newer than what the run writes next is no checkpoint any more. */
  @Test
  void aDamagedCheckpointIsSetAside() throws Exception {
    try (CheckpointFolder checkpoints =
        CheckpointFolder.open(folder.toString(), TestCheckpoints.OPTIONS.withKeep(2))) {
      CommittedCheckpoint ahead = TestCheckpoints.save(checkpoints, store, 9, 3);
      flip(file(ahead, "variables.data-00001-of-00003"), 5, 1);
      assertEquals(newer, checkpoints.newestGood(e -> {}).orElseThrow());
      CommittedCheckpoint next = TestCheckpoints.save(checkpoints, store, 5, 3);
      assertEquals(List.of(), checkpoints.drainWarnings());
      assertEquals(List.of(newer, next), checkpoints.checkpoints());
      assertEquals(next, checkpoints.latest().orElseThrow());
      List<Orphan> orphans =
          checkpoints.orphans().stream().filter(o -> o.kind() == Orphan.Kind.DAMAGED).toList();
      assertEquals(1, orphans.size(), "kept for whoever looks into it, until gc is asked");
      assertTrue(orphans.get(0).name().startsWith(".damaged-ckpt-9-"), orphans.toString());
      checkpoints.collectOrphans();
      assertFalse(Files.exists(folder.resolve(orphans.get(0).name())));
    }
  }
}
