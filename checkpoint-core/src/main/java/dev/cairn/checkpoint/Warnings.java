package dev.cairn.checkpoint;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.cairn.checkpoint.model.CheckpointException;
import dev.cairn.checkpoint.model.CheckpointException.Failed;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Failures that have harmed no checkpoint. They are logged, and kept until they are drained.
 * Thread-safe.
 */
public final class Warnings {
  private static final System.Logger LOG = System.getLogger(Warnings.class.getName());

  private final String directory;

  @GuardedBy("this")
  private final List<CheckpointException> kept = new ArrayList<>();

  /** For what happens in a folder. */
  public Warnings(String directory) {
    this.directory = directory;
  }

  /** Adds what happened. */
  public void add(CheckpointException warning) {
    LOG.log(System.Logger.Level.WARNING, warning.getMessage());
    synchronized (this) {
      kept.add(warning);
    }
  }

  /**
   * Adds a failure.
   *
   * @param verb completes the sentence "Cannot ..." where the failure does not say it itself
   */
  public void add(String verb, IOException e) {
    add(
        e instanceof CheckpointException clear
            ? clear
            : new Failed("Cannot " + verb + " (path=" + directory + "): " + e.getMessage(), e));
  }

  /** The failures since the last call. */
  public synchronized List<CheckpointException> drain() {
    List<CheckpointException> drained = List.copyOf(kept);
    kept.clear();
    return drained;
  }
}
