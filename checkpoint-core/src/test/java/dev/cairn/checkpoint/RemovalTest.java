package dev.cairn.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.checkpoint.bundle.CheckpointState;
import dev.cairn.checkpoint.model.CheckpointException;
import dev.cairn.checkpoint.model.CheckpointException.Conflict;
import dev.cairn.checkpoint.model.CheckpointException.Corrupt;
import dev.cairn.checkpoint.model.CheckpointException.NotFound;
import dev.cairn.checkpoint.model.Orphan;
import dev.cairn.checkpoint.retention.FolderTree;
import dev.cairn.checkpoint.store.CheckpointStore;
import dev.cairn.checkpoint.store.CheckpointStores;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Checkpoints that somebody drops, or deletes by hand, and TensorFlow's state file: what it names
 * is there, and what TensorFlow keeps in the folder stays named.
 */
class RemovalTest {

  @TempDir Path folder;
  private CheckpointStore store;

  @BeforeEach
  void open() throws IOException {
    store = CheckpointStores.open(folder.toString(), new TreeMap<>());
  }

  private CheckpointFolder manager(int keep) throws IOException {
    return CheckpointFolder.open(
        new SharedStore(store),
        CheckpointStores.qualify(folder.toString(), new TreeMap<>()),
        TestCheckpoints.OPTIONS.withKeep(keep));
  }

  private void save(int keep, long... steps) throws IOException {
    try (CheckpointFolder checkpoints = manager(keep)) {
      for (long step : steps) {
        TestCheckpoints.save(checkpoints, store, step, 1, true);
      }
      assertEquals(List.of(), checkpoints.drainWarnings());
    }
  }

  private CheckpointState state() throws IOException {
    return CheckpointState.parse(Files.readString(folder.resolve("checkpoint")), "checkpoint");
  }

  private void named(String... paths) throws IOException {
    assertEquals(List.of(paths), state().all());
    assertEquals(paths[paths.length - 1], state().latest());
  }

  private void delete(String name) throws IOException {
    FolderTree.delete(
        store, CheckpointStores.qualify(folder.resolve(name).toString(), new TreeMap<>()));
  }

  @Test
  void removesByName() throws Exception {
    save(0, 1, 2, 3);
    try (CheckpointFolder checkpoints = manager(0)) {
      CheckpointRemoval removal = checkpoints.removal();
      NotFound missing =
          assertThrows(NotFound.class, () -> removal.remove(Set.of("ckpt-1", "ckpt-7")));
      assertTrue(missing.getMessage().contains("Cannot find ckpt-7"), missing.getMessage());
      assertTrue(missing.getMessage().contains("found ckpt-1, ckpt-2, ckpt-3"));
      assertThrows(Conflict.class, () -> removal.remove(Set.of("ckpt-1", "ckpt-2", "ckpt-3")));
      assertEquals(3, checkpoints.checkpoints().size());
      removal.remove(Set.of("ckpt-1", "ckpt-3"));
      assertEquals(
          List.of(2L), checkpoints.checkpoints().stream().map(CommittedCheckpoint::step).toList());
    }
    named("ckpt-2/variables");
    assertFalse(Files.exists(folder.resolve("ckpt-3")));
  }

  @Test
  void rollsBackAndGoesOnFromThere() throws Exception {
    save(0, 1, 2, 3, 4);
    try (CheckpointFolder checkpoints = manager(0)) {
      assertEquals(List.of("ckpt-3", "ckpt-4"), checkpoints.removal().rollback("ckpt-2"));
      assertEquals(List.of(), checkpoints.removal().rollback("ckpt-2"));
    }
    named("ckpt-1/variables", "ckpt-2/variables");
    save(0, 3);
    named("ckpt-1/variables", "ckpt-2/variables", "ckpt-3/variables");
  }

  /**
   * A checkpoint that a dropped one has replaced, and that could not be deleted yet, does not come
   * back.
   */
  @Test
  void whatWasReplacedGoesToo() throws Exception {
    save(0, 1);
    Path copy = folder.resolve("copy");
    Files.createDirectory(copy);
    save(0, 2);
    for (String name : List.of("manifest.json", "variables.index")) {
      Files.copy(folder.resolve("ckpt-2").resolve(name), copy.resolve(name));
    }
    save(0, 2);
    Files.move(copy, folder.resolve("ckpt-2"));
    try (CheckpointFolder checkpoints = manager(0)) {
      assertEquals(List.of("ckpt-2-2"), checkpoints.removal().rollback("ckpt-1"));
      assertEquals(
          List.of(1L), checkpoints.checkpoints().stream().map(CommittedCheckpoint::step).toList());
    }
    assertFalse(Files.exists(folder.resolve("ckpt-2")));
  }

  @Test
  void aDamagedOneIsNoGoalAndALivingRunIsNotDisturbed() throws Exception {
    save(0, 1, 2);
    Path data = folder.resolve("ckpt-1/variables.data-00000-of-00001");
    byte[] bytes = Files.readAllBytes(data);
    bytes[3] ^= 1;
    Files.write(data, bytes);
    try (CheckpointFolder checkpoints = manager(0)) {
      assertThrows(Corrupt.class, () -> checkpoints.removal().rollback("ckpt-1"));
      assertEquals(2, checkpoints.checkpoints().size());
    }
    FolderOptions other = TestCheckpoints.OPTIONS.withApplicationId("another");
    try (CheckpointFolder run = manager(0);
        CheckpointFolder operator = CheckpointFolder.open(folder.toString(), other)) {
      run.claim();
      assertThrows(Conflict.class, () -> operator.removal().remove(Set.of("ckpt-1")));
      assertThrows(Conflict.class, () -> operator.removal().rollback("ckpt-1"));
    }
    assertTrue(Files.exists(folder.resolve("ckpt-1")));
  }

  @Test
  void theStateFileNamesNothingThatWasDeletedByHand() throws Exception {
    save(0, 1, 2, 3);
    delete("ckpt-3");
    Files.delete(folder.resolve("ckpt-1/variables.index"));
    named("ckpt-1/variables", "ckpt-2/variables", "ckpt-3/variables");
    try (CheckpointFolder checkpoints = manager(0)) {
      checkpoints.claim();
    }
    named("ckpt-2/variables");
    Files.createDirectory(folder.resolve("ckpt-9"));
    Files.createDirectory(folder.resolve("ckpt-0"));
    try (CheckpointFolder checkpoints = manager(0)) {
      List<Orphan> found = new ArrayList<>(checkpoints.orphans());
      assertEquals(
          List.of(
              new Orphan("ckpt-0", Orphan.Kind.NO_MANIFEST, false),
              new Orphan("ckpt-9", Orphan.Kind.NO_MANIFEST, false)),
          found);
      assertEquals(List.of(), checkpoints.collectOrphans());
      assertEquals(2, checkpoints.orphans().size());
    }
    delete("ckpt-9");
    save(0, 4);
    named("ckpt-2/variables", "ckpt-4/variables");
  }

  /** A TensorFlow manager's entries, times and all, stay as they are among ours. */
  @Test
  void whatTensorFlowKeepsStaysNamed() throws Exception {
    Files.createFile(folder.resolve("tf-3.index"));
    Files.createFile(folder.resolve("tf-4.index"));
    CheckpointState theirs =
        new CheckpointState(
            "tf-4", List.of("tf-gone", "tf-3", "tf-4"), List.of(90.0, 100.5, 200.25), 50);
    Files.writeString(folder.resolve("checkpoint"), theirs.print());
    save(1, 1, 2);
    named("tf-3", "tf-4", "ckpt-2/variables");
    assertEquals(List.of(100.5, 200.25), state().timestamps().subList(0, 2));
    assertEquals(50, state().lastPreserved());
    try (CheckpointFolder checkpoints = manager(1)) {
      assertEquals(
          List.of("tf-3", "tf-4"),
          CheckpointPath.foreign(folder.toString(), TestCheckpoints.OPTIONS).stream()
              .map(path -> path.substring(path.lastIndexOf('/') + 1))
              .toList());
      assertEquals(1, checkpoints.checkpoints().size());
    }
    // Without times, as tf.train.Checkpoint writes it.
    Files.writeString(
        folder.resolve("checkpoint"),
        new CheckpointState("tf-4", List.of("tf-4"), List.of(), 0).print());
    save(1, 3);
    named("tf-4", "ckpt-3/variables");
    Files.writeString(folder.resolve("checkpoint"), "no text of TensorFlow's");
    save(1, 4);
    named("ckpt-4/variables");
  }

  /** A damaged checkpoint that a commit sets aside is not named while it goes, nor afterwards. */
  @Test
  void whatIsSetAsideIsNotNamed() throws Exception {
    save(0, 1, 2);
    Path data = folder.resolve("ckpt-2/variables.data-00000-of-00001");
    byte[] bytes = Files.readAllBytes(data);
    bytes[3] ^= 1;
    Files.write(data, bytes);
    List<CheckpointException> skipped = new ArrayList<>();
    List<String> atRename = new ArrayList<>();
    CheckpointStore watching =
        new SharedStore(store) {
          @Override
          public void rename(String from, String to) throws IOException {
            if (to.contains(".damaged-")) {
              atRename.add(Files.readString(folder.resolve("checkpoint")));
            }
            super.rename(from, to);
          }
        };
    try (CheckpointFolder checkpoints =
        CheckpointFolder.open(
            watching,
            CheckpointStores.qualify(folder.toString(), new TreeMap<>()),
            TestCheckpoints.OPTIONS)) {
      assertEquals(1, checkpoints.newestGood(skipped::add).orElseThrow().step());
      TestCheckpoints.save(checkpoints, store, 2, 1);
    }
    assertEquals(1, atRename.size());
    assertFalse(atRename.get(0).contains("\"ckpt-2/"), atRename.get(0));
    named("ckpt-1/variables", "ckpt-2-2/variables");
  }
}
