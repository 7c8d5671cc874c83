package dev.cairn.spark.trainer;

import dev.cairn.checkpoint.Checkpoint;
import dev.cairn.checkpoint.CheckpointManager;
import dev.cairn.checkpoint.CheckpointReader;
import dev.cairn.checkpoint.model.CheckpointException;
import dev.cairn.checkpoint.model.FeatureScales;
import dev.cairn.checkpoint.model.Manifest;
import dev.cairn.checkpoint.model.OptimizerSpec;
import dev.cairn.checkpoint.model.TrainingState;
import dev.cairn.spark.coordinator.Coordinator;
import dev.cairn.spark.coordinator.Member;
import dev.cairn.spark.coordinator.ModelSpec;
import dev.cairn.spark.coordinator.ShardGroup;
import dev.cairn.spark.shard.Optimizers;
import dev.cairn.spark.transport.ShardDirectory;
import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.spark.SparkContext;
import org.jspecify.annotations.Nullable;

/**
 * The weights of a trained model in the executors' shards, for reading. They are read from the
 * checkpoint when first asked for, and again when an executor that held some is gone. Thread-safe.
 */
public final class ModelShards implements AutoCloseable {
  private static final AtomicLong MODELS = new AtomicLong();
  private static final Duration MEMBER_TIMEOUT = Duration.ofMinutes(2);

  private final String checkpoint;
  private final int features;
  private @Nullable ShardGroup group;

  /** The model of a checkpoint; nothing is read yet. */
  public ModelShards(String checkpoint, int features) {
    this.checkpoint = checkpoint;
    this.features = features;
  }

  /** Who owns which weights; tasks find them by this. */
  public synchronized ShardDirectory directory(SparkContext context)
      throws IOException, InterruptedException {
    return open(context).directory();
  }

  private synchronized ShardGroup open(SparkContext context)
      throws IOException, InterruptedException {
    Coordinator coordinator = Coordinator.current("score");
    List<Member> members = coordinator.membership().await("score", 1, MEMBER_TIMEOUT);
    ShardGroup present = group;
    if (present != null && alive(present, members)) {
      return present;
    }
    close();
    ShardGroup opened =
        coordinator.open(
            new ModelSpec(
                "read-" + MODELS.incrementAndGet(),
                LogisticModel.layout(features),
                new OptimizerSpec(Optimizers.NONE, new TreeMap<>()),
                1),
            members);
    boolean restored = false;
    try {
      var unused = opened.restore(checkpoint, step(context), false, HadoopSettings.of(context));
      restored = true;
    } finally {
      if (!restored) {
        opened.close();
      }
    }
    group = opened;
    return opened;
  }

  /** What the features of a row are divided by. */
  public FeatureScales scales(SparkContext context) throws IOException {
    return manifest(context)
        .flatMap(Manifest::training)
        .map(TrainingState::scales)
        .orElse(FeatureScales.NONE);
  }

  private long step(SparkContext context) throws IOException {
    return manifest(context).map(Manifest::step).orElse(0L);
  }

  private Optional<Manifest> manifest(SparkContext context) throws IOException {
    try (CheckpointReader reader =
        CheckpointReader.open(checkpoint, HadoopSettings.options(context))) {
      return reader.manifest();
    }
  }

  private static boolean alive(ShardGroup group, List<Member> members) {
    Set<Object> present = new HashSet<>();
    members.forEach(member -> present.add(member.address()));
    return present.containsAll(group.directory().owners());
  }

  /** Writes the weights as a checkpoint of their own, each executor its shard. */
  public void copyTo(String directory, SparkContext context)
      throws IOException, InterruptedException {
    ShardGroup source = open(context);
    Optional<Manifest> manifest = manifest(context);
    try (CheckpointManager manager =
        CheckpointManager.open(directory, HadoopSettings.options(context))) {
      Saves.once(
          source,
          manager,
          Coordinator.current().clock(),
          manifest.map(Manifest::step).orElse(0L),
          scales(context),
          manifest.flatMap(Manifest::training).flatMap(TrainingState::features),
          HadoopSettings.of(context),
          context.applicationId());
    }
  }

  /** Path of the newest checkpoint of a folder. */
  public static String newest(String directory, SparkContext context) throws IOException {
    try (CheckpointManager manager =
        CheckpointManager.open(directory, HadoopSettings.options(context))) {
      return manager
          .latest()
          .map(Checkpoint::path)
          .orElseThrow(
              () ->
                  new CheckpointException.NotFound(
                      "Cannot load a model: expected a checkpoint, found none (path="
                          + directory
                          + ")"));
    }
  }

  @Override
  public synchronized void close() {
    ShardGroup present = group;
    group = null;
    if (present != null) {
      present.close();
    }
  }
}
