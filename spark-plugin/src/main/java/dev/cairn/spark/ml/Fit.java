package dev.cairn.spark.ml;

import dev.cairn.checkpoint.model.FeatureDefinition;
import dev.cairn.spark.coordinator.Coordinator;
import dev.cairn.spark.data.LabelKind;
import dev.cairn.spark.data.RowChunk;
import dev.cairn.spark.data.RowRouter;
import dev.cairn.spark.data.TrainingData;
import dev.cairn.spark.model.Model;
import dev.cairn.spark.trainer.CheckpointSettings;
import dev.cairn.spark.trainer.FoundModel;
import dev.cairn.spark.trainer.JudgingRows;
import dev.cairn.spark.trainer.RecoverySettings;
import dev.cairn.spark.trainer.Trained;
import dev.cairn.spark.trainer.Trainer;
import dev.cairn.spark.trainer.TrainingSettings;
import java.io.IOException;
import java.util.Optional;
import java.util.function.IntFunction;
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
  private final IntFunction<? extends Model> models;
  private final double threshold;

  /**
   * A fit.
   *
   * @param models the model that is trained, for a number of features
   * @param threshold the probability above which 1 is predicted for a test row
   */
  Fit(CairnEstimator<?, ?> estimator, IntFunction<? extends Model> models, double threshold) {
    this.estimator = estimator;
    this.params = estimator.trainingParams();
    this.options = params.options;
    this.models = models;
    this.threshold = threshold;
  }

  /**
   * What came out.
   *
   * @param model the trained one
   * @param rows that it was trained on
   * @param losses mean loss of each epoch
   */
  record Fitted(FoundModel model, Dataset<Row> rows, double[] losses) {}

  /**
   * Checks the columns of a data set to train on.
   *
   * @throws IllegalArgumentException naming what is missing or of a wrong type
   */
  static void check(CairnEstimator<?, ?> estimator, StructType schema) {
    Columns.checkFeatures(schema, estimator.getFeaturesCol());
    Columns.checkLabel(schema, estimator.getLabelCol());
    ScheduleSettings schedule = estimator.trainingParams().schedule;
    if (schedule.holdsOut()) {
      HeldOutRows.check(schema, schedule.indicator());
    }
    Column unused = weight(estimator, schema);
  }

  /** Trains. */
  Fitted of(Dataset<?> dataset) {
    SparkContext context = dataset.sparkSession().sparkContext();
    var unused = Coordinator.current("train"); // before any row is read
    estimator.checkOptimizer();
    var unusedToo = params.schedule.stopping();
    Columns.Found column = Columns.features(dataset.schema(), estimator.getFeaturesCol());
    Dataset<Row> all = dataset.toDF();
    HeldOutRows parts =
        params.schedule.holdsOut() ? HeldOutRows.of(all, params.schedule.indicator()) : null;
    Dataset<Row> trained = parts == null ? all : parts.train();
    Dataset<Row> rows = rows(trained);
    Dataset<Row> heldOut = parts == null ? null : rows(parts.heldOut());
    Dataset<Row> test = testRows();
    Model model = models.apply(features(column, rows));
    Optional<FeatureDefinition> definition = FeatureEncoder.definition(column.field());
    try (TrainingData data = pack(rows, model, copies(context));
        JudgingRows judged =
            new JudgingRows(
                heldOut == null ? null : apart(data, heldOut, model),
                test == null ? null : apart(data, test, model),
                threshold)) {
      TrainingSettings settings = settings(data, definition);
      Trained done =
          new Trainer(
                  context,
                  checkpoints(context, model, settings, data, judged),
                  TrainingParams.recovery(context.getConf()),
                  options.listener,
                  options.stop)
              .train(model, data, judged, settings);
      return new Fitted(FoundModel.of(done.checkpoint(), model), trained, done.epochLosses());
    } catch (IOException e) {
      throw new TrainingFailedException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new TrainingFailedException(
          new IOException("Cannot go on training: the thread was interrupted", e));
    }
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

  /** What a row is trained or judged by. */
  private Dataset<Row> rows(Dataset<Row> of) {
    return rows(of, weight(estimator, of.schema()));
  }

  private Dataset<Row> rows(Dataset<?> of, Column weight) {
    StructType schema = of.schema();
    return of.select(
        Columns.label(schema, estimator.getLabelCol()).column().cast("double").as("label"),
        Columns.features(schema, estimator.getFeaturesCol()).column().as("features"),
        weight.as("weight"));
  }

  private @Nullable Dataset<Row> testRows() {
    Dataset<?> given = options.testData;
    return given == null ? null : rows(given, functions.lit(1.0));
  }

  /** Where this fit, and no other one, keeps its checkpoints. */
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

  private JavaPairRDD<Integer, RowChunk> routed(Dataset<Row> rows, Model model) {
    LabelKind labels = model.labels();
    int features = model.features();
    int partitions = estimator.getPartitions();
    FeatureRows.Checks checks =
        new FeatureRows.Checks(
            labels,
            estimator.getLabelCol(),
            estimator.getFeaturesCol(),
            weightCol(estimator),
            features);
    return JavaPairRDD.fromJavaRDD(
        rows.javaRDD()
            .mapPartitions(
                split -> {
                  FeatureRows source = new FeatureRows(split, checks);
                  return new RowRouter(labels, features, partitions, source::next);
                }));
  }

  private TrainingData pack(Dataset<Row> rows, Model model, int copies) {
    try {
      return TrainingData.pack(
          routed(rows, model),
          new TrainingData.Packing(
              model.features(),
              estimator.getPartitions(),
              estimator.getBatchRows(),
              estimator.getSeed(),
              copies,
              model.labels(),
              model.centres(),
              estimator.getStandardization()));
    } catch (Exception e) {
      throw BadRows.named(e);
    }
  }

  /** Rows that are not trained on, packed. */
  private TrainingData apart(TrainingData data, Dataset<Row> rows, Model model) {
    try {
      return data.heldOut(routed(rows, model));
    } catch (Exception e) {
      throw BadRows.named(e);
    }
  }

  private static Column weight(CairnEstimator<?, ?> estimator, StructType schema) {
    String name = weightCol(estimator);
    return name.isEmpty()
        ? functions.lit(1.0)
        : Columns.weight(schema, name).column().cast("double");
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
