package dev.cairn.spark.trainer;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.cairn.checkpoint.CheckpointFolder;
import dev.cairn.checkpoint.CheckpointPins;
import dev.cairn.checkpoint.CommittedCheckpoint;
import dev.cairn.checkpoint.model.CheckpointException;
import dev.cairn.spark.coordinator.Coordinator;
import dev.cairn.spark.reading.ReadModels;
import java.io.IOException;
import java.lang.ref.Cleaner;
import org.apache.spark.SparkContext;

/**
 * The weights of a trained model, for reading: the executors' shards hold them once for all
 * readers. They are read from the checkpoint when they are first asked for, and again when an
 * executor that held some is gone, or when they were freed meanwhile; they are never read from
 * another commit that came into the checkpoint's place.
 *
 * <p>While this object lives, training in this JVM does not expire the checkpoint. Thread-safe.
 */
public final class ModelShards implements AutoCloseable {
  private static final Cleaner CLEANER = Cleaner.create();

  @GuardedBy("this")
  private FoundModel found;

  /** Makes the weights of a model; nothing is read yet. */
  public ModelShards(FoundModel found) {
    this.found = found;
    var unused = CLEANER.register(this, CheckpointPins.pin(found.checkpoint())::close);
  }

  /** The model, as it was found. */
  public synchronized FoundModel found() {
    return found;
  }

  /**
   * Writes the weights as a checkpoint of their own, each executor its shard.
   *
   * @return the copy
   */
  public FoundModel copyTo(String directory, SparkContext context)
      throws IOException, InterruptedException {
    ReadModels models = ReadModels.current("copy a model");
    FoundModel copied = found();
    try (CheckpointFolder folder =
        CheckpointFolder.open(directory, HadoopSettings.options(context))) {
      CommittedCheckpoint copy =
          models.use(
              copied.weights(),
              (group, step) ->
                  Saves.once(
                      group,
                      folder,
                      Coordinator.current("copy a model").clock(),
                      step,
                      copied.model().definition(),
                      copied.scales(),
                      copied.definition(),
                      HadoopSettings.of(context),
                      context.applicationId()));
      return FoundModel.made(copy, copied.model());
    }
  }

  /** The newest checkpoint of a folder. */
  public static CommittedCheckpoint newest(String directory, SparkContext context)
      throws IOException {
    try (CheckpointFolder folder =
        CheckpointFolder.open(directory, HadoopSettings.options(context))) {
      return folder
          .latest()
          .orElseThrow(
              () ->
                  new CheckpointException.NotFound(
                      "Cannot load a model: expected a checkpoint, found none (path="
                          + directory
                          + ")"));
    }
  }

  /**
   * Called when a copy of this model was renamed with its folder. If its checkpoint, of the same
   * weights, has taken the place of this model's own, it is read from now on.
   *
   * @param from the folder in which {@link #copyTo} has written the copy, at any depth
   * @param to the place where that folder is now
   */
  public synchronized void moved(FoundModel copy, String from, String to) {
    String place = to + copy.checkpoint().substring(from.length());
    if (place.equals(found.checkpoint())) {
      close();
      found = copy.movedTo(place);
    }
  }

  /** Frees the weights in the executors; a later read has them loaded again. */
  @Override
  public synchronized void close() {
    ReadModels.release(found.weights());
  }
}
