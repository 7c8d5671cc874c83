package dev.cairn.spark.ml;

import com.fasterxml.jackson.databind.JsonNode;
import dev.cairn.spark.trainer.ModelShards;
import java.io.IOException;
import java.util.Arrays;
import java.util.Map;
import org.apache.spark.ml.Model;
import org.apache.spark.ml.param.DoubleParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.ml.util.MLWritable;
import org.apache.spark.ml.util.MLWriter;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;

/**
 * A trained {@link SparseLogisticRegression}: the path of a checkpoint, and, once rows are scored,
 * its weights in the executors' shards. No array of the model's size is ever made on the driver.
 *
 * <p>{@link #transform} reads the weights into the executors when it is first called, and keeps
 * them there until {@link #close} or the end of the application.
 */
public final class SparseLogisticRegressionModel extends Model<SparseLogisticRegressionModel>
    implements MLWritable, AutoCloseable {
  private static final long serialVersionUID = 1L;

  private final String uid;
  private final String checkpoint;
  private final int features;
  private final ColumnParams columns;
  private final transient ModelShards shards;

  SparseLogisticRegressionModel(String uid, String checkpoint, int features) {
    this.uid = uid;
    this.checkpoint = checkpoint;
    this.features = features;
    this.columns = new ColumnParams(this);
    this.shards = new ModelShards(checkpoint, features);
    columns.setDefaults();
  }

  @Override
  public String uid() {
    return uid;
  }

  /** Path of the checkpoint that holds the parameters. */
  public String checkpoint() {
    return checkpoint;
  }

  /** Size of the feature space. */
  public int numFeatures() {
    return features;
  }

  @Override
  public Dataset<Row> transform(Dataset<?> dataset) {
    StructType output = transformSchema(dataset.schema());
    int column = Arrays.asList(dataset.schema().fieldNames()).indexOf(columns.features());
    try {
      return dataset
          .toDF()
          .mapPartitions(
              new RowScorer(
                  shards.directory(dataset.sparkSession().sparkContext()),
                  features,
                  column,
                  (Double) getOrDefault(columns.threshold)),
              Encoders.row(output));
    } catch (IOException e) {
      throw new TrainingFailedException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Cannot score rows: the thread was interrupted", e);
    }
  }

  @Override
  public StructType transformSchema(StructType schema) {
    return columns.transformSchema(schema, false);
  }

  @Override
  public SparseLogisticRegressionModel copy(ParamMap extra) {
    SparseLogisticRegressionModel copy =
        new SparseLogisticRegressionModel(uid, checkpoint, features);
    return copyValues(copy, extra).setParent(parent());
  }

  /** Lets the executors forget the weights; the next {@link #transform} reads them again. */
  @Override
  public void close() {
    shards.close();
  }

  /** Writes metadata and a checkpoint of the weights, each executor its own shard. */
  @Override
  public MLWriter write() {
    return new MLWriter() {
      @Override
      public void saveImpl(String path) {
        try {
          shards.copyTo(path + "/model", sparkSession().sparkContext());
          ParamsMetadata.write(
              SparseLogisticRegressionModel.this,
              path,
              sparkSession(),
              Map.of("numFeatures", Integer.toString(features)));
        } catch (IOException e) {
          throw new TrainingFailedException(e);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          throw new IllegalStateException("Cannot write the model: the thread was interrupted", e);
        }
      }
    };
  }

  /** Reads what {@link #write} wrote. */
  public static MLReader<SparseLogisticRegressionModel> read() {
    return new MLReader<>() {
      @Override
      public SparseLogisticRegressionModel load(String path) {
        JsonNode metadata =
            ParamsMetadata.read(path, sparkSession(), SparseLogisticRegressionModel.class);
        try {
          SparseLogisticRegressionModel model =
              new SparseLogisticRegressionModel(
                  metadata.path("uid").asText(),
                  ModelShards.newest(path + "/model", sparkSession().sparkContext()),
                  metadata.path("numFeatures").asInt());
          ParamsMetadata.restore(model, metadata);
          return model;
        } catch (IOException e) {
          throw new TrainingFailedException(e);
        }
      }
    };
  }

  /** Reads what {@link #write} wrote. */
  public static SparseLogisticRegressionModel load(String path) {
    return read().load(path);
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

  /** Sets {@link #featuresCol}. */
  public SparseLogisticRegressionModel setFeaturesCol(String value) {
    set(columns.featuresCol, value);
    return this;
  }

  /** Sets {@link #predictionCol}. */
  public SparseLogisticRegressionModel setPredictionCol(String value) {
    set(columns.predictionCol, value);
    return this;
  }

  /** Sets {@link #rawPredictionCol}. */
  public SparseLogisticRegressionModel setRawPredictionCol(String value) {
    set(columns.rawPredictionCol, value);
    return this;
  }

  /** Sets {@link #probabilityCol}. */
  public SparseLogisticRegressionModel setProbabilityCol(String value) {
    set(columns.probabilityCol, value);
    return this;
  }

  /** Sets {@link #threshold}. */
  public SparseLogisticRegressionModel setThreshold(double value) {
    set(columns.threshold, value);
    return this;
  }
}
