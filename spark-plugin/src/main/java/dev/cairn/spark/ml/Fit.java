package dev.cairn.spark.ml;

import dev.cairn.checkpoint.model.CheckpointException;
import dev.cairn.checkpoint.model.FeatureDefinition;
import dev.cairn.checkpoint.model.FeatureDefinition.Offset;
import dev.cairn.checkpoint.publish.VersionLease;
import dev.cairn.spark.columns.BadRows;
import dev.cairn.spark.columns.Columns;
import dev.cairn.spark.columns.FeatureRows;
import dev.cairn.spark.columns.HeldOutRows;
import dev.cairn.spark.columns.Labels;
import dev.cairn.spark.coordinator.Coordinator;
import dev.cairn.spark.data.InputSpec;
import dev.cairn.spark.data.LabelKind;
import dev.cairn.spark.data.RowChunk;
import dev.cairn.spark.data.RowRouter;
import dev.cairn.spark.data.TrainingData;
import dev.cairn.spark.model.Model;
import dev.cairn.spark.trainer.CheckpointSettings;
import dev.cairn.spark.trainer.FoundModel;
import dev.cairn.spark.trainer.HadoopSettings;
import dev.cairn.spark.trainer.InitialModel;
import dev.cairn.spark.trainer.JudgingRows;
import dev.cairn.spark.trainer.RecoverySettings;
import dev.cairn.spark.trainer.Trained;
import dev.cairn.spark.trainer.Trainer;
import dev.cairn.spark.trainer.TrainingSettings;
import java.io.IOException;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.ml.attribute.AttributeGroup;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * A fit of any estimator: from the columns of a data set to rows, from rows to packed features,
 * from there to a trained model in a checkpoint.
 */
final class Fit {
  private final CairnEstimator<?, ?> estimator;
  private final TrainingParams params;
  private final FitOptions options;
  private final Labels labels;
  private final Models models;
  private double threshold = 0.5;
  private Consumer<Model> check = model -> {};

  /** Makes the model that is trained. */
  interface Models {
    /**
     * Makes a model.
     *
     * @param features size of the feature space
     * @param classes the number of classes, 2 or more; to be ignored where labels are numbers
     */
    Model of(int features, int classes);
  }

  /** Makes a fit. */
  Fit(CairnEstimator<?, ?> estimator, Labels labels, Models models) {
    this.estimator = estimator;
    this.params = estimator.trainingParams();
    this.options = params.options;
    this.labels = labels;
    this.models = models;
  }

  /** Sets the probability, or the margin of a model without any, above which a test row is a 1. */
  Fit testedAt(double value) {
    threshold = value;
    return this;
  }

  /** Sets a check of the model, to be made once it is known, before training. */
  Fit checkedBy(Consumer<Model> value) {
    check = value;
    return this;
  }

  /**
   * The result of a fit.
   *
   * @param model the trained model
   * @param rows the rows that it was trained on
   * @param losses the mean loss of each epoch
   */
  record Fitted(FoundModel model, Dataset<Row> rows, double[] losses) {}

  /**
   * Checks the columns of a data set to train on, but for the labels.
   *
   * @throws IllegalArgumentException naming what is missing or of a wrong type
   */
  static void check(CairnEstimator<?, ?> estimator, StructType schema) {
    Columns.checkFeatures(schema, estimator.getFeaturesCol());
    ScheduleSettings schedule = estimator.trainingParams().schedule;
    if (schedule.holdsOut()) {
      HeldOutRows.check(schema, schedule.indicator());
    }
    Column unused = weight(estimator, schema);
    Column unusedToo = offset(estimator, schema);
  }

  /** Trains on a data set. */
  Fitted of(Dataset<?> dataset) {
    SparkContext context = dataset.sparkSession().sparkContext();
    var unused = Coordinator.current("train"); // before any row is read
    estimator.checkOptimizer();
    var unusedToo = params.schedule.stopping();
    Columns.Found column = Columns.features(dataset.schema(), estimator.getFeaturesCol());
    Parts parts = parts(dataset.toDF());
    int features = features(column, parts.rows());
    params.optimizer.checkVariables(estimator, models.of(features, Math.max(2, labels.classes())));
    Optional<FeatureDefinition> definition = definition(column);
    try (TrainingData data = pack(parts.rows(), features, copies(context))) {
      options.rowsCheck.check(data.samples(), data.fingerprint());
      Model model = models.of(features, labels.classes(data.classes(), estimator.getLabelCol()));
      checkOffsets(model);
      check.accept(model);
      Trained done = train(context, data, parts, model, definition);
      return new Fitted(
          FoundModel.made(done.checkpoint(), model), parts.trained(), done.epochLosses());
    } catch (IOException e) {
      throw new TrainingFailedException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new TrainingFailedException(
          new IOException("Cannot go on training: the thread was interrupted", e));
    }
  }

  private Trained train(
      SparkContext context,
      TrainingData data,
      Parts parts,
      Model model,
      Optional<FeatureDefinition> definition)
      throws IOException, InterruptedException {
    Dataset<Row> heldOut = parts.heldOut();
    Dataset<Row> test = parts.test();
    // Executors that are lost read the initial model anew: a published one must not be collected.
    try (@Nullable VersionLease initial = initial(context);
        JudgingRows judged =
            new JudgingRows(
                heldOut == null ? null : apart(data, heldOut, model),
                test == null ? null : apart(data, test, model),
                threshold)) {
      TrainingSettings settings = warm(context, initial, model, settings(data, definition));
      return new Trainer(
              context,
              checkpoints(context, model, settings, data, judged),
              TrainingParams.recovery(context.getConf()),
              options.listener,
              options.stop)
          .train(model, data, judged, settings);
    }
  }

  /** The settings with the model that the fit begins with, if there is one. */
  private TrainingSettings warm(
      SparkContext context, @Nullable VersionLease initial, Model model, TrainingSettings settings)
      throws IOException {
    if (initial == null) {
      return settings;
    }
    InitialModel.Taken taken =
        new InitialModel.Taken(estimator.getInitialOptimizerState(), estimator.getInitialGrowth());
    try {
      return settings.beginningWith(
          InitialModel.find(initial.checkpoint(), taken, model, settings, context));
    } catch (CheckpointException e) {
      throw initial.advised(e);
    }
  }

  /** The model that the fit begins with; null if there is none. */
  private @Nullable VersionLease initial(SparkContext context) throws IOException {
    if (!estimator.isDefined(estimator.initialModel())) {
      return null;
    }
    String path = ModelFiles.parameters(estimator.getInitialModel(), context);
    return VersionLease.take(path, HadoopSettings.options(context));
  }

  /**
   * The rows of a fit.
   *
   * @param trained the rows to train on, as they were given
   * @param rows the same rows as labels, features, weights and offsets
   * @param heldOut the held-out rows; null for none
   * @param test the rows that the result is judged on; null for none
   */
  private record Parts(
      Dataset<Row> trained,
      Dataset<Row> rows,
      @Nullable Dataset<Row> heldOut,
      @Nullable Dataset<Row> test) {}

  private Parts parts(Dataset<Row> all) {
    Dataset<?> given = options.testData;
    Dataset<Row> test = given == null ? null : rows(given, functions.lit(1.0));
    if (!params.schedule.holdsOut()) {
      return new Parts(all, rows(all), null, test);
    }
    HeldOutRows parts = HeldOutRows.of(all, params.schedule.indicator());
    return new Parts(parts.train(), rows(parts.train()), rows(parts.heldOut()), test);
  }

  private static int copies(SparkContext context) {
    RecoverySettings recovery = TrainingParams.recovery(context.getConf());
    return recovery.dataCopies();
  }

  private CheckpointSettings checkpoints(
      SparkContext context,
      Model model,
      TrainingSettings settings,
      TrainingData data,
      JudgingRows judged)
      throws IOException {
    TrainingData heldOut = judged.heldOut();
    String rows = data.fingerprint() + (heldOut == null ? "" : " " + heldOut.fingerprint());
    return params.saving.settings(
        estimator, context.getConf(), folder(context, model, settings, rows));
  }

  /** The columns that rows are trained or judged by. */
  private Dataset<Row> rows(Dataset<Row> of) {
    return rows(of, weight(estimator, of.schema()));
  }

  private Dataset<Row> rows(Dataset<?> of, Column weight) {
    StructType schema = of.schema();
    return of.select(
        Columns.label(schema, estimator.getLabelCol()).column().cast("double").as("label"),
        Columns.features(schema, estimator.getFeaturesCol()).column().as("features"),
        weight.as("weight"),
        offset(estimator, schema).as("offset"));
  }

  /** The folder in which this fit, and no other one, keeps its checkpoints. */
  private String folder(SparkContext context, Model model, TrainingSettings settings, String data)
      throws IOException {
    if (estimator.isDefined(estimator.runDir())) {
      return estimator.getRunDir();
    }
    String base =
        estimator.isDefined(estimator.checkpointDir())
            ? estimator.getCheckpointDir()
            : ApplicationFolder.of(context) + "/fits";
    return base + "/" + FitFolder.name(estimator.uid(), model.definition(), settings, data);
  }

  private JavaPairRDD<Integer, RowChunk> routed(
      Dataset<Row> rows, LabelKind kind, int classes, InputSpec inputs) {
    int partitions = estimator.getPartitions();
    FeatureRows.Checks checks =
        new FeatureRows.Checks(
            kind,
            classes,
            estimator.getLabelCol(),
            estimator.getFeaturesCol(),
            weightCol(estimator),
            offsetCol(estimator),
            inputs.features());
    return JavaPairRDD.fromJavaRDD(
        rows.javaRDD()
            .mapPartitions(
                split -> {
                  FeatureRows source = new FeatureRows(split, checks);
                  return new RowRouter(kind, inputs, partitions, source::next);
                }));
  }

  private TrainingData pack(Dataset<Row> rows, int features, int copies) {
    // What features are, and whether they are centred, does not depend on the number of classes.
    Model model = models.of(features, Math.max(2, labels.classes()));
    try {
      return TrainingData.pack(
          routed(rows, labels.kind(), labels.classes(), model.inputs()),
          new TrainingData.Packing(
              features,
              estimator.getPartitions(),
              estimator.getBatchRows(),
              estimator.getSeed(),
              copies,
              labels.kind(),
              model.centres(),
              estimator.getStandardization()));
    } catch (Exception e) {
      throw BadRows.named(e);
    }
  }

  /** Packs rows that are not trained on. */
  private TrainingData apart(TrainingData data, Dataset<Row> rows, Model model) {
    try {
      return data.heldOut(routed(rows, model.labels(), model.classes(), model.inputs()));
    } catch (Exception e) {
      throw BadRows.named(e);
    }
  }

  private static Column weight(CairnEstimator<?, ?> estimator, StructType schema) {
    String name = weightCol(estimator);
    return name.isEmpty()
        ? functions.lit(1.0)
        : Columns.number(schema, name).column().cast("double");
  }

  private static Column offset(CairnEstimator<?, ?> estimator, StructType schema) {
    String name = offsetCol(estimator);
    return name.isEmpty()
        ? functions.lit(0.0)
        : Columns.number(schema, name).column().cast("double");
  }

  private static String offsetCol(CairnEstimator<?, ?> estimator) {
    return estimator.isDefined(estimator.offsetCol()) ? estimator.getOffsetCol() : "";
  }

  /** The definition of the features and, if the fit has some, of the offsets. */
  private Optional<FeatureDefinition> definition(Columns.Found features) {
    String name = offsetCol(estimator);
    return FeatureEncoder.definition(features.field())
        .map(
            made ->
                made.withOffset(
                    name.isEmpty()
                        ? Optional.empty()
                        : made.offset().or(() -> Optional.of(Offset.ofColumn(name)))));
  }

  private void checkOffsets(Model model) {
    String name = offsetCol(estimator);
    if (!name.isEmpty() && !model.addsOffsets()) {
      throw new IllegalArgumentException(
          "Cannot train "
              + model.definition().kind()
              + " with offsetCol "
              + name
              + ": expected a model with one margin a row, which offsets are added to; clear"
              + " offsetCol, or train another model");
    }
  }

  private static String weightCol(CairnEstimator<?, ?> estimator) {
    return estimator.isDefined(estimator.weightCol()) ? estimator.getWeightCol() : "";
  }

  /** The size of the feature space: from the column's metadata, else from the first row. */
  private static int features(Columns.Found column, Dataset<Row> rows) {
    int declared = AttributeGroup.fromStructField(column.field()).size();
    if (declared > 0) {
      return declared;
    }
    Row[] first;
    try {
      first = (Row[]) rows.filter("features is not null").head(1);
    } catch (Exception e) { // this row may be a bad one, too
      throw BadRows.named(e);
    }
    if (first.length == 0) {
      throw new IllegalArgumentException(
          "Cannot train: expected rows to train on, found none; check the input and the split");
    }
    return ((Vector) first[0].get(1)).size();
  }

  private TrainingSettings settings(TrainingData data, Optional<FeatureDefinition> definition) {
    Penalties given = options.penalties;
    Penalties penalties =
        given != null
            ? given
            : params.penalties(estimator, (double) data.samples() / data.batchesPerEpoch());
    return params.settings(estimator, options.provenance, penalties, definition);
  }
}
