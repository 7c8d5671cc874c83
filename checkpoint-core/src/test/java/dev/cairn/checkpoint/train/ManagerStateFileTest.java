package dev.cairn.checkpoint.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.checkpoint.model.CheckpointException.Corrupt;
import dev.cairn.checkpoint.model.CheckpointException.Mismatch;
import dev.cairn.checkpoint.model.CheckpointException.NotFound;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** State files as they should not be, and what readers make of a folder. */
class ManagerStateFileTest extends ManagerFixture {

  /** What others put into the state file meanwhile stays named. */
  @Test
  void othersStayInTheStateFile() throws IOException {
    CheckpointManager manager = builder().maxToKeep(1).build();
    manager.save();
    Checkpoint other = new Checkpoint(Map.of("w", values));
    CheckpointManager others =
        CheckpointManager.builder(other, directory)
            .clock(clock)
            .checkpointName("theirs")
            .maxToKeep(9)
            .build();
    clock.seconds += 1;
    assertNotNull(others.save(1));
    clock.seconds += 1;
    manager.save();
    assertEquals(
        List.of(directory + "/theirs-1", path(2)), state().all(), "the other one's is not ours");
    assertEquals(paths(2), manager.checkpoints());
    assertTrue(Files.exists(Path.of(directory, "theirs-1.index")));
  }

  /** The state file is lost: what lies there is neither overwritten nor deleted. */
  @Test
  void lostStateFile() throws IOException {
    CheckpointManager first = builder().maxToKeep(2).build();
    for (int n = 1; n <= 10; n++) {
      value(n);
      first.save();
    }
    Files.delete(Path.of(directory, "checkpoint"));
    CheckpointManager second = builder().maxToKeep(1).build();
    one(second.drainWarnings(), "it is missing", "ckpt-9, ckpt-10");
    value(0);
    assertEquals(path(10), second.restoreOrInitialize());
    assertEquals(10, values.floats()[0]);
    second.save();
    second.save();
    assertEquals(List.of(9, 10, 12), onDisk());
  }

  private void stateFile(String text) throws IOException {
    Files.writeString(Path.of(directory, "checkpoint"), text);
  }

  /** A file that TensorFlow passes over, so that a program begins anew. */
  @Test
  void oddStateFiles() throws IOException {
    builder().build().save();
    for (String text :
        List.of(
            "model_checkpoint_path: \"ckpt-1\"\nall_of_it: \"ckpt-1\"\n",
            "model_checkpoint_path: \"ckpt-1\nall",
            "model_checkpoint_path: \"../other/ckpt-1\"\n")) {
      stateFile(text);
      Corrupt e = assertThrows(Corrupt.class, () -> builder().build());
      said(e, directory + "/checkpoint");
      assertThrows(Corrupt.class, () -> Checkpoints.latestCheckpoint(directory));
      said(
          assertThrows(Corrupt.class, () -> Checkpoints.listVariables(directory)),
          directory + "/checkpoint");
    }
  }

  /** Nothing outside of the folder is ever deleted, whatever the state file names. */
  @Test
  void otherFoldersStay() throws IOException {
    Checkpoint elsewhere = new Checkpoint(Map.of("v", values));
    String outside = elsewhere.write(folder + "/outside/ckpt-1");
    String beside = elsewhere.write(folder + "/ckpt-2");
    builder().build().save();
    stateFile(
        "model_checkpoint_path: \"ckpt-1\"\n"
            + all(outside)
            + all("../ckpt-2")
            + all("sub/../../ckpt-2")
            + all("./ckpt-1")
            + "all_model_checkpoint_timestamps: 1000\n".repeat(4)
            + "last_preserved_timestamp: 1\n");
    CheckpointManager manager = builder().maxToKeep(1).build();
    one(manager.drainWarnings(), "other folders", outside, "../ckpt-2");
    assertEquals(paths(1), manager.checkpoints());
    manager.save();
    assertEquals(List.of(2), onDisk());
    assertTrue(Files.exists(Path.of(outside + ".index")));
    assertTrue(Files.exists(Path.of(beside + ".index")));
  }

  private static String all(String path) {
    return "all_model_checkpoint_paths: \"" + path + "\"\n";
  }

  /** A folder that was moved, with absolute paths in its state file. */
  @Test
  void absolutePaths() throws IOException {
    builder().build().save();
    for (String before : List.of(directory, "/nowhere/before")) {
      stateFile(
          "model_checkpoint_path: \""
              + before
              + "/ckpt-1\"\n"
              + all(before + "/ckpt-1")
              + "all_model_checkpoint_timestamps: 1000\nlast_preserved_timestamp: 1\n");
      assertEquals(path(1), Checkpoints.latestCheckpoint(directory));
      assertEquals(paths(1), builder().build().checkpoints());
    }
    stateFile("model_checkpoint_path: \"" + folder + "/gone/ckpt-7\"\n");
    assertNull(Checkpoints.latestCheckpoint(directory));
  }

  /** An empty state file says no more than none. */
  @Test
  void emptyStateFile() throws IOException {
    builder().build().save();
    for (String text : List.of("", "# nothing\n")) {
      stateFile(text);
      assertTrue(Checkpoints.getCheckpointState(directory).isEmpty());
      assertNull(Checkpoints.latestCheckpoint(directory));
      CheckpointManager manager = builder().build();
      one(manager.drainWarnings(), "it is missing", "ckpt-1");
      assertEquals(path(1), manager.restoreOrInitialize());
    }
  }

  @Test
  void damagedNotesAreTold() throws IOException {
    CheckpointManager manager = builder().maxToKeep(1).keepBest(() -> 1, MetricGoal.MAX, 1).build();
    manager.save();
    Path notes = Path.of(directory, "checkpoint.cairn.json");
    assertTrue(Files.exists(notes));
    for (String text : List.of("", "{", "{\"format\":\"other\"}", "[]")) {
      Files.writeString(notes, text);
      Corrupt e = assertThrows(Corrupt.class, () -> builder().build());
      said(e, "checkpoint.cairn.json", "delete this file");
    }
  }

  /** What readers call by TensorFlow's names. */
  @Test
  void readersFunctions() throws IOException {
    assertNull(Checkpoints.latestCheckpoint(directory));
    assertTrue(Checkpoints.getCheckpointState(directory).isEmpty());
    value(4);
    CheckpointManager manager = builder().build();
    manager.save();
    String key = "v/.ATTRIBUTES/VARIABLE_VALUE";
    for (String path : List.of(path(1), directory)) {
      assertEquals(
          List.of("_CHECKPOINTABLE_OBJECT_GRAPH", "save_counter/.ATTRIBUTES/VARIABLE_VALUE", key),
          Checkpoints.listVariables(path).stream().map(variable -> variable.key()).toList());
      assertArrayEquals(new float[] {4, 0, 0}, Checkpoints.loadVariable(path, key + ":0").floats());
      assertEquals(1, Checkpoints.loadStrings(path, "_CHECKPOINTABLE_OBJECT_GRAPH").size());
    }
    NotFound e =
        assertThrows(
            NotFound.class,
            () -> Checkpoints.loadVariable(directory, "w/.ATTRIBUTES/VARIABLE_VALUE"));
    said(e, "there is " + key, "listVariables");
    assertThrows(
        Mismatch.class, () -> Checkpoints.loadVariable(directory, "_CHECKPOINTABLE_OBJECT_GRAPH"));
    assertThrows(NotFound.class, () -> Checkpoints.listVariables(folder + "/nowhere"));
    Files.delete(Path.of(path(1) + ".index"));
    assertNull(Checkpoints.latestCheckpoint(directory));
  }
}
