package dev.cairn.checkpoint.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What TensorFlow's manager promises, by ours with real files. */
class CheckpointManagerTest extends ManagerFixture {

  /** Counts as TensorFlow counts: index, then data; the list follows. */
  @Test
  void keepsTheNewest() throws IOException {
    CheckpointManager manager = builder().maxToKeep(3).build();
    assertNull(manager.latestCheckpoint());
    assertEquals(List.of(), manager.checkpoints());
    for (int n = 1; n <= 4; n++) {
      clock.seconds += 10;
      assertEquals(path(n), manager.save());
    }
    assertEquals(paths(2, 3, 4), manager.checkpoints());
    assertEquals(path(4), manager.latestCheckpoint());
    assertEquals(path(4), Checkpoints.latestCheckpoint(directory));
    assertEquals(List.of(2, 3, 4), onDisk());
    try (Stream<Path> files = Files.list(Path.of(directory))) {
      assertEquals(7, files.count(), "three times index and data, and the state file");
    }
    assertEquals(directory, manager.directory());
    assertEquals(checkpoint, manager.checkpoint());
    assertEquals(List.of(), manager.drainWarnings());
  }

  /** Whoever lowers the number frees the disk at the next save. */
  @Test
  void keepsAllUntilAnotherManagerKeepsFewer() throws IOException {
    CheckpointManager all = builder().build();
    for (int n = 1; n <= 3; n++) {
      all.save();
      clock.seconds += 1;
    }
    assertEquals(paths(1, 2, 3), all.checkpoints());
    CheckpointManager more = builder().build();
    more.save();
    assertEquals(paths(1, 2, 3, 4), more.checkpoints());
    CheckpointManager fewer = builder().maxToKeep(3).build();
    assertEquals(paths(1, 2, 3, 4), fewer.checkpoints());
    assertEquals(List.of(1, 2, 3, 4), onDisk());
    clock.seconds += 1;
    fewer.save();
    assertEquals(paths(3, 4, 5), fewer.checkpoints());
    assertEquals(List.of(3, 4, 5), onDisk());
  }

  @Test
  void stateFileHasTimesAndWhatStaysForGood() throws IOException {
    clock.seconds = 3;
    CheckpointManager first = builder().maxToKeep(2).build();
    clock.seconds = 10_000;
    first.save();
    clock.seconds = 13_610;
    first.save();
    assertEquals(List.of(10_000.0, 13_610.0), state().timestamps());
    assertEquals(2.0, state().lastPreserved());
    CheckpointManager second = builder().maxToKeep(2).keepCheckpointEveryNHours(1.5).build();
    clock.seconds += 720;
    second.save();
    assertEquals(List.of(1, 2, 3), onDisk(), "the first stays for good");
    assertEquals(paths(2, 3), second.checkpoints());
    assertEquals(10_000.0, state().lastPreserved());
    for (int n = 4; n <= 5; n++) {
      clock.seconds += 1_800;
      second.save();
    }
    assertEquals(List.of(1, 4, 5), onDisk());
    CheckpointManager third = builder().maxToKeep(2).keepCheckpointEveryNHours(1.5).build();
    assertEquals(path(5), third.latestCheckpoint());
    clock.seconds += 10;
    third.save();
    assertEquals(List.of(1, 4, 5, 6), onDisk());
    assertEquals(16_130.0, state().lastPreserved());
    assertEquals(paths(5, 6), third.checkpoints());
  }

  /** What no manager has saved stays, and is told; numbering goes on. */
  @Test
  void goesOnFromUnmanaged() throws IOException {
    checkpoint.save(directory + "/other");
    checkpoint.save(directory + "/other");
    checkpoint = new Checkpoint(Map.of("v", values));
    CheckpointManager manager = builder().maxToKeep(2).build();
    one(manager.drainWarnings(), "no times", "other-2", "they stay until you delete them");
    assertEquals(directory + "/other-2", manager.latestCheckpoint());
    assertNotNull(checkpoint.restore(manager.latestCheckpoint()));
    assertEquals(2, checkpoint.saveCounter().get());
    for (int n = 3; n <= 5; n++) {
      clock.seconds += 1;
      assertEquals(path(n), manager.save());
    }
    assertEquals(paths(4, 5), manager.checkpoints());
    assertEquals(List.of(1, 2, 4, 5), onDisk());
  }

  /** Where it is not clear what stays for good, all of it stays, and that is told. */
  @Test
  void clockGoesBack() throws IOException {
    clock.seconds = 10_000;
    CheckpointManager first = builder().maxToKeep(1).keepCheckpointEveryNHours(1).build();
    for (int n = 1; n <= 3; n++) {
      first.save();
      clock.seconds += 3_600;
    }
    assertEquals(List.of(2, 3), onDisk());
    assertEquals(13_600.0, state().lastPreserved());
    clock.seconds = 5_000;
    CheckpointManager second = builder().maxToKeep(1).build();
    one(second.drainWarnings(), "the clock has gone back", "ckpt-3");
    assertEquals(path(3), second.latestCheckpoint());
    assertEquals(List.of(), second.checkpoints());
    for (int n = 4; n <= 5; n++) {
      clock.seconds += 10;
      second.save();
      assertEquals(paths(n), second.checkpoints());
    }
    assertEquals(List.of(2, 3, 5), onDisk());
    assertEquals(5_000.0, state().lastPreserved());
    assertEquals(List.of(5_020.0), state().timestamps());
  }

  @Test
  void numbersOfOnesOwn() throws IOException {
    CheckpointManager manager = builder().maxToKeep(2).build();
    for (int i = 0; i < 5; i++) {
      assertEquals(path(2 * i), manager.save(2 * i));
    }
    assertEquals(5, checkpoint.saveCounter().get());
    assertEquals(path(32), manager.save(32));
    assertEquals(path(32), Checkpoints.latestCheckpoint(directory));
    assertEquals(paths(8, 32), state().all());
    assertThrows(IllegalArgumentException.class, () -> manager.save(-1));

    CheckpointManager named = builder().maxToKeep(2).checkpointName("sub/ck").build();
    assertEquals(directory + "/sub/ck-5", named.save(5));
    assertTrue(Files.exists(Path.of(directory, "sub", "ck-5.index")));
    assertEquals(directory + "/sub/ck-5", Checkpoints.latestCheckpoint(directory));
  }

  @Test
  void restoresOrInitializes() throws IOException {
    String init = folder + "/init";
    value(2);
    Checkpoint initial = new Checkpoint(Map.of("v", values));
    String initPath = initial.save(init);
    value(1);
    CheckpointManager manager = builder().initFn(() -> checkpoint.restore(initPath)).build();
    assertNull(manager.restoreOrInitialize());
    assertEquals(2, values.floats()[0]);
    manager.save();
    value(7);
    assertEquals(path(2), manager.restoreOrInitialize());
    assertEquals(2, values.floats()[0]);
    assertNull(CheckpointManager.open(checkpoint, folder + "/empty", 1).restoreOrInitialize());
  }

  @Test
  void interval() throws IOException {
    long[] step = {0};
    CheckpointManager manager = builder().stepCounter(() -> step[0]).checkpointInterval(2).build();
    assertEquals(2, manager.checkpointInterval());
    assertNotNull(manager.save());
    step[0] = 1;
    assertNull(manager.save());
    step[0] = 2;
    assertNotNull(manager.save());
    assertNull(manager.save());
    step[0] = 3;
    assertNull(manager.save());
    assertNotNull(manager.save(null, false, CheckpointOptions.defaults()));
    assertNull(manager.save(null, false, CheckpointOptions.defaults()), "no step twice");
    assertEquals(3, checkpoint.saveCounter().get(), "what is passed over is not counted");

    CheckpointManager restored = builder().stepCounter(() -> step[0]).checkpointInterval(2).build();
    assertEquals(path(3), restored.restoreOrInitialize());
    assertNull(restored.save(), "it was restored at this step");
    step[0] = 5;
    assertNotNull(restored.save());

    CheckpointManager told =
        builder().stepCounter(() -> step[0]).checkpointInterval(2).lastCheckpointStep(4).build();
    assertNull(told.save());
    step[0] = 6;
    assertNotNull(told.save());
  }

  /** TensorFlow takes the step for saved, and passes the retry over. */
  @Test
  void failedSaveIsTriedAgain() throws IOException {
    CheckpointManager manager =
        builder().stepCounter(() -> 5).checkpointInterval(2).maxToKeep(1).build();
    CheckpointOptions failing =
        CheckpointOptions.defaults()
            .withWriteCallback(
                path -> {
                  throw new IOException("no room in " + path);
                });
    IOException e = assertThrows(IOException.class, () -> manager.save(null, true, failing));
    assertEquals("no room in " + path(1), e.getMessage());
    assertNull(manager.latestCheckpoint(), "it is not recorded");
    assertEquals(path(2), manager.save());
  }

  /** Callbacks of the user come first, with the path; the manager's own is the last. */
  @Test
  void callbacksComeBeforeTheRecord() throws IOException {
    CheckpointManager manager = builder().maxToKeep(1).build();
    List<String> told = new ArrayList<>();
    CheckpointOptions options =
        CheckpointOptions.defaults()
            .withWriteCallback(path -> told.add(path + " latest " + manager.latestCheckpoint()));
    manager.save(null, true, options);
    manager.save(null, true, options);
    assertEquals(List.of(path(1) + " latest null", path(2) + " latest " + path(1)), told);
  }

  /** In the background the checkpoint is recorded once its files are complete. */
  @Test
  void background() throws IOException {
    CheckpointManager manager = builder().maxToKeep(2).build();
    CheckpointOptions options = CheckpointOptions.defaults().withAsync(true);
    for (int n = 1; n <= 4; n++) {
      value(n);
      assertEquals(path(n), manager.save(null, true, options));
    }
    manager.sync();
    assertEquals(paths(3, 4), manager.checkpoints());
    assertEquals(List.of(3, 4), onDisk());
    value(0);
    assertEquals(path(4), manager.restoreOrInitialize());
    assertEquals(4, values.floats()[0]);
    assertEquals(4, checkpoint.saveCounter().get());
  }

  /** Paths begin as the folder was given. */
  @Test
  void relativeDirectory() throws IOException {
    String relative = Path.of("").toAbsolutePath().relativize(Path.of(directory)).toString();
    CheckpointManager manager = CheckpointManager.open(checkpoint, relative + "/", 2);
    assertEquals(relative + "/ckpt-1", manager.save());
    assertEquals(relative, manager.directory());
    assertEquals(relative + "/ckpt-1", Checkpoints.latestCheckpoint(relative));
    value(9);
    assertEquals(relative + "/ckpt-1", manager.restoreOrInitialize());
    assertEquals(0, values.floats()[0]);
    assertEquals(paths(1), CheckpointManager.open(checkpoint, directory, 2).checkpoints());
  }

  @Test
  void settingsThatDoNotGoTogether() throws IOException {
    assertThrows(IllegalArgumentException.class, () -> builder().maxToKeep(0));
    assertThrows(IllegalArgumentException.class, () -> builder().checkpointInterval(0));
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> builder().checkpointInterval(5).build());
    said(e, "stepCounter", "checkpointInterval");
    for (String name : List.of("", " ", "../x", "a/../../x", "/x", "x/", "a//b", "hdfs://n/x")) {
      said(
          assertThrows(
              IllegalArgumentException.class, () -> builder().checkpointName(name).build()),
          "checkpointName");
    }
    assertThrows(
        IllegalArgumentException.class, () -> builder().keepBest(() -> 0, MetricGoal.MIN, 0));
    assertThrows(
        IllegalArgumentException.class, () -> builder().keepCheckpointEveryNHours(Double.NaN));
    assertThrows(IllegalArgumentException.class, () -> builder().timeToLive(Duration.ZERO));
    assertThrows(IllegalArgumentException.class, () -> builder().byteBudget(0));
  }
}
