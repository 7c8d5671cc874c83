package dev.cairn.spark.ml;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.cairn.checkpoint.CheckpointReader;
import dev.cairn.checkpoint.FolderOptions;
import dev.cairn.checkpoint.FolderReplacement;
import dev.cairn.checkpoint.Folders;
import dev.cairn.checkpoint.RunResult;
import dev.cairn.checkpoint.model.CheckpointException;
import dev.cairn.checkpoint.model.CheckpointException.Mismatch;
import dev.cairn.checkpoint.model.Manifest;
import dev.cairn.checkpoint.model.ModelDefinition;
import dev.cairn.checkpoint.model.TrainingState;
import dev.cairn.checkpoint.publish.VersionLease;
import dev.cairn.spark.model.Model;
import dev.cairn.spark.model.Models;
import dev.cairn.spark.trainer.FoundModel;
import dev.cairn.spark.trainer.HadoopSettings;
import dev.cairn.spark.trainer.ModelShards;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.BiFunction;
import java.util.function.Predicate;
import org.apache.spark.SparkContext;
import org.apache.spark.ml.util.Identifiable$;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;

/**
 * Writes and reads models on storage: {@code metadata} as in Spark ML, and in {@code model} a
 * checkpoint of the weights.
 */
final class ModelFiles {
  /** The most levels by which a pipeline's metadata may lie above a model: P/stages/0_uid. */
  private static final int LEVELS = 2;

  /** The most looks for metadata and weights of one save, while others replace the folder. */
  private static final int LOOKS = 5;

  private static final String NUM_FEATURES = "numFeatures";
  private static final String NUM_CLASSES = "numClasses";

  /** Field of the metadata: the commit of the weights beside it. */
  private static final String COMMIT = "commit";

  private ModelFiles() {}

  /** Writes a model: its weights, then its metadata. */
  static final class Writer extends StageWriter {
    private final ModelShards shards;
    private @Nullable FoundModel copy;

    Writer(CairnModel<?> model, ModelShards shards) {
      super(model);
      this.shards = shards;
    }

    @Override
    Map<String, String> contents(String folder) throws IOException, InterruptedException {
      FoundModel made = shards.copyTo(folder + "/model", sparkSession().sparkContext());
      copy = made;
      return Map.of(
          NUM_FEATURES,
          Integer.toString(made.features()),
          NUM_CLASSES,
          Integer.toString(made.model().classes()),
          COMMIT,
          made.weights().commit());
    }

    @Override
    void replaced(String written, String place) {
      FoundModel made = copy;
      if (made != null) {
        shards.moved(made, written, place);
      }
    }
  }

  /**
   * A kind of model.
   *
   * @param type its class
   * @param uidPrefix the prefix of uids that are made up
   * @param holds whether such a model may have the variables of a checkpoint
   * @param make makes a model of a uid and what was found
   */
  record Kind<M extends CairnModel<M>>(
      Class<M> type,
      String uidPrefix,
      Predicate<Model> holds,
      BiFunction<String, FoundModel, M> make) {
    /** The model of a checkpoint that has no uid. */
    M anew(FoundModel found) throws Mismatch {
      return named(Identifiable$.MODULE$.randomUID(uidPrefix), found);
    }

    /**
     * The model of a checkpoint.
     *
     * @throws Mismatch if it is of another kind
     */
    M named(String uid, FoundModel found) throws Mismatch {
      if (!holds.test(found.model())) {
        throw new Mismatch(
            "Cannot load a "
                + type.getSimpleName()
                + ": the checkpoint holds another kind of model, found "
                + found.model().definition().kind()
                + " (path="
                + found.checkpoint()
                + "); load it by the class of its kind");
      }
      return make.apply(uid, found);
    }

    /** The model that a fit made. */
    M fitted(String uid, Fit.Fitted fit) {
      M model = make.apply(uid, fit.model());
      model.state().trainedBy(fit);
      return model;
    }
  }

  /** Reads a model that was written, or the one of a run's checkpoint. */
  static <M extends CairnModel<M>> MLReader<M> reader(Kind<M> kind) {
    return reader(kind, null);
  }

  /**
   * Does the same as {@link #reader(Kind)}.
   *
   * @param own the model if it is a program's own; null for one of Cairn's
   */
  static <M extends CairnModel<M>> MLReader<M> reader(Kind<M> kind, @Nullable Model own) {
    return reader((path, spark) -> load(kind, own, path, spark));
  }

  /** Reads, as the others do, a model of one's own that this program has registered. */
  static <M extends CairnModel<M>> MLReader<M> registeredReader(Kind<M> kind) {
    return reader((path, spark) -> load(kind, registered(kind, path, spark), path, spark));
  }

  /** Loads a model. */
  private interface Loading<M> {
    M load(String path, SparkSession spark) throws IOException, InterruptedException;
  }

  private static <M> MLReader<M> reader(Loading<M> loading) {
    return new MLReader<>() {
      @Override
      public M load(String path) {
        try {
          return loading.load(path, sparkSession());
        } catch (IOException e) {
          throw new TrainingFailedException(e);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          throw new IllegalStateException("Cannot load the model: the thread was interrupted", e);
        }
      }
    };
  }

  /** The program's own model that a path means; null if it is one of Cairn's. */
  private static @Nullable Model registered(Kind<?> kind, String path, SparkSession spark)
      throws IOException {
    FolderOptions options = HadoopSettings.options(spark.sparkContext());
    String place = FolderReplacement.current(path, options);
    boolean written = Folders.exists(place + "/metadata", options);
    JsonNode metadata =
        written ? ParamsMetadata.read(place, spark, kind.type()) : MissingNode.getInstance();
    ModelDefinition definition;
    String found = RunResult.find(parameters(path, spark.sparkContext()), options);
    try (CheckpointReader reader = CheckpointReader.open(found, options)) {
      definition =
          reader
              .manifest()
              .flatMap(Manifest::training)
              .flatMap(TrainingState::model)
              .orElseThrow(
                  () ->
                      new Mismatch(
                          "Cannot load a model: expected a manifest that says which it is, found"
                              + " none of that (path="
                              + found
                              + ")"));
    }
    if (Models.has(definition.kind())) {
      return null;
    }
    CustomModels.Registered known =
        CustomModels.of(definition.kind(), "load a model of one's own (path=" + place + ")");
    int features = size(definition, "features", metadata.path(NUM_FEATURES).asInt(1));
    int classes = size(definition, "classes", Math.max(2, metadata.path(NUM_CLASSES).asInt(2)));
    return known.factory().of(features, classes);
  }

  /** A size in a model's definition, as Cairn's own have it; else the one in the metadata. */
  private static int size(ModelDefinition definition, String name, int otherwise) {
    return definition
        .setting(name)
        .filter(text -> text.matches("[0-9]{1,9}"))
        .map(Integer::parseInt)
        .orElse(otherwise);
  }

  /**
   * The model of one checkpoint, or the result of a run, which its folder means, for the
   * application that runs.
   *
   * @throws TrainingFailedException if there is none
   */
  static <M extends CairnModel<M>> M fromCheckpoint(Kind<M> kind, String path) {
    try {
      return held(path, null, SparkContext.getOrCreate(), kind::anew);
    } catch (IOException e) {
      throw new TrainingFailedException(e);
    }
  }

  /** Makes a model of what was found. */
  interface Making<M> {
    M of(FoundModel found) throws IOException;
  }

  /**
   * The model that a path means. A published version stays as long as the model is open.
   *
   * @param own the model if it is a program's own; null for one of Cairn's
   * @throws CheckpointException if there is none; of a damaged version it says which one is good
   */
  static <M extends CairnModel<?>> M held(
      String path, @Nullable Model own, SparkContext context, Making<M> making) throws IOException {
    VersionLease lease = VersionLease.take(path, HadoopSettings.options(context));
    boolean kept = false;
    try {
      M model = making.of(FoundModel.at(lease.checkpoint(), own, context));
      if (lease.version().isPresent()) {
        model.state().shards().hold(lease);
        kept = true;
      }
      return model;
    } catch (CheckpointException e) {
      throw lease.advised(e);
    } finally {
      if (!kept) {
        lease.close();
      }
    }
  }

  private static <M extends CairnModel<M>> M load(
      Kind<M> kind, @Nullable Model own, String path, SparkSession spark)
      throws IOException, InterruptedException {
    SparkContext context = spark.sparkContext();
    FolderOptions options = HadoopSettings.options(context);
    String place = FolderReplacement.current(path, options);
    if (!Folders.exists(place + "/metadata", options)) {
      return held(place, own, context, kind::anew);
    }
    Saved saved = saved(kind.type(), own, place, spark);
    FoundModel found =
        partOfAnother(place, options) ? copied(saved.model(), context) : saved.model();
    M model = kind.named(saved.metadata().path("uid").asText(), found);
    ParamsMetadata.restore(model, saved.metadata());
    return model;
  }

  /** The folder of the parameters: below that of a model that was written, else the same. */
  static String parameters(String path, SparkContext context) throws IOException {
    FolderOptions options = HadoopSettings.options(context);
    String place = FolderReplacement.current(path, options);
    return Folders.exists(place + "/metadata", options) ? place + "/model" : place;
  }

  /** The metadata and weights of one save. */
  private record Saved(JsonNode metadata, FoundModel model) {}

  private static Saved saved(Class<?> type, @Nullable Model own, String place, SparkSession spark)
      throws IOException {
    for (int look = 1; ; look++) {
      JsonNode metadata = ParamsMetadata.read(place, spark, type);
      FoundModel model =
          FoundModel.of(ModelShards.newest(place + "/model", spark.sparkContext()), own);
      String found = model.weights().commit();
      String expected = metadata.path(COMMIT).asText(found);
      if (expected.equals(found)) {
        return new Saved(metadata, model);
      }
      if (look == LOOKS) {
        throw new Mismatch(
            "Cannot load a model: its metadata and its weights are of two saves, expected commit "
                + expected
                + ", found "
                + found
                + " (path="
                + place
                + "); save the model again");
      }
    }
  }

  /**
   * Whether the model is a part of a pipeline's or a validator's folder. Spark deletes such a
   * folder as a whole before it asks this model to be written again, so the model must not need it.
   */
  private static boolean partOfAnother(String path, FolderOptions options) throws IOException {
    Optional<String> above = Folders.parent(path);
    for (int level = 1; level <= LEVELS && above.isPresent(); level++) {
      if (Folders.exists(Folders.child(above.get(), "metadata"), options)) {
        return true;
      }
      above = Folders.parent(above.get());
    }
    return false;
  }

  private static FoundModel copied(FoundModel found, SparkContext context)
      throws IOException, InterruptedException {
    String folder = ApplicationFolder.of(context) + "/models/" + UUID.randomUUID();
    try (ModelShards shards = new ModelShards(found)) {
      return shards.copyTo(folder, context);
    }
  }
}
