package dev.cairn.checkpoint;

import dev.cairn.checkpoint.model.Manifest;
import dev.cairn.checkpoint.store.CheckpointFileNames;
import dev.cairn.checkpoint.store.CheckpointStores;
import java.util.Objects;

/**
 * A committed checkpoint: immutable on storage.
 *
 * @param path its directory, with scheme
 * @param step the step whose state it is
 * @param manifest its commit record
 */
public record CommittedCheckpoint(String path, long step, Manifest manifest) {

  /** Checks that nothing is null. */
  public CommittedCheckpoint {
    Objects.requireNonNull(path, "path");
    Objects.requireNonNull(manifest, "manifest");
  }

  /** The path that {@code tf.train.load_checkpoint} takes; a local one comes without its scheme. */
  public String tensorflowPrefix() {
    return CheckpointFileNames.child(
        CheckpointStores.localPart(path), CheckpointFileNames.VARIABLES);
  }

  /** Its directory's name, such as {@code ckpt-1200}. */
  public String name() {
    return CheckpointFileNames.lastPart(path);
  }
}
