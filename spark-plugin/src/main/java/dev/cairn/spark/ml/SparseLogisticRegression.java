package dev.cairn.spark.ml;

import com.fasterxml.jackson.databind.JsonNode;
import dev.cairn.spark.coordinator.Coordinator;
import dev.cairn.spark.trainer.CheckpointSettings;
import dev.cairn.spark.trainer.RecoverySettings;
import dev.cairn.spark.trainer.RowRouter;
import dev.cairn.spark.trainer.Trained;
import dev.cairn.spark.trainer.Trainer;
import dev.cairn.spark.trainer.TrainingData;
import dev.cairn.spark.trainer.TrainingSettings;
import java.io.IOException;
import java.util.Arrays;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.ml.Estimator;
import org.apache.spark.ml.attribute.AttributeGroup;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.param.BooleanParam;
import org.apache.spark.ml.param.DoubleParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.LongParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.param.StringArrayParam;
import org.apache.spark.ml.util.Identifiable$;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.ml.util.MLWritable;
import org.apache.spark.ml.util.MLWriter;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.StructType;

/**
 * Binary logistic regression on sparse features whose parameters live in the executors.
 *
 * <p>A Spark ML estimator: features are vectors of one size (such as {@code FeatureHasher} makes),
 * labels 0 or 1. Training is synchronous mini-batch descent with Adagrad or FTRL-proximal; the
 * parameters that come out are a pure function of data, parameters of this estimator, and seed,
 * whatever the number of executors, and however often training was stopped and resumed. {@code
 * checkpointDir} must be set: the model that {@link #fit} returns lies there, and fit goes on from
 * the newest good checkpoint that it finds there.
 *
 * <p>Needs {@code spark.plugins=dev.cairn.spark.CairnPlugin}. No array of the model's size is made
 * on the driver. Not thread-safe while being configured; {@link #stop} may be called from any
 * thread.
 */
public final class SparseLogisticRegression extends Estimator<SparseLogisticRegressionModel>
    implements MLWritable {
  private static final long serialVersionUID = 1L;

  private final String uid;
  private final ColumnParams columns;
  private final TrainingParams training;
  private transient FitListener listener = new FitListener() {};
  private transient SortedMap<String, String> provenance = Collections.emptySortedMap();
  private transient Trainer.Stop stop = new Trainer.Stop();

  /** An estimator with a random uid. */
  public SparseLogisticRegression() {
    this(Identifiable$.MODULE$.randomUID("cairn_slr"));
  }

  /** An estimator with this uid. */
  public SparseLogisticRegression(String uid) {
    this.uid = uid;
    this.columns = new ColumnParams(this);
    this.training = new TrainingParams(this);
    columns.setDefaults();
  }

  @Override
  public String uid() {
    return uid;
  }

  /** Who is told how training goes. */
  public SparseLogisticRegression setListener(FitListener value) {
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

  /** Asks a running fit to save at the next cut and to return what it has. From any thread. */
  public void stop() {
    stop.request();
  }

  /** Whether {@link #stop} was called. */
  public boolean stopped() {
    return stop.requested();
  }

  /**
   * Trains, or goes on training from the newest good checkpoint in {@code checkpointDir}.
   *
   * @throws IllegalArgumentException for bad parameters or rows
   * @throws TrainingFailedException when training could not go on; checkpoints are intact
   */
  @Override
  public SparseLogisticRegressionModel fit(Dataset<?> dataset) {
    transformSchema(dataset.schema());
    if (!isDefined(checkpointDir())) {
      throw new IllegalArgumentException(
          "Cannot train: the model is kept in its checkpoints, expected checkpointDir to be set");
    }
    SparkContext context = dataset.sparkSession().sparkContext();
    var unused = Coordinator.current("train"); // before any row is read
    Dataset<Row> rows =
        dataset
            .toDF()
            .select(
                functions.col(columns.label()).cast("double"), functions.col(columns.features()));
    int features = features(dataset, rows);
    int partitions = getOrDefaultInt(partitions());
    RecoverySettings recovery = TrainingParams.recovery(context.getConf());
    try (TrainingData data = pack(rows, features, partitions, recovery.dataCopies())) {
      CheckpointSettings checkpoints = training.checkpoints(this, context.getConf());
      Trained trained =
          new Trainer(context, checkpoints, recovery, new ListenerOfTrainer(listener), stop)
              .train(features, data, null, settings(features));
      SparseLogisticRegressionModel model =
          new SparseLogisticRegressionModel(uid, trained.checkpoint(), features);
      return copyValues(model.setParent(this), ParamMap.empty());
    } catch (IOException e) {
      throw new TrainingFailedException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new TrainingFailedException(
          new IOException("Cannot go on training: the thread was interrupted", e));
    }
  }

  private TrainingData pack(Dataset<Row> rows, int features, int partitions, int copies) {
    JavaPairRDD<Integer, dev.cairn.spark.trainer.RowChunk> routed =
        JavaPairRDD.fromJavaRDD(
            rows.javaRDD()
                .mapPartitions(
                    split -> {
                      FeatureRows source = new FeatureRows(split);
                      return new RowRouter(features, partitions, source::next);
                    }));
    return TrainingData.pack(
        routed,
        new TrainingData.Packing(
            features,
            partitions,
            getOrDefaultInt(batchRows()),
            getOrDefaultLong(seed()),
            copies,
            true,
            false));
  }

  /** The size of the feature space: from the column's metadata, else from the first row. */
  private int features(Dataset<?> dataset, Dataset<Row> rows) {
    int declared =
        AttributeGroup.fromStructField(dataset.schema().apply(columns.features())).size();
    if (declared > 0) {
      return declared;
    }
    Row[] first = (Row[]) rows.filter(functions.col(columns.features()).isNotNull()).head(1);
    if (first.length == 0) {
      throw new IllegalArgumentException(
          "Cannot train: expected rows to train on, found none; check the input and the split");
    }
    return ((Vector) first[0].get(1)).size();
  }

  private TrainingSettings settings(int features) {
    SortedMap<String, String> configuration = new TreeMap<>(provenance);
    configuration.put("features", Integer.toString(features));
    return training.settings(
        this, configuration, new TreeSet<>(Arrays.asList(getOrDefault(resumeAccept()))));
  }

  private int getOrDefaultInt(IntParam param) {
    return (Integer) getOrDefault(param);
  }

  private long getOrDefaultLong(LongParam param) {
    return (Long) getOrDefault(param);
  }

  @Override
  public StructType transformSchema(StructType schema) {
    return columns.transformSchema(schema, true);
  }

  @Override
  public MLWriter write() {
    return new MLWriter() {
      @Override
      public void saveImpl(String path) {
        try {
          ParamsMetadata.write(
              SparseLogisticRegression.this, path, sparkSession(), Collections.emptyMap());
        } catch (IOException e) {
          throw new TrainingFailedException(e);
        }
      }
    };
  }

  /** Reads what {@link #write} wrote. */
  public static MLReader<SparseLogisticRegression> read() {
    return new MLReader<>() {
      @Override
      public SparseLogisticRegression load(String path) {
        JsonNode metadata =
            ParamsMetadata.read(path, sparkSession(), SparseLogisticRegression.class);
        SparseLogisticRegression stage =
            new SparseLogisticRegression(metadata.path("uid").asText());
        ParamsMetadata.restore(stage, metadata);
        return stage;
      }
    };
  }

  @Override
  public SparseLogisticRegression copy(ParamMap extra) {
    SparseLogisticRegression copy = new SparseLogisticRegression(uid);
    copyValues(copy, extra);
    copy.listener = listener;
    copy.provenance = provenance;
    copy.stop = stop;
    return copy;
  }

  /** Parameter: see its {@code doc}. */
  public Param<String> featuresCol() {
    return columns.featuresCol;
  }

  /** Parameter: see its {@code doc}. */
  public Param<String> labelCol() {
    return columns.labelCol;
  }

  /** Parameter: see its {@code doc}. */
  public Param<String> predictionCol() {
    return columns.predictionCol;
  }

  /** Parameter: see its {@code doc}. */
  public Param<String> rawPredictionCol() {
    return columns.rawPredictionCol;
  }

  /** Parameter: see its {@code doc}. */
  public Param<String> probabilityCol() {
    return columns.probabilityCol;
  }

  /** Parameter: see its {@code doc}. */
  public DoubleParam threshold() {
    return columns.threshold;
  }

  /** Parameter: see its {@code doc}. */
  public IntParam maxEpochs() {
    return training.maxEpochs;
  }

  /** Parameter: see its {@code doc}. */
  public LongParam maxSteps() {
    return training.maxSteps;
  }

  /** Parameter: see its {@code doc}. */
  public LongParam seed() {
    return training.seed;
  }

  /** Parameter: see its {@code doc}. */
  public IntParam partitions() {
    return training.partitions;
  }

  /** Parameter: see its {@code doc}. */
  public IntParam batchRows() {
    return training.batchRows;
  }

  /** Parameter: see its {@code doc}. */
  public Param<String> optimizer() {
    return training.optimizer;
  }

  /** Parameter: see its {@code doc}. */
  public DoubleParam learningRate() {
    return training.learningRate;
  }

  /** Parameter: see its {@code doc}. */
  public DoubleParam l1() {
    return training.l1;
  }

  /** Parameter: see its {@code doc}. */
  public DoubleParam l2() {
    return training.l2;
  }

  /** Parameter: see its {@code doc}. */
  public DoubleParam initialAccumulator() {
    return training.initialAccumulator;
  }

  /** Parameter: see its {@code doc}. */
  public DoubleParam beta() {
    return training.beta;
  }

  /** Parameter: see its {@code doc}. */
  public Param<String> checkpointDir() {
    return training.checkpointDir;
  }

  /** Parameter: see its {@code doc}. */
  public LongParam checkpointEverySteps() {
    return training.checkpointEverySteps;
  }

  /** Parameter: see its {@code doc}. */
  public IntParam checkpointKeep() {
    return training.checkpointKeep;
  }

  /** Parameter: see its {@code doc}. */
  public BooleanParam checkpointAsync() {
    return training.checkpointAsync;
  }

  /** Parameter: see its {@code doc}. */
  public Param<String> checkpointInFlight() {
    return training.checkpointInFlight;
  }

  /** Parameter: see its {@code doc}. */
  public IntParam checkpointToleratedFailures() {
    return training.checkpointToleratedFailures;
  }

  /** Parameter: see its {@code doc}. */
  public StringArrayParam resumeAccept() {
    return training.resumeAccept;
  }

  /** Sets {@link #featuresCol}. */
  public SparseLogisticRegression setFeaturesCol(String value) {
    set(columns.featuresCol, value);
    return this;
  }

  /** Sets {@link #labelCol}. */
  public SparseLogisticRegression setLabelCol(String value) {
    set(columns.labelCol, value);
    return this;
  }

  /** Sets {@link #predictionCol}. */
  public SparseLogisticRegression setPredictionCol(String value) {
    set(columns.predictionCol, value);
    return this;
  }

  /** Sets {@link #rawPredictionCol}. */
  public SparseLogisticRegression setRawPredictionCol(String value) {
    set(columns.rawPredictionCol, value);
    return this;
  }

  /** Sets {@link #probabilityCol}. */
  public SparseLogisticRegression setProbabilityCol(String value) {
    set(columns.probabilityCol, value);
    return this;
  }

  /** Sets {@link #threshold}. */
  public SparseLogisticRegression setThreshold(double value) {
    set(columns.threshold, value);
    return this;
  }

  /** Sets {@link #maxEpochs}. */
  public SparseLogisticRegression setMaxEpochs(int value) {
    set(training.maxEpochs, value);
    return this;
  }

  /** Sets {@link #maxSteps}. */
  public SparseLogisticRegression setMaxSteps(long value) {
    set(training.maxSteps, value);
    return this;
  }

  /** Sets {@link #seed}. */
  public SparseLogisticRegression setSeed(long value) {
    set(training.seed, value);
    return this;
  }

  /** Sets {@link #partitions}. */
  public SparseLogisticRegression setPartitions(int value) {
    set(training.partitions, value);
    return this;
  }

  /** Sets {@link #batchRows}. */
  public SparseLogisticRegression setBatchRows(int value) {
    set(training.batchRows, value);
    return this;
  }

  /** Sets {@link #optimizer}. */
  public SparseLogisticRegression setOptimizer(String value) {
    set(training.optimizer, value);
    return this;
  }

  /** Sets {@link #learningRate}. */
  public SparseLogisticRegression setLearningRate(double value) {
    set(training.learningRate, value);
    return this;
  }

  /** Sets {@link #l1}. */
  public SparseLogisticRegression setL1(double value) {
    set(training.l1, value);
    return this;
  }

  /** Sets {@link #l2}. */
  public SparseLogisticRegression setL2(double value) {
    set(training.l2, value);
    return this;
  }

  /** Sets {@link #initialAccumulator}. */
  public SparseLogisticRegression setInitialAccumulator(double value) {
    set(training.initialAccumulator, value);
    return this;
  }

  /** Sets {@link #beta}. */
  public SparseLogisticRegression setBeta(double value) {
    set(training.beta, value);
    return this;
  }

  /** Sets {@link #checkpointDir}. */
  public SparseLogisticRegression setCheckpointDir(String value) {
    set(training.checkpointDir, value);
    return this;
  }

  /** Sets {@link #checkpointEverySteps}. */
  public SparseLogisticRegression setCheckpointEverySteps(long value) {
    set(training.checkpointEverySteps, value);
    return this;
  }

  /** Sets {@link #checkpointKeep}. */
  public SparseLogisticRegression setCheckpointKeep(int value) {
    set(training.checkpointKeep, value);
    return this;
  }

  /** Sets {@link #checkpointAsync}. */
  public SparseLogisticRegression setCheckpointAsync(boolean value) {
    set(training.checkpointAsync, value);
    return this;
  }

  /** Sets {@link #checkpointInFlight}. */
  public SparseLogisticRegression setCheckpointInFlight(String value) {
    set(training.checkpointInFlight, value);
    return this;
  }

  /** Sets {@link #checkpointToleratedFailures}. */
  public SparseLogisticRegression setCheckpointToleratedFailures(int value) {
    set(training.checkpointToleratedFailures, value);
    return this;
  }

  /** Sets {@link #resumeAccept}. */
  public SparseLogisticRegression setResumeAccept(String[] value) {
    set(training.resumeAccept, value);
    return this;
  }
}
