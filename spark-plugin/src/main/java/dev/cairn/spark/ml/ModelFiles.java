package dev.cairn.spark.ml;

import com.fasterxml.jackson.databind.JsonNode;
import dev.cairn.checkpoint.CheckpointOptions;
import dev.cairn.checkpoint.CoefficientReader;
import dev.cairn.checkpoint.FolderReplacement;
import dev.cairn.checkpoint.Folders;
import dev.cairn.spark.trainer.HadoopSettings;
import dev.cairn.spark.trainer.ModelShards;
import java.io.IOException;
import java.util.Map;
import java.util.UUID;
import org.apache.spark.SparkContext;
import org.apache.spark.ml.util.Identifiable$;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.ml.util.MLWriter;
import org.apache.spark.sql.SparkSession;

/**
 * How models lie on storage: {@code metadata} as Spark ML has it, and in {@code model} a checkpoint
 * of the weights. A model is written beside what it replaces and then put in its place, so that the
 * old or the new one is there, whole, whatever fails.
 */
final class ModelFiles {
  /** How far above a model the metadata of a pipeline may lie: P/stages/0_uid. */
  private static final int LEVELS = 2;

  private ModelFiles() {}

  /** Writes a model; Spark's own writer would delete the old one first. */
  static final class Writer extends MLWriter {
    private final SparseLogisticRegressionModel model;
    private final ModelShards shards;

    Writer(SparseLogisticRegressionModel model, ModelShards shards) {
      this.model = model;
      this.shards = shards;
    }

    @Override
    public void save(String path) throws IOException {
      CheckpointOptions options = HadoopSettings.options(sparkSession().sparkContext());
      String place = FolderReplacement.current(path, options);
      if (!shouldOverwrite() && Folders.exists(place, options)) {
        throw new IOException(
            "Cannot save the model: expected nothing there, found something (path="
                + place
                + "); use write().overwrite().save(path) to replace it");
      }
      try (FolderReplacement replacement = FolderReplacement.begin(path, options)) {
        saveImpl(replacement.folder());
        replacement.commit();
        shards.replaced(replacement.target());
      }
    }

    @Override
    public void saveImpl(String path) {
      try {
        shards.copyTo(path + "/model", sparkSession().sparkContext());
        ParamsMetadata.write(
            model,
            path,
            sparkSession(),
            Map.of("numFeatures", Integer.toString(model.numFeatures())));
      } catch (IOException e) {
        throw new TrainingFailedException(e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("Cannot write the model: the thread was interrupted", e);
      }
    }
  }

  /** Reads a model that was written, or the one of a run's checkpoint. */
  static final class Reader extends MLReader<SparseLogisticRegressionModel> {
    @Override
    public SparseLogisticRegressionModel load(String path) {
      try {
        return ModelFiles.load(path, sparkSession());
      } catch (IOException e) {
        throw new TrainingFailedException(e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("Cannot load the model: the thread was interrupted", e);
      }
    }
  }

  private static SparseLogisticRegressionModel load(String path, SparkSession spark)
      throws IOException, InterruptedException {
    SparkContext context = spark.sparkContext();
    CheckpointOptions options = HadoopSettings.options(context);
    String place = FolderReplacement.current(path, options);
    if (!Folders.exists(place + "/metadata", options)) {
      return fromCheckpoint(place, context);
    }
    JsonNode metadata = ParamsMetadata.read(place, spark, SparseLogisticRegressionModel.class);
    int features = metadata.path("numFeatures").asInt();
    String checkpoint = ModelShards.newest(place + "/model", context);
    if (partOfAnother(place, options)) {
      checkpoint = copied(checkpoint, features, context);
    }
    SparseLogisticRegressionModel model =
        new SparseLogisticRegressionModel(metadata.path("uid").asText(), checkpoint, features);
    ParamsMetadata.restore(model, metadata);
    return model;
  }

  /**
   * Whether the model is a part of a pipeline's or a validator's folder. Spark deletes such a
   * folder as a whole before it asks this model to be written again, so the model must not need it.
   */
  private static boolean partOfAnother(String path, CheckpointOptions options) throws IOException {
    String above = path;
    for (int level = 0; level < LEVELS; level++) {
      int slash = above.lastIndexOf('/');
      boolean root = slash <= 0 || above.charAt(slash - 1) == '/'; // what follows // is a host
      if (root) {
        return false;
      }
      above = above.substring(0, slash);
      if (Folders.exists(above + "/metadata", options)) {
        return true;
      }
    }
    return false;
  }

  private static String copied(String checkpoint, int features, SparkContext context)
      throws IOException, InterruptedException {
    String folder = ApplicationFolder.of(context) + "/models/" + UUID.randomUUID();
    try (ModelShards shards = new ModelShards(checkpoint, features)) {
      shards.copyTo(folder, context);
    }
    return ModelShards.newest(folder, context);
  }

  /** The model of one checkpoint, or the result of a run, which its folder means. */
  static SparseLogisticRegressionModel fromCheckpoint(String path, SparkContext context)
      throws IOException {
    try (CoefficientReader found = CoefficientReader.open(path, HadoopSettings.options(context))) {
      return new SparseLogisticRegressionModel(
          Identifiable$.MODULE$.randomUID(SparseLogisticRegression.UID_PREFIX),
          found.path(),
          found.features());
    }
  }
}
