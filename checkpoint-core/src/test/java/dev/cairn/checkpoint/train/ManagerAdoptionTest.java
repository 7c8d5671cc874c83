package dev.cairn.checkpoint.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import dev.cairn.checkpoint.bundle.CheckpointState;
import dev.cairn.checkpoint.tensorflow.TensorFlowEnvironment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Managers of Java and of TensorFlow take a folder over from each other: each reads the other's
 * state file, goes on with its numbers, lists its checkpoints, and deletes its old ones.
 */
class ManagerAdoptionTest {

  @TempDir Path base;

  private List<String> tensorflow(String... folders) throws Exception {
    Object[] arguments = new Object[folders.length];
    for (int i = 0; i < folders.length; i++) {
      arguments[i] = base.resolve(folders[i]);
    }
    String told = TensorFlowEnvironment.get().run("manager_adopts.py", arguments);
    return told.lines().map(line -> line.replace('\t', ' ')).toList();
  }

  /** What Java's manager does, told as the script tells it. */
  private List<String> java(String folder, String name, int keep, int saves) throws IOException {
    Path directory = base.resolve(folder);
    List<String> told = new ArrayList<>();
    ArrayVariable v = ArrayVariable.of(new float[3], 3);
    Checkpoint checkpoint = new Checkpoint(Map.of("v", v));
    CheckpointManager manager =
        CheckpointManager.builder(checkpoint, directory.toString())
            .checkpointName(name)
            .maxToKeep(keep)
            .build();
    told.add(say(folder, "finds", manager.checkpoints()));
    String latest = manager.restoreOrInitialize();
    if (latest != null) {
      checkpoint.restore(latest).assertConsumed();
    }
    told.add(
        folder
            + " restores "
            + (latest == null ? "-" : relative(folder, latest))
            + " "
            + v.floats()[0]
            + " "
            + checkpoint.saveCounter().get());
    for (int i = 0; i < saves; i++) {
      v.floats()[0]++;
      String saved = manager.save();
      assertNotNull(saved);
      told.add(say(folder, "saves " + relative(folder, saved), manager.checkpoints()));
    }
    assertEquals(List.of(), manager.drainWarnings());
    try (Stream<Path> files = Files.walk(directory)) {
      List<String> there =
          files
              .map(Path::toString)
              .filter(file -> file.endsWith(".index"))
              .map(file -> file.substring(0, file.length() - ".index".length()))
              .toList();
      told.add(say(folder, "there", there.stream().sorted().toList()));
    }
    return told;
  }

  private String say(String folder, String what, List<String> paths) {
    StringBuilder line = new StringBuilder(folder + " " + what);
    paths.forEach(path -> line.append(' ').append(relative(folder, path)));
    return line.toString();
  }

  private String relative(String folder, String path) {
    return base.resolve(folder).relativize(Path.of(path)).toString();
  }

  @Test
  void eachTakesOverFromTheOther() throws Exception {
    assertEquals(
        List.of(
            "ours finds",
            "ours restores - 0.0 0",
            "ours saves ckpt-1 ckpt-1",
            "ours saves ckpt-2 ckpt-1 ckpt-2",
            "ours saves ckpt-3 ckpt-2 ckpt-3",
            "ours there ckpt-2 ckpt-3"),
        java("ours", "ckpt", 2, 3));
    assertEquals(
        List.of(
            "below finds",
            "below restores - 0.0 0",
            "below saves s/c-1 s/c-1",
            "below there s/c-1"),
        java("below", "s/c", 2, 1));
    assertEquals(
        List.of(
            "theirs finds",
            "theirs restores - 0.0 0",
            "theirs saves ckpt-1 ckpt-1",
            "theirs saves ckpt-2 ckpt-1 ckpt-2",
            "theirs saves ckpt-3 ckpt-1 ckpt-2 ckpt-3",
            "theirs there ckpt-1 ckpt-2 ckpt-3",
            "ours finds ckpt-2 ckpt-3",
            "ours restores ckpt-3 3.0 3",
            "ours saves ckpt-4 ckpt-3 ckpt-4",
            "ours saves ckpt-5 ckpt-4 ckpt-5",
            "ours there ckpt-4 ckpt-5",
            "below finds s/c-1",
            "below restores s/c-1 1.0 1",
            "below saves s/c-2 s/c-1 s/c-2",
            "below there s/c-1 s/c-2"),
        tensorflow("theirs:ckpt:3:3", "ours:ckpt:2:2", "below:s/c:2:1"));
    assertEquals(
        List.of(
            "theirs finds ckpt-1 ckpt-2 ckpt-3",
            "theirs restores ckpt-3 3.0 3",
            "theirs saves ckpt-4 ckpt-3 ckpt-4",
            "theirs there ckpt-3 ckpt-4"),
        java("theirs", "ckpt", 2, 1));
    assertEquals(
        List.of(
            "ours finds ckpt-4 ckpt-5",
            "ours restores ckpt-5 5.0 5",
            "ours saves ckpt-6 ckpt-6",
            "ours there ckpt-6"),
        java("ours", "ckpt", 1, 1));
    CheckpointState state =
        Checkpoints.getCheckpointState(base.resolve("ours").toString()).orElseThrow();
    assertEquals(1, state.timestamps().size());
  }
}
