package dev.cairn.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.checkpoint.CheckpointDiff.Entry;
import dev.cairn.checkpoint.CheckpointDiff.Outcome;
import dev.cairn.checkpoint.bundle.BundleIndex;
import dev.cairn.checkpoint.bundle.MaskedCrc;
import dev.cairn.checkpoint.model.CheckpointException;
import dev.cairn.checkpoint.model.CheckpointException.Corrupt;
import dev.cairn.checkpoint.model.CheckpointException.NotFound;
import dev.cairn.checkpoint.model.CheckpointException.UnsupportedVersion;
import dev.cairn.checkpoint.model.DType;
import dev.cairn.checkpoint.model.Shape;
import dev.cairn.checkpoint.model.Slice;
import dev.cairn.checkpoint.model.StoredSlice;
import dev.cairn.checkpoint.model.VariableSpec;
import dev.cairn.checkpoint.model.VerifyReport;
import dev.cairn.checkpoint.model.VerifyReport.Damage;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that TensorFlow wrote, or could have written, and folders in which they lie. */
class ForeignFilesTest {

  private static final FolderOptions OPTIONS = FolderOptions.defaults();

  @TempDir Path folder;

  /** Files that TensorFlow 2.21 wrote; see the names of the tests for what they are. */
  private static String foreign(String name) throws URISyntaxException {
    Path index =
        Path.of(
            Objects.requireNonNull(ForeignFilesTest.class.getResource("/foreign/w.index")).toURI());
    return index.resolveSibling(name).toString();
  }

  private static VerifyReport verify(String path) throws IOException {
    return CheckpointVerifier.verify(path, OPTIONS, 2, n -> {});
  }

  private static List<Entry> diff(String a, String b) throws IOException {
    try (CheckpointReader first = CheckpointReader.open(a, OPTIONS);
        CheckpointReader second = CheckpointReader.open(b, OPTIONS)) {
      return CheckpointDiff.compare(first, second);
    }
  }

  /** A TensorList of [1, 2] and one of [3, 4]; the third has a flipped bit. */
  @Test
  void variantsAreComparedAndVerified() throws Exception {
    assertEquals(Outcome.EQUAL, diff(foreign("a"), foreign("a")).get(0).outcome());
    Entry entry = diff(foreign("a"), foreign("b")).get(0);
    assertEquals(Outcome.DIFFERENT, entry.outcome());
    assertEquals(1, entry.differing());
    assertEquals(0, entry.firstDifference());
    assertTrue(verify(foreign("a")).good());
    Damage damage = verify(foreign("flipped")).damages().get(0);
    assertEquals("flipped.data-00000-of-00001", damage.file());
    assertEquals("list", damage.variable());
    assertThrows(Corrupt.class, () -> diff(foreign("a"), foreign("flipped")));
  }

  private static String refused(Class<? extends CheckpointException> type, String path) {
    String message =
        assertThrows(type, () -> CheckpointPath.resolve(path, OPTIONS), path).getMessage();
    assertEquals(
        message, assertThrows(type, () -> CheckpointReader.open(path, OPTIONS)).getMessage());
    assertEquals(message, assertThrows(type, () -> verify(path)).getMessage());
    return message;
  }

  @Test
  void whatIsNoPrefixSaysWhatItIs() throws Exception {
    String index = refused(NotFound.class, foreign("w.index"));
    assertTrue(index.contains("a checkpoint's index; its prefix is " + foreign("w") + " ("), index);
    String data = refused(NotFound.class, foreign("w.data-00000-of-00001"));
    assertTrue(data.contains("data file; its prefix is " + foreign("w") + " ("), data);
    String first = refused(UnsupportedVersion.class, foreign("v1-model.ckpt"));
    assertTrue(first.contains("found a V1 checkpoint, which is not supported"), first);
    String state = refused(NotFound.class, foreign("mgr/checkpoint"));
    assertTrue(state.contains("the folder is " + foreign("mgr") + " ("), state);
    String typo = refused(NotFound.class, foreign("odf"));
    assertTrue(typo.contains("there are odd, a, b, flipped, mgr/ and 1 more"), typo);
    Path other = Files.writeString(folder.resolve("notes.txt"), "no table ".repeat(10));
    assertTrue(refused(NotFound.class, other.toString()).contains("a file that is no checkpoint"));
    Files.copy(Path.of(foreign("v1-model.ckpt")), folder.resolve("m-00000-of-00002"));
    refused(UnsupportedVersion.class, folder.resolve("m").toString());
    refused(NotFound.class, folder.resolve("nothing/at/all").toString());
  }

  private String resolved(Path path) throws IOException {
    return CheckpointPath.resolve(path.toString(), OPTIONS).replaceFirst("^file://", "");
  }

  @Test
  void foldersMeanTheirNewest() throws Exception {
    assertEquals(foreign("mgr/ckpt-4"), resolved(Path.of(foreign("mgr"))));
    assertEquals(foreign("w"), resolved(Path.of(foreign("w"))));
    Path saved = Files.createDirectories(folder.resolve("saved"));
    Path variables = Files.createDirectories(saved.resolve("variables"));
    Files.copy(Path.of(foreign("w.index")), variables.resolve("variables.index"));
    assertEquals(variables + "/variables", resolved(variables));
    Files.createFile(saved.resolve("saved_model.pb"));
    assertEquals(variables + "/variables", resolved(saved));
    // Absolute paths of before the folder was moved, a newest that is gone, and one of V1.
    Path moved = Files.createDirectories(folder.resolve("moved"));
    Files.copy(Path.of(foreign("w.index")), moved.resolve("ckpt-3.index"));
    Path state = moved.resolve("checkpoint");
    Files.writeString(state, "model_checkpoint_path: \"/elsewhere/ckpt-3\"\n");
    assertEquals(moved + "/ckpt-3", resolved(moved));
    Files.writeString(state, "model_checkpoint_path: \"ckpt-9\"\n");
    NotFound gone = assertThrows(NotFound.class, () -> resolved(moved));
    assertTrue(gone.getMessage().contains("names ckpt-9 as the newest, which is gone"));
    assertTrue(gone.getMessage().contains("there is ckpt-3"), gone.getMessage());
    Files.copy(Path.of(foreign("v1-model.ckpt")), moved.resolve("ckpt-9"));
    assertThrows(UnsupportedVersion.class, () -> resolved(moved));
    Files.writeString(state, "nonsense");
    assertThrows(Corrupt.class, () -> resolved(moved));
    assertThrows(NotFound.class, () -> resolved(Files.createDirectory(folder.resolve("empty"))));
  }

  /** Each damage names the file that it is in, as it is called here. */
  @Test
  void damageOfTheIndexNamesTheIndex() throws Exception {
    byte[] index = Files.readAllBytes(Path.of(foreign("w.index")));
    index[20] ^= 1;
    Files.write(folder.resolve("w.index"), index);
    Damage damage = verify(folder.resolve("w").toString()).damages().get(0);
    assertEquals("w.index", damage.file());
  }

  private StoredSlice part(VariableSpec variable, Slice slice, byte[] data) {
    int size = (int) slice.shape(variable.shape()).elements();
    int crc = MaskedCrc.of(data, 0, size);
    return new StoredSlice(variable, slice, 0, 0, size, crc);
  }

  /** All slices have the same bytes, which TensorFlow allows. */
  private String bundle(String name, VariableSpec variable, Slice... slices) throws IOException {
    byte[] data = new byte[100];
    List<StoredSlice> stored = new ArrayList<>();
    for (Slice slice : slices) {
      stored.add(part(variable, slice, data));
    }
    try (OutputStream out = Files.newOutputStream(folder.resolve(name + ".index"))) {
      BundleIndex.write(1, stored, out);
    }
    Files.write(folder.resolve(name + ".data-00000-of-00001"), data);
    return folder.resolve(name).toString();
  }

  /** TensorFlow merges such slices without a word and fails when they are read. */
  @Test
  void holesAndOverlapsAreDamage() throws Exception {
    VariableSpec variable = new VariableSpec("v", DType.INT8, Shape.of(5, 2));
    String hole = bundle("hole", variable, Slice.rows(0, 2, 2), Slice.rows(3, 2, 2));
    String overlap = bundle("overlap", variable, Slice.rows(0, 3, 2), Slice.rows(2, 3, 2));
    String both = bundle("both", variable, Slice.rows(0, 3, 2), Slice.rows(1, 2, 2));
    String good = bundle("good", variable, Slice.rows(0, 3, 2), Slice.rows(3, 2, 2));
    Slice left = Slice.of(new long[] {0, 0}, new long[] {Slice.WHOLE, 1});
    String column = bundle("column", variable, left);
    assertTrue(verify(good).good());
    assertEquals(Outcome.EQUAL, diff(good, good).get(0).outcome());
    for (String bad : List.of(hole, overlap, both, column)) {
      Damage damage = verify(bad).damages().get(0);
      assertEquals(Path.of(bad).getFileName() + ".index", damage.file());
      assertEquals("v", damage.variable());
      assertThrows(Corrupt.class, () -> diff(good, bad));
      assertThrows(Corrupt.class, () -> diff(bad, bad));
    }
    assertTrue(verify(hole).damages().get(0).what().contains("without rows 2 to 2"));
    assertTrue(verify(overlap).damages().get(0).what().contains("overlapping"));
    // Two rows twice and two rows missing: as many elements as there should be.
    try (CheckpointReader reader = CheckpointReader.open(both, OPTIONS)) {
      ByteBuffer into = ByteBuffer.allocate(10);
      assertThrows(Corrupt.class, () -> reader.read("v", Slice.full(2), into));
      assertArrayEquals(new byte[10], into.array());
    }
  }

  /** An unsliced variable is read once, not once for each piece. */
  @Test
  void largeVariablesAreReadOnce() throws Exception {
    VariableSpec variable = new VariableSpec("v", DType.DOUBLE, Shape.of(700_000));
    byte[] data = new byte[8 * 700_000];
    int crc = MaskedCrc.of(data, 0, data.length);
    StoredSlice all = new StoredSlice(variable, Slice.full(1), 0, 0, data.length, crc);
    try (OutputStream out = Files.newOutputStream(folder.resolve("m.index"))) {
      BundleIndex.write(1, List.of(all), out);
    }
    Files.write(folder.resolve("m.data-00000-of-00001"), data);
    String path = folder.resolve("m").toString();
    try (CheckpointReader first = CheckpointReader.open(path, OPTIONS);
        CheckpointReader second = CheckpointReader.open(path, OPTIONS)) {
      assertEquals(Outcome.EQUAL, CheckpointDiff.compare(first, second).get(0).outcome());
      assertEquals(data.length, first.bytesRead());
      assertEquals(data.length, second.bytesRead());
    }
  }
}
