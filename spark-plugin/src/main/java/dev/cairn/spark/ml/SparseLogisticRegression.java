package dev.cairn.spark.ml;

import dev.cairn.checkpoint.model.FeatureDefinition;
import dev.cairn.spark.coordinator.Coordinator;
import dev.cairn.spark.data.LabelKind;
import dev.cairn.spark.data.RowChunk;
import dev.cairn.spark.data.RowRouter;
import dev.cairn.spark.data.TrainingData;
import dev.cairn.spark.listener.TrainingListener;
import dev.cairn.spark.model.LinearModel;
import dev.cairn.spark.model.LogisticLoss;
import dev.cairn.spark.trainer.CheckpointSettings;
import dev.cairn.spark.trainer.FoundModel;
import dev.cairn.spark.trainer.JudgingRows;
import dev.cairn.spark.trainer.RecoverySettings;
import dev.cairn.spark.trainer.StoppingSettings;
import dev.cairn.spark.trainer.Trained;
import dev.cairn.spark.trainer.Trainer;
import dev.cairn.spark.trainer.TrainingSettings;
import java.io.IOException;
import java.util.Arrays;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.ml.attribute.AttributeGroup;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.ml.util.MLWritable;
import org.apache.spark.ml.util.MLWriter;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * Binary logistic regression on sparse features whose parameters live in the executors.
 *
 * <p>A Spark ML estimator: features are vectors of one size (such as {@code FeatureHasher} makes),
 * labels 0 or 1, or -1 or 1. Training is synchronous mini-batch descent with one of several
 * optimizers; the parameters that come out are a pure function of data, parameters of this
 * estimator, and seed, whatever the number of executors, and however often training was stopped and
 * resumed. The model that {@link #fit} returns lies in a checkpoint, in a folder that each fit has
 * for itself below {@code checkpointDir}.
 *
 * <p>Needs {@code spark.plugins=dev.cairn.spark.CairnPlugin}. No array of the model's size is made
 * on the driver. Not thread-safe while being configured; {@link #stop} may be called from any
 * thread.
 */
public final class SparseLogisticRegression extends CheckpointedParams implements MLWritable {
  private static final long serialVersionUID = 1L;

  /** What random uids begin with. */
  static final String UID_PREFIX = "cairn_slr";

  private transient TrainingListener listener = new TrainingListener() {};
  private transient SortedMap<String, String> provenance = Collections.emptySortedMap();
  private transient @Nullable Penalties penalties;
  private transient @Nullable Dataset<?> testData;
  private transient Trainer.Stop stop = new Trainer.Stop();

  /** An estimator with a random uid. */
  public SparseLogisticRegression() {
    super(EarlyUid.random(UID_PREFIX));
  }

  /** An estimator with this uid. */
  public SparseLogisticRegression(String uid) {
    super(EarlyUid.announce(uid));
  }

  @Override
  SparseLogisticRegression self() {
    return this;
  }

  /** Who is told how training goes. */
  public SparseLogisticRegression setListener(TrainingListener value) {
    listener = value;
    return this;
  }

  /**
   * What else decides the trained bits, such as how features were made: kept in every checkpoint
   * and compared on resume.
   */
  public SparseLogisticRegression setProvenance(Map<String, String> value) {
    provenance = Collections.unmodifiableSortedMap(new TreeMap<>(value));
    return this;
  }

  /**
   * Sets L1 and L2 as the optimizer understands them, instead of {@code regParam} and {@code
   * elasticNetParam}: what it adds to the sum of the losses of one step (adagrad), or of all steps
   * (ftrl). For programs that speak the optimizer's language; no parameter, so it is not written
   * with the estimator.
   */
  public SparseLogisticRegression setOptimizerPenalties(double l1, double l2) {
    penalties = new Penalties(l1, l2);
    return this;
  }

  /**
   * Rows to judge the result on, with the columns of label and features: what may be the result is
   * judged on them before its checkpoint is committed, and the figures become part of it ({@code
   * TrainingState.test}). They decide nothing, and each counts once. A data set and no parameter,
   * so it is not written with the estimator.
   */
  public SparseLogisticRegression setTestData(Dataset<?> value) {
    testData = value;
    return this;
  }

  /** Asks a running fit to save at the next cut and to return what it has. From any thread. */
  public void stop() {
    stop.request();
  }

  /** Whether {@link #stop} was called. */
  public boolean stopped() {
    return stop.requested();
  }

  /**
   * Trains, or goes on training from the newest good checkpoint of this very fit: of the same data,
   * parameters and, if it was given, uid (see {@code checkpointDir}).
   *
   * @throws IllegalArgumentException for bad parameters or rows
   * @throws TrainingFailedException when training could not go on; checkpoints are intact
   */
  @Override
  public SparseLogisticRegressionModel fit(Dataset<?> dataset) {
    transformSchema(dataset.schema());
    return copyValues(train(dataset).setParent(this), ParamMap.empty());
  }

  /** What {@link #fit} does once the columns are checked. */
  @Override
  public SparseLogisticRegressionModel train(Dataset<?> dataset) {
    SparkContext context = dataset.sparkSession().sparkContext();
    var unused = Coordinator.current("train"); // before any row is read
    checkOptimizer();
    StoppingSettings stopping = stopping();
    Columns.Found column = Columns.features(dataset.schema(), getFeaturesCol());
    Dataset<Row> all = dataset.toDF();
    HeldOutRows parts = holdsOut() ? HeldOutRows.of(all, getValidationIndicatorCol()) : null;
    Dataset<Row> rows = rows(parts == null ? all : parts.train());
    Dataset<Row> test = testRows();
    int features = features(column, rows);
    Optional<FeatureDefinition> definition = FeatureEncoder.definition(column.field());
    int partitions = getPartitions();
    RecoverySettings recovery = TrainingParams.recovery(context.getConf());
    try (TrainingData data = pack(rows, features, partitions, recovery.dataCopies());
        JudgingRows judged =
            new JudgingRows(
                parts == null ? null : apart(data, rows(parts.heldOut()), features),
                test == null ? null : apart(data, test, features),
                getThreshold())) {
      TrainingSettings settings = settings(data, stopping, definition);
      TrainingData heldOut = judged.heldOut();
      String rowsOf = data.fingerprint() + (heldOut == null ? "" : " " + heldOut.fingerprint());
      CheckpointSettings checkpoints =
          training.saving.settings(
              this, context.getConf(), folder(context, model(features), settings, rowsOf));
      Trained trained =
          new Trainer(context, checkpoints, recovery, listener, stop)
              .train(model(features), data, judged, settings);
      return new SparseLogisticRegressionModel(
              uid(), FoundModel.of(trained.checkpoint(), model(features)))
          .trainedOn(parts == null ? all : parts.train(), trained.epochLosses());
    } catch (IOException e) {
      throw new TrainingFailedException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new TrainingFailedException(
          new IOException("Cannot go on training: the thread was interrupted", e));
    }
  }

  LinearModel model(int features) {
    return new LinearModel(features, getFitIntercept(), new LogisticLoss());
  }

  /** What a row is trained or judged by. */
  private Dataset<Row> rows(Dataset<Row> of) {
    return of.select(
        Columns.label(of.schema(), getLabelCol()).column().cast("double").as("label"),
        Columns.features(of.schema(), getFeaturesCol()).column().as("features"),
        weight(of.schema()).as("weight"));
  }

  private @Nullable Dataset<Row> testRows() {
    Dataset<?> given = testData;
    return given == null
        ? null
        : given.select(
            Columns.label(given.schema(), getLabelCol()).column().cast("double").as("label"),
            Columns.features(given.schema(), getFeaturesCol()).column().as("features"),
            functions.lit(1.0).as("weight"));
  }

  /** Where this fit, and no other one, keeps its checkpoints. */
  private String folder(
      SparkContext context, LinearModel model, TrainingSettings settings, String data)
      throws IOException {
    if (isDefined(runDir())) {
      return getRunDir();
    }
    String base =
        isDefined(checkpointDir()) ? getCheckpointDir() : ApplicationFolder.of(context) + "/fits";
    return base + "/" + FitFolder.name(uid(), model.definition(), settings, data);
  }

  private JavaPairRDD<Integer, RowChunk> routed(Dataset<Row> rows, int features, int partitions) {
    FeatureRows.Checks checks =
        new FeatureRows.Checks(
            LabelKind.BINARY,
            getLabelCol(),
            getFeaturesCol(),
            weighted() ? getWeightCol() : "",
            features);
    return JavaPairRDD.fromJavaRDD(
        rows.javaRDD()
            .mapPartitions(
                split -> {
                  FeatureRows source = new FeatureRows(split, checks);
                  return new RowRouter(LabelKind.BINARY, features, partitions, source::next);
                }));
  }

  private TrainingData pack(Dataset<Row> rows, int features, int partitions, int copies) {
    try {
      return TrainingData.pack(
          routed(rows, features, partitions),
          new TrainingData.Packing(
              features,
              partitions,
              getBatchRows(),
              getSeed(),
              copies,
              model(features).labels(),
              model(features).centres(),
              getStandardization()));
    } catch (Exception e) {
      throw BadRows.named(e);
    }
  }

  /** Rows that are not trained on, packed. */
  private TrainingData apart(TrainingData data, Dataset<Row> rows, int features) {
    try {
      return data.heldOut(routed(rows, features, getPartitions()));
    } catch (Exception e) {
      throw BadRows.named(e);
    }
  }

  private Column weight(StructType schema) {
    return weighted()
        ? Columns.weight(schema, getWeightCol()).column().cast("double")
        : functions.lit(1.0);
  }

  private boolean weighted() {
    return isDefined(weightCol()) && !getWeightCol().isEmpty();
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

  private TrainingSettings settings(
      TrainingData data, StoppingSettings stopping, Optional<FeatureDefinition> definition) {
    return training.settings(
        this,
        provenance,
        penalties == null ? penalties(data) : penalties,
        resuming(new TreeSet<>(Arrays.asList(getResumeAccept()))),
        stopping,
        definition);
  }

  private Penalties penalties(TrainingData data) {
    return training.penalties(this, (double) data.samples() / data.batchesPerEpoch());
  }

  @Override
  public StructType transformSchema(StructType schema) {
    return validateAndTransformSchema(schema, true, SQLDataTypes.VectorType());
  }

  @Override
  public StructType validateAndTransformSchema(
      StructType schema, boolean fitting, DataType featuresType) {
    thresholds.check();
    Columns.checkFeatures(schema, getFeaturesCol());
    if (fitting) {
      Columns.checkLabel(schema, getLabelCol());
      if (holdsOut()) {
        HeldOutRows.check(schema, getValidationIndicatorCol());
      }
      Column unused = weight(schema);
    }
    return new OutputColumns(getRawPredictionCol(), getProbabilityCol(), getPredictionCol())
        .appendedTo(schema);
  }

  /** Writes the parameters; an older stage in that place is there until the new one is whole. */
  @Override
  public MLWriter write() {
    return new StageWriter(this);
  }

  /** Reads what {@link #write} wrote. */
  public static MLReader<SparseLogisticRegression> read() {
    return ParamsMetadata.reader(SparseLogisticRegression.class, SparseLogisticRegression::new);
  }

  /** Reads what {@link #write} wrote. */
  public static SparseLogisticRegression load(String path) {
    return read().load(path);
  }

  @Override
  public SparseLogisticRegression copy(ParamMap extra) {
    SparseLogisticRegression copy = new SparseLogisticRegression(uid());
    copyValues(copy, extra);
    copy.penalties = penalties;
    copy.testData = testData;
    copy.listener = listener;
    copy.provenance = provenance;
    copy.stop = stop;
    return copy;
  }
}
