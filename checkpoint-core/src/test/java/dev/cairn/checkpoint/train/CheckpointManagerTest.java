package dev.cairn.checkpoint.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.checkpoint.CheckpointPins;
import dev.cairn.checkpoint.CheckpointReader;
import dev.cairn.checkpoint.bundle.CheckpointState;
import dev.cairn.checkpoint.model.CheckpointException;
import dev.cairn.checkpoint.model.CheckpointException.Conflict;
import dev.cairn.checkpoint.model.CheckpointException.Corrupt;
import dev.cairn.checkpoint.model.CheckpointException.Mismatch;
import dev.cairn.checkpoint.model.CheckpointException.NotFound;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The manager with real files, and a clock that the test sets. */
class CheckpointManagerTest {

  @TempDir Path folder;

  private final SetClock clock = new SetClock();
  private final ArrayVariable values = ArrayVariable.of(new float[3], 3);
  private Checkpoint checkpoint = new Checkpoint(Map.of("v", values));
  private String directory = "";

  @BeforeEach
  void names() {
    directory = folder + "/run";
  }

  private CheckpointManagerBuilder builder() {
    return CheckpointManager.builder(checkpoint, directory).clock(clock);
  }

  private String path(int number) {
    return directory + "/ckpt-" + number;
  }

  private List<String> paths(int... numbers) {
    List<String> paths = new ArrayList<>();
    for (int number : numbers) {
      paths.add(path(number));
    }
    return paths;
  }

  /** The numbers of the checkpoints of which index and data are there. */
  private List<Integer> onDisk() throws IOException {
    TreeSet<Integer> numbers = new TreeSet<>();
    try (Stream<Path> files = Files.list(Path.of(directory))) {
      for (Path file : files.toList()) {
        String name = file.getFileName().toString();
        if (name.endsWith(".index")) {
          numbers.add(Integer.parseInt(name.replaceAll(".*-|\\.index", "")));
        }
      }
    }
    return List.copyOf(numbers);
  }

  private void value(float value) {
    values.floats()[0] = value;
  }

  private CheckpointState state() throws IOException {
    return Checkpoints.getCheckpointState(directory).orElseThrow();
  }

  private void damageData(int number) throws IOException {
    try (Stream<Path> files = Files.list(Path.of(directory))) {
      for (Path file : files.toList()) {
        if (file.getFileName().toString().startsWith("ckpt-" + number + ".data-")) {
          byte[] bytes = Files.readAllBytes(file);
          bytes[3] ^= 1;
          Files.write(file, bytes);
        }
      }
    }
  }

  private static void one(List<CheckpointException> warnings, String... parts) {
    assertEquals(1, warnings.size(), warnings.toString());
    said(warnings.get(0), parts);
  }

  private static void said(Exception e, String... parts) {
    for (String part : parts) {
      assertTrue(String.valueOf(e.getMessage()).contains(part), e.getMessage());
    }
  }

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
