package dev.cairn.spark.trainer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.checkpoint.FolderOptions;
import dev.cairn.checkpoint.model.CheckpointException;
import dev.cairn.checkpoint.model.FeatureScales;
import dev.cairn.checkpoint.model.ModelDefinition;
import dev.cairn.spark.data.DataFacts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tests what a run begins from: never from more training than was asked for, and never over
 * anything.
 */
class RunOriginTest {
  private static final SortedMap<String, String> CONF = new TreeMap<>(Map.of("optimizer", "x"));

  @TempDir private Path folder = Path.of("");

  private Path run = Path.of("");

  @BeforeEach
  void choose() {
    run = folder.resolve("run");
  }

  private void fill(int keep, long... steps) throws IOException {
    try (TinyRun tiny = new TinyRun(run, keep)) {
      for (long step : steps) {
        tiny.save(step, new TreeMap<>(), CONF);
      }
    }
  }

  /** The name of what a run with these settings begins from. */
  private String origin(Path in, int epochs, long steps, ResumeSettings resume) throws IOException {
    try (TinyRun tiny = new TinyRun(in, 0)) {
      Optional<RunOrigin.Origin> origin =
          new RunOrigin(
                  tiny.checkpoints,
                  FolderOptions.defaults(),
                  TinyRun.MODEL,
                  TinyRun.data(),
                  TinyRun.settings(epochs, steps, resume, CONF))
              .first(skipped -> {});
      return origin.map(o -> Path.of(o.base().path()).getFileName().toString()).orElse("");
    }
  }

  private void assertRefused(String message, int epochs, long steps, ResumeSettings resume) {
    ResumeRefusedException e =
        assertThrows(ResumeRefusedException.class, () -> origin(run, epochs, steps, resume));
    assertTrue(String.valueOf(e.getMessage()).contains(message), e::getMessage);
  }

  private static ResumeSettings from(String name) {
    return new ResumeSettings(true, name, Set.of());
  }

  @Test
  void theNewestOfWhatWasAskedFor() throws Exception {
    assertEquals("", origin(run, 2, 0, ResumeSettings.DEFAULT));
    fill(0, 4, 8);
    assertEquals("ckpt-8", origin(run, 2, 0, ResumeSettings.DEFAULT));
    assertEquals("ckpt-8", origin(run, 3, 0, ResumeSettings.DEFAULT));
  }

  /** The folder holds two epochs, one is asked for. */
  @Test
  void fewerEpochsGiveThatModelOrAnError() throws Exception {
    fill(1, 4, 8);
    assertRefused(
        "Cannot train 1 epoch: the folder holds more, expected a checkpoint of step 4, or none"
            + " after it, found ckpt-8 of 2 epochs",
        1,
        0,
        ResumeSettings.DEFAULT);
    assertRefused("Cannot train 6 steps (1.5 epochs)", 2, 6, ResumeSettings.DEFAULT);
  }

  @Test
  void theCheckpointOfExactlyTheAskedStepIsTheModel() throws Exception {
    fill(0, 4, 6, 8);
    assertEquals("ckpt-4", origin(run, 1, 0, ResumeSettings.DEFAULT));
    assertEquals("ckpt-6", origin(run, 2, 6, ResumeSettings.DEFAULT));
    assertRefused("expected a checkpoint of step 5", 2, 5, ResumeSettings.DEFAULT);
  }

  /** Its settings count, too: it was trained with others, and the change was accepted later. */
  @Test
  void theCheckpointOfTheAskedStepHasOtherSettings() throws Exception {
    try (TinyRun tiny = new TinyRun(run, 0)) {
      tiny.save(4, new TreeMap<>(), new TreeMap<>(Map.of("optimizer", "old")));
      tiny.save(8, new TreeMap<>(), CONF);
    }
    assertRefused("optimizer: expected old, found x", 1, 0, ResumeSettings.DEFAULT);
  }

  @Test
  void withoutResumingOnlyAnEmptyFolderWillDo() throws Exception {
    ResumeSettings off = new ResumeSettings(false, "", Set.of());
    assertEquals("", origin(run, 2, 0, off));
    fill(0, 4, 8);
    assertRefused("found ckpt-8 and 1 others", 2, 0, off);
    Files.writeString(run.resolve("ckpt-8/manifest.json"), "{");
    assertRefused("resume is off, expected a folder without checkpoints", 2, 0, off);
  }

  @Test
  void aNamedCheckpointIsTheNewestOfItsFolder() throws Exception {
    fill(0, 4, 8);
    assertEquals("ckpt-8", origin(run, 3, 0, from("ckpt-8")));
    assertEquals("ckpt-8", origin(run, 3, 0, from(run.resolve("ckpt-8") + "/")));
    assertRefused(
        "Cannot go on from ckpt-4: expected the newest checkpoint of its folder, found ckpt-8",
        3,
        0,
        from("ckpt-4"));
    assertThrows(CheckpointException.NotFound.class, () -> origin(run, 3, 0, from("ckpt-5")));
  }

  @Test
  void aCheckpointOfAnotherRunBeginsAnEmptyFolder() throws Exception {
    fill(0, 4, 8);
    String path = run.resolve("ckpt-4").toUri().toString();
    Path other = folder.resolve("other");
    assertEquals("ckpt-4", origin(other, 3, 0, from(path)));
    try (TinyRun tiny = new TinyRun(other, 0)) {
      tiny.save(6, new TreeMap<>(), CONF);
    }
    ResumeRefusedException e =
        assertThrows(ResumeRefusedException.class, () -> origin(other, 3, 0, from(path)));
    assertTrue(String.valueOf(e.getMessage()).contains("leave resume.from out"), e::getMessage);
  }

  /** Also under another name of the folder, and free again when the first one ends. */
  @Test
  void twoFitsDoNotShareAFolder() throws Exception {
    Files.createDirectories(run);
    Path alias = Files.createSymbolicLink(folder.resolve("alias"), run);
    Runnable first = RunFolders.take("file://" + run.resolve("a/b"));
    Runnable other = RunFolders.take("file://" + run);
    CheckpointException.Conflict e =
        assertThrows(
            CheckpointException.Conflict.class,
            () -> RunFolders.take("file://" + alias.resolve("a/b")));
    assertTrue(
        String.valueOf(e.getMessage()).contains("another fit of this program"), e::getMessage);
    first.run();
    RunFolders.take("file://" + alias.resolve("a/b")).run();
    other.run();
  }

  /** Scales are a part of the model: other rows may come, other scales of the same rows not. */
  @Test
  void scalesOfTheSameRowsMustBeTheSame() throws Exception {
    fill(0, 4);
    FeatureScales scales = new FeatureScales(new int[] {3}, new double[] {2});
    ResumeRefusedException e =
        assertThrows(
            ResumeRefusedException.class, () -> originOf(TinyRun.DATA, scales, Set.of("data")));
    assertTrue(
        String.valueOf(e.getMessage())
            .contains(
                "standardization: expected no numeric features divided, found 1 numeric features"),
        e::getMessage);
    assertTrue(!String.valueOf(e.getMessage()).contains("resume.accept="), e::getMessage);
    assertTrue(originOf("other rows", scales, Set.of("data")));
  }

  @Test
  void anotherModelIsRefused() throws Exception {
    fill(0, 4);
    ModelDefinition other =
        new ModelDefinition("other", new TreeMap<>(Map.of("features", "1", "classes", "3")));
    ResumeRefusedException e =
        assertThrows(ResumeRefusedException.class, () -> originOf(other, Set.of()));
    String message = String.valueOf(e.getMessage());
    assertTrue(message.contains("model: expected tiny, found other; "), message);
    assertTrue(message.contains("model.classes: expected none, found 3"), message);
    assertTrue(message.contains("resume.accept=model,model.classes"), message);
    assertTrue(originOf(other, Set.of("model", "model.classes")));
  }

  private boolean originOf(ModelDefinition model, Set<String> accepted) throws IOException {
    try (TinyRun tiny = new TinyRun(run, 0)) {
      return new RunOrigin(
              tiny.checkpoints,
              FolderOptions.defaults(),
              model,
              TinyRun.data(),
              TinyRun.settings(2, 0, new ResumeSettings(true, "", accepted), CONF))
          .first(skipped -> {})
          .isPresent();
    }
  }

  private boolean originOf(String fingerprint, FeatureScales scales, Set<String> accepted)
      throws IOException {
    try (TinyRun tiny = new TinyRun(run, 0)) {
      DataFacts data = TinyRun.data();
      return new RunOrigin(
              tiny.checkpoints,
              FolderOptions.defaults(),
              TinyRun.MODEL,
              new DataFacts(data.samples(), data.batchesPerEpoch(), fingerprint, scales),
              TinyRun.settings(2, 0, new ResumeSettings(true, "", accepted), CONF))
          .first(skipped -> {})
          .isPresent();
    }
  }
}
