package dev.cairn.spark.ml;

import dev.cairn.checkpoint.CoefficientReader;
import dev.cairn.checkpoint.model.TestFigures;
import dev.cairn.spark.reading.ReadModels;
import dev.cairn.spark.trainer.FoundModel;
import dev.cairn.spark.trainer.HadoopSettings;
import dev.cairn.spark.trainer.ModelShards;
import java.io.IOException;
import java.util.Optional;
import org.apache.spark.SparkContext;
import org.apache.spark.ml.classification.BinaryLogisticRegressionSummary;
import org.apache.spark.ml.classification.BinaryLogisticRegressionTrainingSummary;
import org.apache.spark.ml.classification.ProbabilisticClassificationModel;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.param.DoubleParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.ml.util.MLWritable;
import org.apache.spark.ml.util.MLWriter;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A trained {@link SparseLogisticRegression}: the path of a checkpoint, and, once rows are scored,
 * its weights in the executors' shards. No array of the model's size is ever made on the driver.
 *
 * <p>{@link #transform} adds the columns {@code rawPrediction} (the vector of -m and m, m being the
 * logarithm of the odds of label 1), {@code probability} (of labels 0 and 1) and {@code prediction}
 * by column expressions, as MLlib's models do; a column whose name is set to "" is left out. It
 * reads the weights into the executors' memory when rows are first scored: once, for all models of
 * one checkpoint. They go when nobody has read them for long, when others need the room ({@code
 * spark.cairn.models.*}), or by {@link #close}; whoever needs them then reads them again, as when
 * an executor is lost.
 *
 * <p>So a model needs its checkpoint as long as it is used. Training in the same application keeps
 * it; another application that trains in the same folder may expire it. What {@link #write} writes
 * is the model's own. A model never reads another commit that has come into its checkpoint's place:
 * then scoring fails, and the model has to be loaded again.
 */
public final class SparseLogisticRegressionModel
    extends ProbabilisticClassificationModel<Vector, SparseLogisticRegressionModel>
    implements MLWritable, AutoCloseable {
  private static final long serialVersionUID = 1L;
  private static final Logger LOG = LoggerFactory.getLogger(SparseLogisticRegressionModel.class);

  // No initialiser: Spark's constructors ask for it before one would run.
  private @Nullable String uid;
  private final String checkpoint;
  private final int features;
  private final Thresholds thresholds;
  private final transient ModelShards shards;

  private final Param<String> weightCol;

  /** What it was trained on; null in executors and when it was loaded. */
  private transient @Nullable Trained trained;

  /** How rows are scored, once they were; goes with the model to wherever it is sent. */
  private @Nullable SharedMargins margins;

  SparseLogisticRegressionModel(String uid, FoundModel found) {
    this(EarlyUid.announce(uid), new ModelShards(found));
  }

  private SparseLogisticRegressionModel(String uid, ModelShards shards) {
    this.uid = uid;
    this.checkpoint = shards.found().checkpoint();
    this.features = shards.found().features();
    this.thresholds = new Thresholds(this, thresholds());
    this.shards = shards;
    this.weightCol =
        new Param<>(this, "weightCol", "column of weights for summaries; empty: each counts 1");
  }

  /**
   * What a fit trained on.
   *
   * @param losses mean loss of each epoch
   */
  private record Trained(Dataset<Row> rows, double[] losses) {}

  /** Remembers the rows of the fit that made this model, for {@link #summary}. */
  SparseLogisticRegressionModel trainedOn(Dataset<Row> rows, double[] losses) {
    trained = new Trained(rows, losses);
    return this;
  }

  @Override
  public String uid() {
    String present = uid;
    if (present == null) {
      present = EarlyUid.take();
      uid = present;
    }
    return present;
  }

  /** Path of the checkpoint that holds the parameters. */
  public String checkpoint() {
    return checkpoint;
  }

  /** Size of the feature space. */
  @Override
  public int numFeatures() {
    return features;
  }

  /** Two: labels 0 and 1. */
  @Override
  public int numClasses() {
    return 2;
  }

  @Override
  public Dataset<Row> transform(Dataset<?> dataset) {
    StructType schema = dataset.schema();
    StructType output = transformSchema(schema);
    OutputColumns names = outputs();
    Dataset<Row> rows = dataset.toDF();
    if (names.none()) {
      LOG.warn("{}: transform adds nothing, since no output column is set", uid());
      return rows;
    }
    double threshold = getThreshold();
    Columns.Found column = Columns.features(schema, getFeaturesCol());
    checkTypes(column.field());
    Scores.Features scored = new Scores.Features(sharedMargins(), getFeaturesCol(), features);
    if (!names.raw().isEmpty()) {
      rows = add(rows, output, names.raw(), Scores.rawOfFeatures(scored).apply(column.column()));
    }
    if (!names.probability().isEmpty()) {
      Column probability =
          names.raw().isEmpty()
              ? Scores.probabilityOfFeatures(scored).apply(column.column())
              : Scores.probabilityOfRaw().apply(added(names.raw()));
      rows = add(rows, output, names.probability(), probability);
    }
    if (!names.prediction().isEmpty()) {
      Column prediction;
      if (!names.raw().isEmpty()) {
        prediction = Scores.predictionOfRaw(threshold).apply(added(names.raw()));
      } else if (!names.probability().isEmpty()) {
        prediction = Scores.predictionOfProbability(threshold).apply(added(names.probability()));
      } else {
        prediction = Scores.predictionOfFeatures(scored, threshold).apply(column.column());
      }
      rows = add(rows, output, names.prediction(), prediction);
    }
    return rows;
  }

  private static Column added(String name) {
    return functions.col(Columns.quoted(name));
  }

  private static Dataset<Row> add(Dataset<Row> to, StructType output, String name, Column column) {
    return to.withColumn(name, column.as(name, output.apply(name).metadata()));
  }

  private OutputColumns outputs() {
    return new OutputColumns(getRawPredictionCol(), getProbabilityCol(), getPredictionCol());
  }

  private synchronized Margins sharedMargins() {
    var unused = ReadModels.current("score"); // says what is missing
    FoundModel found = shards.found();
    SharedMargins present = margins;
    if (present == null || !present.model().equals(found.weights())) {
      present = new SharedMargins(found.weights(), features, found.scales());
      margins = present;
    }
    return present;
  }

  /** Vectors that were made of columns of other types than the model knows are refused. */
  private void checkTypes(StructField column) {
    shards
        .found()
        .definition()
        .ifPresent(
            trained ->
                FeatureEncoder.definition(column)
                    .ifPresent(made -> ColumnTypes.check(trained, made)));
  }

  /** How single rows are scored; on an executor the driver must have opened the model before. */
  @SuppressWarnings("ReferenceEquality")
  private Margins margins() {
    // On an executor there are no shards to open: Java serialisation leaves them out.
    if (shards != null) {
      return sharedMargins();
    }
    Margins present = margins;
    if (present == null) {
      throw new IllegalStateException(
          "Cannot score a row in an executor: expected the driver to have used the model before it"
              + " was sent here; use transform, or call predict on the driver once");
    }
    return present;
  }

  @Override
  public Vector predictRaw(Vector row) {
    return new Scores.Features(margins(), getFeaturesCol(), features).raw(row);
  }

  @Override
  public Vector raw2probabilityInPlace(Vector rawPrediction) {
    return Scores.probability(rawPrediction);
  }

  @Override
  public double raw2prediction(Vector rawPrediction) {
    return probability2prediction(raw2probability(rawPrediction));
  }

  @Override
  public double probability2prediction(Vector probability) {
    return Scores.prediction(probability, getThreshold());
  }

  @Override
  public StructType validateAndTransformSchema(
      StructType schema, boolean fitting, DataType featuresType) {
    thresholds.check();
    Columns.checkFeatures(schema, getFeaturesCol());
    return outputs().appendedTo(schema);
  }

  @Override
  public StructType transformSchema(StructType schema) {
    return validateAndTransformSchema(schema, false, featuresDataType());
  }

  @Override
  @SuppressWarnings({"rawtypes", "unchecked"}) // Scala narrows the type in a way that Java cannot.
  public scala.Tuple3 findSummaryModel() {
    SparseLogisticRegressionModel model = Judged.withColumns(this);
    return new scala.Tuple3(model, model.getProbabilityCol(), model.getPredictionCol());
  }

  /**
   * How the model does on rows with labels: MLlib's own summary, with curves, areas under them, and
   * figures at the threshold. Weighs rows by {@link #weightCol}, if that is set. Each figure is a
   * Spark job over the rows, when it is asked for.
   *
   * @throws IllegalArgumentException for columns that are missing or of the wrong type
   */
  public BinaryLogisticRegressionSummary evaluate(Dataset<?> rows) {
    return new Judged(this, rows).summary();
  }

  /**
   * The figures that a run judges its test rows by, at the model's threshold: one pass over the
   * rows, each counting once whatever its weight.
   *
   * @throws IllegalArgumentException for columns that are missing or of the wrong type
   * @throws IllegalStateException if there are no rows
   */
  public TestFigures testFigures(Dataset<?> rows) {
    return TestRows.figures(this, rows);
  }

  /** Whether there is a {@link #summary}: in the program that trained the model. */
  public boolean hasSummary() {
    return trained != null;
  }

  /**
   * How training went, and how the model does on the rows that it was trained on. {@code
   * objectiveHistory} has the mean log loss of each epoch that this call of {@code fit} ended, each
   * batch's taken before its step and without the penalty; {@code totalIterations} is how many
   * these are: none if an earlier call had trained them all.
   *
   * @throws IllegalStateException if the model was not trained here, but loaded
   */
  public BinaryLogisticRegressionTrainingSummary summary() {
    Trained known = trained;
    if (known == null) {
      throw new IllegalStateException(
          "Cannot sum training up: expected a model that fit returned, found one that was loaded"
              + " (uid="
              + uid()
              + "); use evaluate(rows)");
    }
    return new Judged(this, known.rows()).summary(known.losses());
  }

  /**
   * The weights of features, for values as they stand in the data: standardization is undone. The
   * vector is sparse, unless a dense one takes less memory. Read from the checkpoint at each call.
   *
   * @throws IllegalStateException if the ones that are not 0 take more than an eighth of this JVM's
   *     memory
   * @throws TrainingFailedException if the checkpoint is gone, or another one has come into its
   *     place
   */
  public Vector coefficients() {
    try (CoefficientReader reader = coefficientReader()) {
      return Coefficients.of(reader, Coefficients.limit());
    } catch (IOException e) {
      throw new TrainingFailedException(e);
    }
  }

  /**
   * What is added to a row's sum of coefficients times values. Read from the checkpoint at each
   * call.
   *
   * @throws TrainingFailedException as {@link #coefficients} does
   */
  public double intercept() {
    try (CoefficientReader reader = coefficientReader()) {
      return reader.intercept();
    } catch (IOException e) {
      throw new TrainingFailedException(e);
    }
  }

  /** What the checkpoint holds now, if that is still this model. */
  private CoefficientReader coefficientReader() throws IOException {
    CoefficientReader reader =
        CoefficientReader.open(checkpoint, HadoopSettings.options(SparkContext.getOrCreate()));
    try {
      shards.found().weights().requireCommit(reader.manifest());
      return reader;
    } catch (IOException e) {
      reader.close();
      throw e;
    }
  }

  @Override
  public SparseLogisticRegressionModel copy(ParamMap extra) {
    SparseLogisticRegressionModel copy =
        new SparseLogisticRegressionModel(EarlyUid.announce(uid()), shards);
    copy.trained = trained;
    return copyValues(copy, extra).setParent(parent());
  }

  /** Lets the executors forget the weights; who scores after that reads them again. */
  @Override
  public void close() {
    shards.close();
  }

  /**
   * Writes metadata and a checkpoint of the weights, each executor its own shard. With {@code
   * overwrite()} the new model is written beside the old one and then put in its place, so that one
   * of them is there, whole, whatever fails; it may be the folder that this model was loaded from.
   *
   * <p>A PipelineModel is written by Spark, which deletes the old folder first. The model in it has
   * a copy of its own from when it was loaded and is written from that; but if the driver dies in
   * between, the folder is gone. Save a pipeline to a new folder where that matters.
   */
  @Override
  public MLWriter write() {
    return new ModelFiles.Writer(this, shards);
  }

  /** Reads what {@link #write} wrote, or a run's folder, or one checkpoint. */
  public static MLReader<SparseLogisticRegressionModel> read() {
    return new ModelFiles.Reader();
  }

  /**
   * Reads what {@link #write} wrote; or the result of a run, whose folder it is, such as {@code
   * jobs/cairn train} leaves; or one checkpoint.
   *
   * @throws TrainingFailedException if there is none, or it cannot be read
   */
  public static SparseLogisticRegressionModel load(String path) {
    return read().load(path);
  }

  /**
   * The model in a checkpoint, for the application that runs.
   *
   * @param path a run's folder, whose result is meant, or a checkpoint
   * @throws TrainingFailedException if there is none
   */
  public static SparseLogisticRegressionModel fromCheckpoint(String path) {
    try {
      return ModelFiles.fromCheckpoint(path, SparkContext.getOrCreate());
    } catch (IOException e) {
      throw new TrainingFailedException(e);
    }
  }

  /**
   * What makes this model's features of rows as it was trained on; empty if its vectors were not
   * made by a {@link FeatureEncoder}.
   */
  public Optional<FeatureEncoder> featureEncoder() {
    return shards.found().definition().map(FeatureEncoder::of);
  }

  /** Parameter: column of the weights of rows, for summaries; the estimator's by default. */
  public Param<String> weightCol() {
    return weightCol;
  }

  /** Sets {@link #weightCol}. */
  public SparseLogisticRegressionModel setWeightCol(String value) {
    set(weightCol, value);
    return this;
  }

  /** The value of {@link #weightCol}, empty if it is not set. */
  public String getWeightCol() {
    return isDefined(weightCol) ? getOrDefault(weightCol) : "";
  }

  /** Parameter: probability of label 1 above which 1 is predicted; 0.5 by default. */
  public DoubleParam threshold() {
    return thresholds.threshold;
  }

  /** Sets {@link #threshold} and clears {@code thresholds}. */
  public SparseLogisticRegressionModel setThreshold(double value) {
    thresholds.set(value);
    return this;
  }

  /** The threshold in use: {@link #threshold}, or what {@code thresholds} come to. */
  public double getThreshold() {
    return thresholds.one();
  }

  /** Sets {@code thresholds}, two of them, and clears {@link #threshold}. */
  @Override
  public SparseLogisticRegressionModel setThresholds(double[] value) {
    thresholds.set(value);
    return this;
  }

  /** One threshold for each label: label k with the greatest p(k) / t(k) is predicted. */
  @Override
  public double[] getThresholds() {
    return thresholds.two();
  }
}
