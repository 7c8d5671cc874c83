package dev.cairn.checkpoint;

import dev.cairn.checkpoint.model.CheckpointException.NotFound;
import java.io.IOException;
import java.util.Optional;

/** Finds the checkpoint that is a run's result. Stateless, hence thread-safe. */
public final class RunResult {
  private RunResult() {}

  /**
   * Finds the checkpoint to score with.
   *
   * @param path a run's folder, whose best checkpoint is meant, or its newest one where held-out
   *     rows have judged none; or a checkpoint itself, as {@link CheckpointPath#resolve} takes it
   * @return its path
   * @throws NotFound if there is none
   */
  public static String find(String path, FolderOptions options) throws IOException {
    Optional<CommittedCheckpoint> best = best(path, options);
    return best.isPresent() ? best.get().path() : CheckpointPath.resolve(path, options);
  }

  private static Optional<CommittedCheckpoint> best(String folder, FolderOptions options)
      throws IOException {
    try (CheckpointFolder checkpoints = CheckpointFolder.open(folder, options)) {
      return checkpoints.best();
    } catch (NotFound e) {
      return Optional.empty();
    }
  }
}
