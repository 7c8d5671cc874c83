package dev.cairn.spark.trainer;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.cairn.checkpoint.CheckpointFolder;
import dev.cairn.checkpoint.CheckpointPins;
import dev.cairn.checkpoint.CommittedCheckpoint;
import dev.cairn.checkpoint.model.CheckpointException;
import dev.cairn.checkpoint.publish.VersionLease;
import dev.cairn.spark.coordinator.Coordinator;
import dev.cairn.spark.reading.ReadModels;
import java.io.IOException;
import java.lang.ref.Cleaner;
import org.apache.spark.SparkContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The weights of a trained model, for reading: the executors' shards hold them once for all
 * readers. They are read from the checkpoint when they are first asked for, and again when an
 * executor that held some is gone, or when they were freed meanwhile; they are never read from
 * another commit that came into the checkpoint's place.
 *
 * <p>While this object lives, training in this JVM does not expire the checkpoint. If it is a
 * published version, it is not collected either, from {@link #hold} until {@link #close}, and from
 * the next use on. Thread-safe.
 */
public final class ModelShards implements AutoCloseable {
  private static final Cleaner CLEANER = Cleaner.create();
  private static final Logger LOG = LoggerFactory.getLogger(ModelShards.class);

  /** The lease of a published version, which outlives this object if nobody closes that. */
  private final Lease lease = new Lease();

  @GuardedBy("this")
  private FoundModel found;

  /** Makes the weights of a model; nothing is read yet. */
  public ModelShards(FoundModel found) {
    this.found = found;
    var unused = CLEANER.register(this, CheckpointPins.pin(found.checkpoint())::close);
    var unusedToo = CLEANER.register(this, lease::end);
  }

  /** Keeps what the model is read from; the lease is this object's from now on. */
  public void hold(VersionLease taken) {
    lease.hold(taken);
  }

  /**
   * Makes sure that what the model is read from stays, if it was held before and given up since.
   *
   * @throws dev.cairn.checkpoint.model.CheckpointException.NotFound if it was collected meanwhile
   */
  public void keep(SparkContext context) throws IOException {
    if (lease.isOver()) {
      lease.hold(VersionLease.take(found().checkpoint(), HadoopSettings.options(context)));
    }
  }

  /** A lease that may come, end, and come again. */
  private static final class Lease {
    @GuardedBy("this")
    private @Nullable VersionLease taken;

    @GuardedBy("this")
    private boolean over;

    synchronized void hold(VersionLease one) {
      end();
      taken = one;
      over = false;
    }

    synchronized boolean isOver() {
      return over;
    }

    synchronized void end() {
      VersionLease held = taken;
      if (held == null) {
        return;
      }
      taken = null;
      over = true;
      try {
        held.close();
      } catch (IOException e) {
        LOG.warn("Cannot give version {} up", held.checkpoint(), e);
      }
    }
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
    lease.end();
  }
}
