package dev.cairn.checkpoint.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.checkpoint.CheckpointPins;
import dev.cairn.checkpoint.CheckpointReader;
import dev.cairn.checkpoint.model.CheckpointException;
import dev.cairn.checkpoint.model.CheckpointException.Conflict;
import dev.cairn.checkpoint.model.CheckpointException.Corrupt;
import dev.cairn.checkpoint.model.CheckpointException.Mismatch;
import dev.cairn.checkpoint.model.CheckpointException.NotFound;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the manager keeps beyond TensorFlow, and how it keeps the newest good one. */
class ManagerRetentionTest extends ManagerFixture {

  /** Numbered from 1 on, the new ones would take the place of what was trained. */
  @Test
  void forgottenRestoreIsTold() throws IOException {
    CheckpointManager first = builder().maxToKeep(1).build();
    first.save();
    first.save();
    checkpoint = new Checkpoint(Map.of("v", values));
    CheckpointManager second = builder().maxToKeep(1).build();
    Conflict e = assertThrows(Conflict.class, second::save);
    said(e, path(2), "restoreOrInitialize", directory);
    assertEquals(List.of(2), onDisk());
    assertEquals(path(2), second.restoreOrInitialize());
    assertEquals(path(3), second.save());

    checkpoint = new Checkpoint(Map.of("v", values));
    assertEquals(path(9), builder().maxToKeep(2).build().save(9));
  }

  /** The newest is damaged: the one before is restored, and what was passed over goes first. */
  @Test
  void fallsBackToTheNewestGoodOne() throws IOException {
    CheckpointManager first = builder().maxToKeep(3).build();
    for (int n = 1; n <= 3; n++) {
      value(n);
      clock.seconds += 1;
      first.save(10 * n);
    }
    damageData(30);
    Files.delete(Path.of(path(20) + ".index"));
    value(0);
    CheckpointManager second = builder().maxToKeep(3).build();
    assertEquals(path(10), second.restoreOrInitialize());
    assertEquals(1, values.floats()[0]);
    assertEquals(path(10), second.latestCheckpoint());
    List<CheckpointException> warnings = second.drainWarnings();
    assertEquals(2, warnings.size());
    said(warnings.get(0), "ckpt-30");
    said(warnings.get(1), "ckpt-20");
    clock.seconds += 1;
    second.save(40);
    assertEquals(List.of(10, 30, 40), onDisk());
    second.save(50);
    assertEquals(List.of(10, 40, 50), onDisk());
    assertEquals(paths(10, 40, 50), second.checkpoints());
  }

  /** Nothing good is left: whoever began anew would overwrite what may yet be saved. */
  @Test
  void allDamagedIsAnError() throws IOException {
    CheckpointManager first = builder().build();
    first.save();
    first.save();
    damageData(1);
    damageData(2);
    value(5);
    boolean[] initialized = {false};
    CheckpointManager second = builder().initFn(() -> initialized[0] = true).build();
    Corrupt e = assertThrows(Corrupt.class, second::restoreOrInitialize);
    said(e, "ckpt-2");
    assertEquals(1, e.getSuppressed().length);
    assertFalse(initialized[0]);
    assertEquals(5, values.floats()[0], "nothing was changed");
  }

  /** Of another program: an older one would be, too. */
  @Test
  void anotherProgramIsNoDamage() throws IOException {
    builder().build().save();
    checkpoint = new Checkpoint(Map.of("v", ArrayVariable.of(new float[4], 4)));
    CheckpointManager second = builder().build();
    assertThrows(Mismatch.class, second::restoreOrInitialize);
  }

  /** A new checkpoint that cannot be read back is none, and nothing is deleted for it. */
  @Test
  void whatCannotBeReadBackPushesNothingOut() throws IOException {
    CheckpointManager manager = builder().maxToKeep(1).build();
    manager.save();
    CheckpointOptions lying = CheckpointOptions.defaults().withWriteCallback(path -> damageData(2));
    Corrupt e = assertThrows(Corrupt.class, () -> manager.save(null, true, lying));
    said(e, "read back it is damaged", path(2), "older ones stay");
    assertEquals(path(1), manager.latestCheckpoint());
    assertEquals(path(1), Checkpoints.latestCheckpoint(directory));
    assertEquals(path(1), manager.restoreOrInitialize());
    assertEquals(path(2), manager.save());
    assertEquals(List.of(2), onDisk());

    CheckpointManager trusting = builder().maxToKeep(1).verifyBeforeDeleting(false).build();
    CheckpointOptions again = CheckpointOptions.defaults().withWriteCallback(path -> damageData(3));
    assertEquals(path(3), trusting.save(null, true, again));
    assertEquals(List.of(3), onDisk());
  }

  @Test
  void keepsTheBestAndFindsIt() throws IOException {
    double[] loss = {0};
    CheckpointManager manager =
        builder().maxToKeep(1).keepBest(() -> loss[0], MetricGoal.MIN, 1).build();
    double[] losses = {3, 1, 2, Double.NaN};
    for (int n = 1; n <= 4; n++) {
      clock.seconds += 1;
      loss[0] = losses[n - 1];
      value(n);
      manager.save();
    }
    assertEquals(path(2), manager.bestCheckpoint());
    assertEquals(paths(2), manager.held());
    assertEquals(paths(4), manager.checkpoints());
    assertEquals(List.of(2, 4), onDisk());
    assertEquals(paths(4), state().all(), "TensorFlow's manager would not delete it");

    CheckpointManager later =
        builder().maxToKeep(1).keepBest(() -> loss[0], MetricGoal.MIN, 1).build();
    assertEquals(path(2), later.bestCheckpoint(), "it is remembered");
    assertNotNull(checkpoint.restore(later.bestCheckpoint()));
    assertEquals(2, values.floats()[0]);
    checkpoint.saveCounter().set(4);
    loss[0] = 0.5;
    later.save();
    assertEquals(List.of(5), onDisk());
    assertEquals(List.of(), later.held());
  }

  @Test
  void keepsByName() throws IOException {
    long[] step = {0};
    CheckpointManager manager = builder().maxToKeep(1).stepCounter(() -> step[0]).build();
    for (int n = 1; n <= 2; n++) {
      step[0] = 100 * n;
      clock.seconds += 1;
      manager.save();
    }
    assertEquals(paths(2), manager.keep(200));
    NotFound e = assertThrows(NotFound.class, () -> manager.keep(100));
    said(e, "step 100", "[200]", directory);
    CheckpointManager later = builder().maxToKeep(1).stepCounter(() -> step[0]).build();
    clock.seconds += 1;
    later.save();
    clock.seconds += 1;
    later.save();
    assertEquals(List.of(2, 4), onDisk());
  }

  /** Somebody reads an old one: it goes at the first save after that. */
  @Test
  void whatIsReadStays() throws IOException {
    CheckpointManager manager = builder().maxToKeep(1).build();
    manager.save();
    try (CheckpointReader reader = Checkpoints.loadCheckpoint(path(1))) {
      manager.save();
      assertEquals(List.of(1, 2), onDisk());
      assertEquals(paths(1), manager.held());
      assertTrue(reader.variable("v/.ATTRIBUTES/VARIABLE_VALUE").isPresent());
    }
    try (CheckpointPins.Pin pin = CheckpointPins.pin(path(2))) {
      assertNotNull(pin);
      CheckpointManager later = builder().maxToKeep(1).build();
      later.save();
      assertEquals(List.of(2, 3), onDisk(), "the first is not read any more");
    }
    builder().maxToKeep(1).build().save();
    assertEquals(List.of(4), onDisk(), "held ones are remembered");
  }

  @Test
  void timeAndBytes() throws IOException {
    CheckpointManager byTime = builder().timeToLive(Duration.ofSeconds(100)).build();
    for (int n = 1; n <= 3; n++) {
      byTime.save();
      clock.seconds += 60;
    }
    assertEquals(List.of(2, 3), onDisk());
    long bytes = Files.size(Path.of(path(3) + ".index"));
    try (Stream<Path> files = Files.list(Path.of(directory))) {
      for (Path file : files.toList()) {
        bytes += file.toString().contains("ckpt-3.data") ? Files.size(file) : 0;
      }
    }
    CheckpointManager byBytes = builder().byteBudget(2 * bytes + bytes / 2).build();
    byBytes.save();
    assertEquals(List.of(3, 4), onDisk());
    byBytes.save();
    assertEquals(List.of(4, 5), onDisk());
  }

  /** Steps are remembered, so that the next manager knows which ones stay. */
  @Test
  void keepsEveryNSteps() throws IOException {
    for (long step : new long[] {50, 100, 120, 150}) {
      CheckpointManager manager =
          builder().maxToKeep(1).stepCounter(() -> step).keepEveryNSteps(100).build();
      manager.restoreOrInitialize();
      clock.seconds += 1;
      manager.save();
    }
    assertEquals(List.of(2, 4), onDisk());
  }

  /** Somebody reads in the folder, nobody knows what: nothing is deleted meanwhile. */
  @Test
  void whoReadsTheFolderReadsAll() throws IOException {
    CheckpointManager manager = builder().maxToKeep(1).build();
    manager.save();
    try (CheckpointPins.Pin pin = CheckpointPins.pin("file://" + directory)) {
      assertNotNull(pin);
      manager.save();
      assertEquals(List.of(1, 2), onDisk());
    }
    manager.save();
    assertEquals(List.of(3), onDisk());
  }

  /** TensorFlow's manager stores no count in files that it writes in the background. */
  @Test
  void goesOnFromTheNameOfAFileWithoutACount() throws IOException {
    checkpoint.saveCounter().set(0);
    checkpoint.write(path(7));
    Files.writeString(Path.of(directory, "checkpoint"), "model_checkpoint_path: \"ckpt-7\"\n");
    checkpoint = new Checkpoint(Map.of("v", values));
    CheckpointManager manager = builder().maxToKeep(1).build();
    assertEquals(path(7), manager.restoreOrInitialize());
    assertEquals(path(8), manager.save());
  }

  /** The failure of one in the background takes no number from the next. */
  @Test
  void aFailureIsToldBeforeTheNextNumber() throws IOException {
    CheckpointManager manager = builder().maxToKeep(2).build();
    CheckpointOptions failing =
        CheckpointOptions.defaults()
            .withAsync(true)
            .withWriteCallback(
                path -> {
                  throw new IOException("no room");
                });
    assertEquals(path(1), manager.save(null, true, failing));
    said(assertThrows(IOException.class, manager::save), "no room", path(1));
    assertEquals(path(2), manager.save());
  }
}
