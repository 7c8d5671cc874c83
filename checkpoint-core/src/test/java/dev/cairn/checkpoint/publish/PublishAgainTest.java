package dev.cairn.checkpoint.publish;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.checkpoint.FolderOptions;
import dev.cairn.checkpoint.MemoryStore;
import dev.cairn.checkpoint.ServingConfig;
import dev.cairn.checkpoint.model.CheckpointException.Corrupt;
import dev.cairn.checkpoint.model.Manifest;
import dev.cairn.checkpoint.store.CheckpointFileNames;
import dev.cairn.checkpoint.store.CheckpointStore;
import dev.cairn.checkpoint.store.CheckpointStores;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The same publication again finishes what a crash has left, and undoes nothing that somebody has
 * decided since.
 */
class PublishAgainTest {
  private static final List<String> STABLE = List.of(ServingConfig.STABLE);

  @TempDir private Path temp = Path.of("");
  private final List<String> checkpoints = new ArrayList<>();
  private Path folder = Path.of("");
  private CheckpointStore store = new MemoryStore(() -> 0).view(new MemoryStore.Hook() {});
  private ModelFolder model = Published.open(store, "/models/none");

  @BeforeEach
  void publishThree() throws IOException {
    folder = temp.resolve("flights");
    store = CheckpointStores.open(temp.toUri().toString(), new TreeMap<>());
    model = ModelFolder.open(folder.toString(), FolderOptions.defaults());
    for (int step = 1; step <= 4; step++) {
      checkpoints.add(Published.checkpoint(store, "file://" + temp + "/run", step));
      if (step < 4) {
        assertEquals(step, publish(step));
      }
    }
  }

  @AfterEach
  void close() throws IOException {
    model.close();
    store.close();
  }

  private long publish(int step, String... more) throws IOException {
    List<String> labels = new ArrayList<>(STABLE);
    labels.addAll(List.of(more));
    return Published.publish(store, checkpoints.get(step - 1), model, labels).number();
  }

  private void label(String label, long version) throws IOException {
    ServingConfig unused = model.label(new TreeMap<>(Map.of(label, version)));
  }

  /** Puts a version in place, and crashes before its labels are moved. */
  private ModelVersion publishWithoutLabels(int step) throws IOException {
    try (VersionDraft draft = model.begin()) {
      Manifest unused = draft.putCheckpoint(checkpoints.get(step - 1));
      draft.put(CheckpointFileNames.SAVED_MODEL, "a program".getBytes(StandardCharsets.UTF_8));
      return draft.commit(
          Lineage.byHand(Optional.empty(), Optional.empty(), new TreeMap<>()), List.of());
    }
  }

  private Map<String, Long> labels() throws IOException {
    return model.config().orElseThrow().labels();
  }

  @Test
  void aDamagedVersionIsNoAnswer() throws Exception {
    BadModelFoldersTest.damage(folder.resolve("3/saved_model.pb"));
    assertEquals(4, publish(3));
    assertEquals(4, publish(3));
    BadModelFoldersTest.damage(BadModelFoldersTest.data(folder.resolve("4")));
    assertEquals(5, publish(3));
    Files.delete(folder.resolve("5/assets.extra/cairn-version.json"));
    assertEquals(6, publish(3));
    assertEquals(6, publish(3));
    model.verify(model.current().orElseThrow());
  }

  @Test
  void theAdviceOfTheOnlyVersionHelps() throws Exception {
    try (ModelFolder other =
        ModelFolder.open(temp.resolve("other").toString(), FolderOptions.defaults())) {
      ModelVersion first = Published.publish(store, checkpoints.get(0), other, STABLE);
      BadModelFoldersTest.damage(temp.resolve("other/1/saved_model.pb"));
      Corrupt found = assertThrows(Corrupt.class, () -> other.verify(first));
      assertTrue(found.getMessage().endsWith("publish a checkpoint again"), found::getMessage);
      ModelVersion again = Published.publish(store, checkpoints.get(0), other, STABLE);
      assertEquals(2, again.number());
      other.verify(other.current().orElseThrow());
    }
  }

  @Test
  void aRollbackByLabelStays() throws Exception {
    label("champion", 3);
    label(ServingConfig.STABLE, 2);
    assertEquals(3, publish(3));
    assertEquals(Map.of(ServingConfig.STABLE, 2L, "champion", 3L), labels());
    // A new version is put in use as ever.
    assertEquals(4, publish(4, "champion"));
    assertEquals(Map.of(ServingConfig.STABLE, 4L, "champion", 4L), labels());
    // An explicit rollback goes where it is told, to and fro.
    assertEquals(5, model.rollback(OptionalLong.of(1)).number());
    label(ServingConfig.STABLE, 4);
    assertEquals(5, model.rollback(OptionalLong.of(1)).number());
    assertEquals(5, labels().get(ServingConfig.STABLE));
  }

  /** Somebody else publishes between the look of a repetition and its labels. */
  @Test
  void labelsNeverGoBack() throws Exception {
    label("champion", 2);
    ModelVersion found = model.version(3);
    assertEquals(4, publish(4, "champion"));
    model.finish(found, List.of(ServingConfig.STABLE, "champion", "canary"));
    assertEquals(Map.of(ServingConfig.STABLE, 4L, "champion", 4L, "canary", 3L), labels());
  }

  @Test
  void labelsNeverGoBackWhereThereWereNone() throws Exception {
    ModelVersion found = model.version(2);
    model.finish(found, List.of(ServingConfig.STABLE, "canary"));
    assertEquals(Map.of(ServingConfig.STABLE, 3L, "canary", 2L), labels());
  }

  @Test
  void whatACrashLeftIsFinished() throws Exception {
    label("champion", 1);
    ModelVersion left = publishWithoutLabels(4);
    assertEquals(Map.of(ServingConfig.STABLE, 3L, "champion", 1L), labels());
    // A label that somebody moves meanwhile says nothing of the version in use.
    label("canary", 2);
    assertEquals(left.number(), publish(4, "champion"));
    assertEquals(Map.of(ServingConfig.STABLE, 4L, "champion", 4L, "canary", 2L), labels());
  }

  /** A file of before Cairn noted what it knew: only the version that was in use is moved from. */
  @Test
  void aConfigurationThatDoesNotSay() throws Exception {
    label("champion", 1);
    Path config = folder.resolve("models.config");
    for (long stable : new long[] {3, 2}) {
      label(ServingConfig.STABLE, stable);
      Files.writeString(config, Files.readString(config).replaceAll("(?m)^#.*\n", ""));
      if (stable == 3) {
        ModelVersion unused = publishWithoutLabels(4);
      }
      assertEquals(4, publish(4));
      assertEquals(stable == 3 ? 4 : 2, labels().get(ServingConfig.STABLE));
    }
  }
}
