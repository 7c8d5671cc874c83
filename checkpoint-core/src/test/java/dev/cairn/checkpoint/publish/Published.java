package dev.cairn.checkpoint.publish;

import dev.cairn.checkpoint.FolderOptions;
import dev.cairn.checkpoint.MemoryCheckpoints;
import dev.cairn.checkpoint.SharedStore;
import dev.cairn.checkpoint.commit.CommittedCheckpoints;
import dev.cairn.checkpoint.model.Manifest;
import dev.cairn.checkpoint.store.CheckpointFileNames;
import dev.cairn.checkpoint.store.CheckpointStore;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/** A model's folder over any store, and the commands on it as a user gives them. */
final class Published {
  static final FolderOptions OPTIONS =
      FolderOptions.defaults().withApplicationId("test-application");
  static final Clock CLOCK = Clock.fixed(Instant.ofEpochMilli(2_000), ZoneOffset.UTC);
  static final Clock DAYS_LATER =
      Clock.fixed(Instant.ofEpochMilli(3L * 24 * 60 * 60 * 1000), ZoneOffset.UTC);

  private Published() {}

  static ModelFolder open(CheckpointStore store, String path) {
    return open(store, path, CLOCK);
  }

  static ModelFolder open(CheckpointStore store, String path, Clock clock) {
    return new ModelFolder(new SharedStore(store), path, OPTIONS, clock, millis -> {});
  }

  /** Saves a checkpoint of a step beside the model, and says where it is. */
  static String checkpoint(CheckpointStore store, String run, long step) throws IOException {
    return MemoryCheckpoints.save(store, run, step);
  }

  /** Publishes as the command does: what is there already is finished only. */
  static ModelVersion publish(
      CheckpointStore from, String checkpoint, ModelFolder model, List<String> labels)
      throws IOException {
    Manifest manifest = CommittedCheckpoints.manifest(from, checkpoint).orElseThrow();
    Optional<ModelVersion> there = model.published(manifest.attempt());
    if (there.isPresent()) {
      model.finish(there.get(), labels);
      return there.get();
    }
    try (VersionDraft draft = model.begin()) {
      Manifest unused = draft.putCheckpoint(from, checkpoint);
      draft.put(
          CheckpointFileNames.SAVED_MODEL,
          ("program of " + manifest.step()).getBytes(StandardCharsets.UTF_8));
      return draft.commit(
          Lineage.byHand(Optional.empty(), Optional.empty(), new TreeMap<>()), labels);
    }
  }
}
