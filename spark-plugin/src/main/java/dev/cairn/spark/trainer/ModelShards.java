package dev.cairn.spark.trainer;

import dev.cairn.checkpoint.Checkpoint;
import dev.cairn.checkpoint.CheckpointManager;
import dev.cairn.checkpoint.CheckpointPins;
import dev.cairn.checkpoint.CheckpointReader;
import dev.cairn.checkpoint.model.CheckpointException;
import dev.cairn.checkpoint.model.FeatureDefinition;
import dev.cairn.checkpoint.model.FeatureScales;
import dev.cairn.checkpoint.model.Manifest;
import dev.cairn.checkpoint.model.TrainingState;
import dev.cairn.spark.coordinator.Coordinator;
import dev.cairn.spark.reading.ReadModels;
import dev.cairn.spark.reading.ReadableModel;
import java.io.IOException;
import java.lang.ref.Cleaner;
import java.util.Optional;
import org.apache.spark.SparkContext;
import org.jspecify.annotations.Nullable;

/**
 * The weights of a trained model, for reading: a name for what the executors' shards hold once for
 * all who read it. They are read from the checkpoint when somebody first asks for them, and again
 * when an executor that held some is gone, or when they were freed meanwhile.
 *
 * <p>While this object lives, training in this JVM does not expire the checkpoint. Thread-safe.
 */
public final class ModelShards implements AutoCloseable {
  private static final Cleaner CLEANER = Cleaner.create();

  private final String checkpoint;
  private final int features;
  private @Nullable ReadableModel model;
  private @Nullable String application;

  /** The model of a checkpoint; nothing is read yet. */
  public ModelShards(String checkpoint, int features) {
    this.checkpoint = checkpoint;
    this.features = features;
    var unused = CLEANER.register(this, CheckpointPins.pin(checkpoint)::close);
  }

  /** What is read: tasks find the weights by this. Reads the manifest when first called. */
  public synchronized ReadableModel model(SparkContext context) throws IOException {
    var unused = ReadModels.current("score");
    ReadableModel known = model;
    if (known == null || !context.applicationId().equals(application)) {
      known =
          ReadableModel.of(
              checkpoint, LogisticModel.layout(features), HadoopSettings.options(context));
      model = known;
      application = context.applicationId();
    }
    return known;
  }

  /** How features were standardised. */
  public FeatureScales scales(SparkContext context) throws IOException {
    return manifest(context)
        .flatMap(Manifest::training)
        .map(TrainingState::scales)
        .orElse(FeatureScales.NONE);
  }

  private Optional<Manifest> manifest(SparkContext context) throws IOException {
    try (CheckpointReader reader =
        CheckpointReader.open(checkpoint, HadoopSettings.options(context))) {
      return reader.manifest();
    }
  }

  /** The global row of the intercept: the one after the last feature's. */
  public static int interceptRow(int features) {
    return features;
  }

  /** Writes the weights as a checkpoint of their own, each executor its shard. */
  public void copyTo(String directory, SparkContext context)
      throws IOException, InterruptedException {
    ReadableModel copied = model(context);
    FeatureScales scales = scales(context);
    Optional<FeatureDefinition> definition =
        manifest(context).flatMap(Manifest::training).flatMap(TrainingState::features);
    try (CheckpointManager manager =
        CheckpointManager.open(directory, HadoopSettings.options(context))) {
      var unused =
          ReadModels.current("copy a model")
              .use(
                  copied,
                  (group, step) -> {
                    Saves.once(
                        group,
                        manager,
                        Coordinator.current("copy a model").clock(),
                        step,
                        scales,
                        definition,
                        HadoopSettings.of(context),
                        context.applicationId());
                    return step;
                  });
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

  /**
   * This model was written anew in a folder. If its own checkpoint was there, the new one, of the
   * same weights, is in its place: it is another commit, which is read from now on.
   */
  public synchronized void replaced(String folder) {
    if (checkpoint.startsWith(folder + "/")) {
      close();
      model = null;
    }
  }

  /** The executors let go of the weights; whoever reads them still has them loaded again. */
  @Override
  public synchronized void close() {
    ReadableModel known = model;
    if (known != null) {
      ReadModels.release(known);
    }
  }
}
