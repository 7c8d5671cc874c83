package dev.cairn.checkpoint.publish;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.checkpoint.ServingConfig;
import dev.cairn.checkpoint.model.CheckpointException;
import dev.cairn.checkpoint.model.CheckpointException.Conflict;
import dev.cairn.checkpoint.model.CheckpointException.Corrupt;
import dev.cairn.checkpoint.model.CheckpointException.Mismatch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A patch makes of the old version the new one, byte for byte, or nothing at all. */
class VersionPatchTest {
  @TempDir Path temp;

  private Path model(String name) {
    return temp.resolve(name).resolve("flights");
  }

  private static VersionPatch.Made make(Path model, long from, long to, Path file)
      throws IOException {
    try (ModelFolder folder = ModelFolder.open(model.toString(), PatchedModels.OPTIONS)) {
      return VersionPatch.make(folder, from, to, file.toString());
    }
  }

  private static VersionPatch.Applied apply(Path file, Path model) throws IOException {
    try (ModelFolder folder = ModelFolder.open(model.toString(), PatchedModels.OPTIONS)) {
      return VersionPatch.apply(file.toString(), folder);
    }
  }

  /** Two versions; the scorers have the older one. */
  private void publish(int rows, int before, int after, int perMillion) throws IOException {
    PatchedModels numbers = new PatchedModels(rows, 5);
    ModelVersion first =
        PatchedModels.publish(model("home"), numbers.save(temp.resolve("run"), 1, before));
    PatchedModels.ship(model("home"), first.number(), model("scorer"));
    numbers.change(perMillion);
    ModelVersion second =
        PatchedModels.publish(model("home"), numbers.save(temp.resolve("run"), 2, after));
    assertEquals(List.of(1L, 2L), List.of(first.number(), second.number()));
  }

  @ParameterizedTest
  @CsvSource({
    "1, 1, 0",
    "1, 3, 10000",
    "2, 2, 500000",
    "3, 1, 10000",
    "2, 3, 0",
    "3, 2, 1000000",
    "1, 2, 300"
  })
  void theResultIsTheOriginal(int before, int after, int perMillion) throws Exception {
    publish(300_000, before, after, perMillion);
    Path file = temp.resolve("patch.zip");
    VersionPatch.Made made = make(model("home"), 1, 2, file);
    assertEquals(Files.size(file), made.bytes());
    double share = (double) made.changed() / made.rows();
    assertEquals(perMillion / 1e6, share, 0.02);
    VersionPatch.Applied applied = apply(file, model("scorer"));
    assertTrue(applied.anew());
    assertEquals(2, applied.version().number());
    assertEquals(
        PatchedModels.files(model("home").resolve("2")),
        PatchedModels.files(model("scorer").resolve("2")));
    if (perMillion <= 10_000) {
      long whole =
          PatchedModels.files(model("home").resolve("2")).values().stream()
              .mapToLong(one -> one.remaining())
              .sum();
      assertTrue(made.bytes() < whole / 20, made.bytes() + " of " + whole);
    }
    // A second time changes nothing, and the same versions make the same patch.
    assertFalse(apply(file, model("scorer")).anew());
    Path again = temp.resolve("again.zip");
    VersionPatch.Made unused = make(model("home"), 1, 2, again);
    assertArrayEquals(Files.readAllBytes(file), Files.readAllBytes(again));
    assertThrows(Conflict.class, () -> make(model("home"), 1, 2, again));
    nothingIsLeft();
  }

  private void nothingIsLeft() throws IOException {
    try (Stream<Path> all = Files.walk(temp)) {
      List<String> left =
          all.map(path -> path.getFileName().toString())
              .filter(name -> name.startsWith(".") && !name.startsWith(".owner-"))
              .toList();
      assertEquals(List.of(), left);
    }
  }

  @Test
  void anotherBaseIsRefused() throws Exception {
    publish(1000, 2, 1, 10_000);
    Path file = temp.resolve("patch.zip");
    VersionPatch.Made unused = make(model("home"), 1, 2, file);
    PatchedModels other = new PatchedModels(1000, 6);
    ModelVersion there =
        PatchedModels.publish(model("other"), other.save(temp.resolve("other run"), 1, 1));
    Mismatch wrong = assertThrows(Mismatch.class, () -> apply(file, model("other")));
    assertTrue(wrong.getMessage().contains("version 1 (commit "), wrong.getMessage());
    assertTrue(wrong.getMessage().contains(there.record().attempt()), wrong.getMessage());
    Mismatch none = assertThrows(Mismatch.class, () -> apply(file, model("empty")));
    assertTrue(none.getMessage().contains("found versions []"), none.getMessage());
    for (int step = 2; step <= 3; step++) {
      other.change(100_000);
      ModelVersion more =
          PatchedModels.publish(model("other"), other.save(temp.resolve("other run"), step, 1));
      assertEquals(step, more.number());
    }
    Conflict taken = assertThrows(Conflict.class, () -> apply(file, model("other")));
    assertTrue(taken.getMessage().contains("is there already"), taken.getMessage());
    assertThrows(IllegalArgumentException.class, () -> make(model("home"), 2, 1, file));
    nothingIsLeft();
  }

  /** A base that was damaged after it came is named, not the patch. */
  @Test
  void aDamagedBaseIsNamed() throws Exception {
    publish(1000, 1, 1, 10_000);
    Path file = temp.resolve("patch.zip");
    VersionPatch.Made unused = make(model("home"), 1, 2, file);
    Path data = model("scorer").resolve("1/variables/variables.data-00000-of-00001");
    byte[] bytes = Files.readAllBytes(data);
    bytes[100] ^= 1;
    Files.write(data, bytes);
    Corrupt found = assertThrows(Corrupt.class, () -> apply(file, model("scorer")));
    assertTrue(found.getMessage().contains("data-00000-of-00001"), found.getMessage());
    assertFalse(found.getMessage().contains("patch"), found.getMessage());
    assertFalse(Files.exists(model("scorer").resolve("2")));
  }

  /** What somebody has decided at the scorer since is not undone by the same patch. */
  @Test
  void appliedTwiceItUndoesNoRollback() throws Exception {
    publish(1000, 1, 1, 10_000);
    Path file = temp.resolve("patch.zip");
    VersionPatch.Made unused = make(model("home"), 1, 2, file);
    assertTrue(apply(file, model("scorer")).anew());
    try (ModelFolder scorer = ModelFolder.open(model("scorer").toString(), PatchedModels.OPTIONS)) {
      ServingConfig labels = scorer.label(new TreeMap<>(Map.of(ServingConfig.STABLE, 1L)));
      assertFalse(apply(file, model("scorer")).anew());
      assertEquals(Optional.of(labels), scorer.config());
      assertEquals(1, scorer.current().orElseThrow().number());
    }
  }

  @Test
  void aDamagedCopyIsNotThereAlready() throws Exception {
    publish(1000, 1, 1, 10_000);
    Path file = temp.resolve("patch.zip");
    VersionPatch.Made unused = make(model("home"), 1, 2, file);
    assertTrue(apply(file, model("scorer")).anew());
    Path version = model("scorer").resolve("2");
    for (String name :
        List.of("variables/variables.data-00000-of-00001", "assets.extra/cairn-version.json")) {
      BadModelFoldersTest.damage(version.resolve(name));
      Corrupt found = assertThrows(Corrupt.class, () -> apply(file, model("scorer")));
      String damaged = Path.of(name).getFileName().toString();
      assertTrue(found.getMessage().contains(damaged), found.getMessage());
      String advice = "remove " + version + ", then apply the patch again";
      assertTrue(found.getMessage().contains(advice), found.getMessage());
      // The advice helps.
      BadModelFoldersTest.remove(version);
      assertTrue(apply(file, model("scorer")).anew());
      assertEquals(PatchedModels.files(model("home").resolve("2")), PatchedModels.files(version));
    }
  }

  /** Whatever byte of a patch is another one: nothing is made, or the original. */
  @Test
  void aDamagedPatchMakesNothingElse() throws Exception {
    publish(40, 1, 2, 200_000);
    Path file = temp.resolve("patch.zip");
    VersionPatch.Made unused = make(model("home"), 1, 2, file);
    byte[] good = Files.readAllBytes(file);
    Path bad = temp.resolve("bad.zip");
    int refused = 0;
    int tried = 0;
    for (int at = 0; at < good.length; at += 13, tried++) {
      byte[] bytes = good.clone();
      bytes[at] ^= (byte) (1 << (at % 8));
      Files.write(bad, bytes);
      Path scorer = model("scorer " + at);
      PatchedModels.ship(model("home"), 1, scorer);
      try {
        VersionPatch.Applied made = apply(bad, scorer);
        assertEquals(
            PatchedModels.files(model("home").resolve("2")),
            PatchedModels.files(scorer.resolve("2")),
            "byte " + at + " of " + made);
      } catch (CheckpointException e) {
        refused++;
        assertFalse(Files.exists(scorer.resolve("2")), "byte " + at);
      }
    }
    assertTrue(refused > tried / 2, refused + " of " + tried);
    for (int length : new int[] {0, 10, good.length / 3, good.length / 2}) {
      Files.write(bad, Arrays.copyOf(good, length));
      assertThrows(Corrupt.class, () -> apply(bad, model("scorer")), "length " + length);
    }
    nothingIsLeft();
  }
}
