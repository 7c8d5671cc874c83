package dev.cairn.spark.reading;

import dev.cairn.checkpoint.CheckpointOptions;
import dev.cairn.checkpoint.CheckpointReader;
import dev.cairn.checkpoint.model.Manifest;
import dev.cairn.spark.shard.ParameterLayout;
import java.io.IOException;
import java.io.Serializable;
import java.util.Objects;

/**
 * What is read: the variables of one commit of a checkpoint. Two commits in the same place are two
 * models. Immutable, small.
 *
 * @param checkpoint its path
 * @param commit which commit it is; empty for a checkpoint that has no manifest, since TensorFlow
 *     wrote it
 * @param layout its variables, of one number a row
 */
public record ReadableModel(String checkpoint, String commit, ParameterLayout layout)
    implements Serializable {

  /** Checks that nothing is missing. */
  public ReadableModel {
    Objects.requireNonNull(checkpoint, "checkpoint");
    Objects.requireNonNull(commit, "commit");
    Objects.requireNonNull(layout, "layout");
  }

  /** What lies in a place now: reads the manifest. */
  public static ReadableModel of(
      String checkpoint, ParameterLayout layout, CheckpointOptions options) throws IOException {
    return new ReadableModel(checkpoint, Commit.of(checkpoint, options).id(), layout);
  }

  /** One commit. */
  record Commit(String id, long step) {
    static Commit of(String checkpoint, CheckpointOptions options) throws IOException {
      try (CheckpointReader reader = CheckpointReader.open(checkpoint, options)) {
        return reader.manifest().map(Commit::of).orElse(new Commit("", 0));
      }
    }

    private static Commit of(Manifest manifest) {
      return new Commit(manifest.attempt() + " " + manifest.wallTime(), manifest.step());
    }
  }

  @Override
  public String toString() {
    return checkpoint;
  }
}
