package dev.cairn.spark.reading;

import dev.cairn.checkpoint.model.CheckpointException.NotFound;
import dev.cairn.checkpoint.model.Manifest;
import dev.cairn.spark.shard.ParameterLayout;
import java.io.Serializable;
import java.util.Objects;
import java.util.Optional;

/**
 * A model that can be read: the variables of one commit of a checkpoint. Two commits in the same
 * place are two models. Immutable, small.
 *
 * @param checkpoint its path
 * @param commit the commit's id; empty for a checkpoint that has no manifest, since TensorFlow
 *     wrote it
 * @param layout its variables
 */
public record ReadableModel(String checkpoint, String commit, ParameterLayout layout)
    implements Serializable {

  /** Checks that nothing is missing. */
  public ReadableModel {
    Objects.requireNonNull(checkpoint, "checkpoint");
    Objects.requireNonNull(commit, "commit");
    Objects.requireNonNull(layout, "layout");
  }

  /**
   * Makes the model of a manifest's commit; without a manifest, of any checkpoint in that place.
   */
  public static ReadableModel of(
      String checkpoint, Optional<Manifest> manifest, ParameterLayout layout) {
    return new ReadableModel(checkpoint, Commit.of(manifest).id(), layout);
  }

  /**
   * Passes if the checkpoint that lies in the model's place still is the model.
   *
   * @param found its manifest
   * @throws NotFound if another one has come into its place
   */
  public void requireCommit(Optional<Manifest> found) throws NotFound {
    requireCommit(Commit.of(found));
  }

  void requireCommit(Commit found) throws NotFound {
    if (!found.id().equals(commit)) {
      throw new NotFound(
          "Cannot read the model: its checkpoint was replaced, expected commit "
              + commit
              + ", found "
              + found.id()
              + "; load the model again (path="
              + checkpoint
              + ")");
    }
  }

  /** One commit. */
  record Commit(String id, long step) {
    static Commit of(Optional<Manifest> manifest) {
      return manifest
          .map(said -> new Commit(said.attempt() + " " + said.wallTime(), said.step()))
          .orElse(new Commit("", 0));
    }
  }

  @Override
  public String toString() {
    return checkpoint;
  }
}
