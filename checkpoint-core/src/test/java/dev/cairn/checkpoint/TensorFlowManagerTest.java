package dev.cairn.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.checkpoint.commit.CommittedCheckpoints;
import dev.cairn.checkpoint.commit.SessionIds;
import dev.cairn.checkpoint.model.CheckpointException;
import dev.cairn.checkpoint.model.CheckpointException.Corrupt;
import dev.cairn.checkpoint.model.VerifyReport;
import dev.cairn.checkpoint.store.CheckpointStore;
import dev.cairn.checkpoint.store.CheckpointStores;
import dev.cairn.checkpoint.tensorflow.TensorFlowEnvironment;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A {@code tf.train.CheckpointManager} on a folder of ours adopts our checkpoints by the state
 * file. When it sweeps it deletes index and data of what it does not keep, ours too, and leaves the
 * manifest: that is a damaged checkpoint for us, clearly told, and no obstacle to anything.
 */
class TensorFlowManagerTest {

  @TempDir Path folder;

  private void save(int keep, long... steps) throws IOException {
    FolderOptions options = TestCheckpoints.OPTIONS.withKeep(keep);
    try (CheckpointFolder checkpoints = CheckpointFolder.open(folder.toString(), options);
        CheckpointStore store = CheckpointStores.open(folder.toString(), new TreeMap<>())) {
      checkpoints.newestGood(e -> {});
      for (long step : steps) {
        TestCheckpoints.save(checkpoints, store, step, 2);
      }
      assertEquals(List.of(), checkpoints.drainWarnings());
    }
  }

  private List<String> manage(int keep, int saves) throws Exception {
    String key = TestCheckpoints.WEIGHTS.key();
    return TensorFlowEnvironment.get().run("manage.py", folder, keep, saves, key).lines().toList();
  }

  /** The step's weights as the script prints them. */
  private static String weights(long step) {
    float[] values = TestCheckpoints.values(TestCheckpoints.WEIGHTS, step);
    ByteBuffer raw = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    raw.asFloatBuffer().put(values);
    return HexFormat.of().formatHex(raw.array());
  }

  private static void kept(List<String> lines, String... paths) {
    for (String path : paths) {
      lines.add("kept\t" + path);
    }
    lines.add("newest\t" + paths[paths.length - 1]);
  }

  private static void values(List<String> lines, long... steps) {
    for (long step : steps) {
      lines.add("loaded\tckpt-" + step + "/variables\t" + weights(step));
      lines.add("restored\tckpt-" + step + "/variables\t" + weights(step));
    }
  }

  /**
   * All of ours are adopted, so that none of them is left over for ever; their values are there.
   */
  @Test
  void adoptsWhatWeKeep() throws Exception {
    save(3, 100, 200, 300, 400);
    List<String> expected = new ArrayList<>();
    kept(expected, "ckpt-200/variables", "ckpt-300/variables", "ckpt-400/variables");
    values(expected, 200, 300, 400);
    expected.add("latest\tckpt-400/variables");
    assertEquals(expected, manage(5, 0));
  }

  /** It counts from 1 on, and two of ours go: they are told, the third is good, and we go on. */
  @Tag("long")
  @Test
  void sweepsOursAway() throws Exception {
    save(3, 200, 300, 400);
    List<String> expected = new ArrayList<>();
    kept(expected, "ckpt-200/variables", "ckpt-300/variables", "ckpt-400/variables");
    values(expected, 200, 300, 400);
    expected.add("saved\tckpt-1");
    kept(expected, "ckpt-300/variables", "ckpt-400/variables", "ckpt-1");
    expected.add("saved\tckpt-2");
    kept(expected, "ckpt-400/variables", "ckpt-1", "ckpt-2");
    expected.add("latest\tckpt-2");
    assertEquals(expected, manage(3, 2));

    try (CheckpointFolder checkpoints =
        CheckpointFolder.open(folder.toString(), TestCheckpoints.OPTIONS)) {
      List<CommittedCheckpoint> listed = checkpoints.checkpoints();
      assertEquals(List.of(), checkpoints.drainWarnings());
      assertEquals(
          List.of(200L, 300L, 400L), listed.stream().map(CommittedCheckpoint::step).toList());
      for (CommittedCheckpoint swept : listed.subList(0, 2)) {
        swept(swept);
      }
      assertEquals(listed.get(2), checkpoints.newestGood(e -> {}).orElseThrow());
      assertEquals(List.of(), checkpoints.orphans());
    }

    save(2, 500);
    List<String> after = new ArrayList<>();
    // Theirs stay named by their times among ours: its manager goes on as if we were not there.
    kept(after, "ckpt-400/variables", "ckpt-1", "ckpt-2", "ckpt-500/variables");
    values(after, 400, 500);
    after.add("latest\tckpt-500/variables");
    assertEquals(after, manage(5, 0));
    assertTrue(Files.exists(folder.resolve("ckpt-2.index")), "theirs is not ours to delete");
  }

  /**
   * TensorFlow's manager deletes all of ours; the next save sets the rests aside and stands alone.
   */
  @Test
  void sweepsAllOfOursAway() throws Exception {
    save(0, 100, 200);
    manage(1, 1);
    try (CheckpointFolder checkpoints =
        CheckpointFolder.open(folder.toString(), TestCheckpoints.OPTIONS)) {
      List<CheckpointException> skipped = new ArrayList<>();
      assertTrue(checkpoints.newestGood(skipped::add).isEmpty());
      assertEquals(2, skipped.size());
      for (CheckpointException e : skipped) {
        assertTrue(String.valueOf(e.getMessage()).contains("its index is missing"), "" + e);
      }
    }
    save(2, 200);
    try (CheckpointFolder checkpoints =
        CheckpointFolder.open(folder.toString(), TestCheckpoints.OPTIONS)) {
      List<CommittedCheckpoint> listed = checkpoints.checkpoints();
      assertEquals(List.of("ckpt-200-2"), listed.stream().map(CommittedCheckpoint::name).toList());
      assertEquals(listed, List.of(checkpoints.newestGood(e -> {}).orElseThrow()));
    }
  }

  /** TensorFlow raises an error for a state file that names no checkpoint, so there is none. */
  @Test
  void anEmptiedFolderIsEmptyForTensorFlow() throws Exception {
    save(3, 100);
    try (CheckpointStore store = CheckpointStores.open(folder.toString(), new TreeMap<>())) {
      CommittedCheckpoints committed = new CommittedCheckpoints(store, folder.toString());
      committed.writeState(List.of(), SessionIds.next());
      assertEquals(List.of("newest\t-", "latest\t-"), manage(5, 0));
      committed.writeState(List.of(), SessionIds.next()); // nothing to delete any more
    }
    save(3, 200);
    List<String> expected = new ArrayList<>();
    kept(expected, "ckpt-100/variables", "ckpt-200/variables");
    values(expected, 100, 200);
    expected.add("latest\tckpt-200/variables");
    assertEquals(expected, manage(5, 0));
  }

  private static void swept(CommittedCheckpoint checkpoint) throws IOException {
    VerifyReport report =
        CheckpointVerifier.verify(checkpoint.path(), TestCheckpoints.OPTIONS, 1, bytes -> {});
    assertEquals(
        List.of(
            "variables.data-00000-of-00002", "variables.data-00001-of-00002", "variables.index"),
        report.damages().stream().map(VerifyReport.Damage::file).toList());
    Corrupt e =
        assertThrows(
            Corrupt.class, () -> CheckpointReader.open(checkpoint.path(), TestCheckpoints.OPTIONS));
    String message = String.valueOf(e.getMessage());
    for (String part :
        List.of("its index is missing", checkpoint.path(), "CheckpointManager", "use another")) {
      assertTrue(message.contains(part), message);
    }
  }
}
