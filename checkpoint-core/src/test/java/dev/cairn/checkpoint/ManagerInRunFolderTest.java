package dev.cairn.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.checkpoint.bundle.CheckpointState;
import dev.cairn.checkpoint.store.CheckpointStore;
import dev.cairn.checkpoint.store.CheckpointStores;
import dev.cairn.checkpoint.train.ArrayVariable;
import dev.cairn.checkpoint.train.Checkpoint;
import dev.cairn.checkpoint.train.CheckpointManager;
import dev.cairn.checkpoint.train.Checkpoints;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A manager in the folder of a run: each keeps in the state file what the other has put there. */
class ManagerInRunFolderTest {

  @TempDir Path folder;

  private final Checkpoint program =
      new Checkpoint(Map.of("v", ArrayVariable.of(new float[] {1, 2}, 2)));

  private void commit(long... steps) throws IOException {
    try (CheckpointFolder checkpoints =
            CheckpointFolder.open(folder.toString(), TestCheckpoints.OPTIONS.withKeep(3));
        CheckpointStore store = CheckpointStores.open(folder.toString(), new TreeMap<>())) {
      for (long step : steps) {
        TestCheckpoints.save(checkpoints, store, step, 2);
      }
      assertEquals(List.of(), checkpoints.drainWarnings());
    }
  }

  private List<String> names(List<String> paths) {
    return paths.stream().map(path -> folder.relativize(Path.of(path)).toString()).toList();
  }

  private List<String> listed() throws IOException {
    CheckpointState state = Checkpoints.getCheckpointState(folder.toString()).orElseThrow();
    assertEquals(state.all().get(state.all().size() - 1), state.latest());
    return names(state.all());
  }

  @Test
  void eachKeepsWhatTheOtherHas() throws IOException {
    commit(100, 200);
    CheckpointManager manager = CheckpointManager.open(program, folder.toString(), 3);
    assertEquals(List.of("ckpt-100/variables", "ckpt-200/variables"), names(manager.checkpoints()));
    manager.save(1);
    assertEquals(List.of("ckpt-100/variables", "ckpt-200/variables", "ckpt-1"), listed());

    commit(300);
    assertEquals(
        List.of("ckpt-100/variables", "ckpt-200/variables", "ckpt-1", "ckpt-300/variables"),
        listed());
    manager.save(2);
    assertEquals(
        List.of("ckpt-200/variables", "ckpt-1", "ckpt-300/variables", "ckpt-2"),
        listed(),
        "the run's new one is not the manager's to count");
    assertFalse(Files.exists(folder.resolve("ckpt-100")), "an old one goes as a whole");

    CheckpointManager later = CheckpointManager.open(program, folder.toString(), 2);
    later.save(3);
    assertEquals(List.of("ckpt-2", "ckpt-3"), listed());
    try (CheckpointFolder checkpoints =
        CheckpointFolder.open(folder.toString(), TestCheckpoints.OPTIONS)) {
      assertEquals(List.of(), checkpoints.checkpoints());
      assertEquals(List.of(), checkpoints.orphans());
    }
    assertTrue(Files.exists(folder.resolve("ckpt-3.index")));
    commit(400);
    assertEquals(List.of("ckpt-2", "ckpt-3", "ckpt-400/variables"), listed());
  }
}
