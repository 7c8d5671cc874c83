package dev.cairn.spark.ml;

import dev.cairn.checkpoint.model.TestFigures;
import java.util.List;
import java.util.Optional;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.util.MLWritable;
import org.apache.spark.ml.util.MLWriter;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * The common interface of this package's models: a model is the path of a checkpoint, and, once
 * rows are scored, its weights in the executors' shards. No array of the model's size is ever made
 * on the driver.
 *
 * <p>{@link #transform} adds columns by column expressions, as MLlib's models do; a column whose
 * name is set to "" is left out. It reads the weights into the executors' memory when rows are
 * first scored: once, for all models of one checkpoint. They are freed when they have not been read
 * for long, when others need the room ({@code spark.cairn.models.*}), or by {@link #close}; the
 * next use reads them again, as when an executor is lost.
 *
 * <p>So a model needs its checkpoint as long as it is used. Training in the same application keeps
 * it; another application that trains in the same folder may expire it. The copy that {@link
 * #write} makes is the model's own. A model never reads another commit that has come into its
 * checkpoint's place: then scoring fails, and the model has to be loaded again.
 *
 * @param <M> the model
 */
public interface CairnModel<M extends CairnModel<M>>
    extends ModelState.Owner, MLWritable, AutoCloseable {

  /** The rows with the model's columns. */
  Dataset<Row> transform(Dataset<?> dataset);

  /** Sets the column of feature vectors. */
  M setFeaturesCol(String value);

  /** The column of feature vectors. */
  String getFeaturesCol();

  /** The column of labels, for figures. */
  String getLabelCol();

  /** Sets the column for predictions; empty for none. */
  M setPredictionCol(String value);

  /** The column for predictions. */
  String getPredictionCol();

  /**
   * The figures that a run judges its test rows by: one pass over the rows, each counting once
   * whatever its weight.
   *
   * @throws IllegalArgumentException for columns that are missing or of the wrong type
   * @throws IllegalStateException if there are no rows
   */
  default TestFigures testFigures(Dataset<?> rows) {
    return ModelComparison.of(Optional.empty(), this, rows, List.of()).after();
  }

  /**
   * The threshold by which {@link #testFigures} counts predictions: of the probability or the
   * margin of the second one of two classes, as the model decides; 0 for a model that has none.
   */
  default double decisionThreshold() {
    return 0;
  }

  /** Path of the checkpoint that holds the parameters. */
  default String checkpoint() {
    return state().checkpoint();
  }

  /**
   * The encoder that makes this model's features of rows like those that it was trained on; empty
   * if its vectors were not made by a {@link FeatureEncoder}.
   */
  default Optional<FeatureEncoder> featureEncoder() {
    return state().encoder();
  }

  /** Parameter: column of the weights of rows, for summaries; the estimator's by default. */
  default Param<String> weightCol() {
    return state().weightCol;
  }

  /** Sets {@link #weightCol}. */
  default M setWeightCol(String value) {
    return Setters.with(this, state().weightCol, value);
  }

  /** The value of {@link #weightCol}, empty if it is not set. */
  default String getWeightCol() {
    return isDefined(state().weightCol) ? getOrDefault(state().weightCol) : "";
  }

  /**
   * Parameter: column of the offsets of rows, which are added to their margins when rows are scored
   * or judged; the estimator's by default, and for a model that was read from a run the column in
   * its checkpoint. A single row given to {@code predict} has the offset 0.
   */
  default Param<String> offsetCol() {
    return state().offsetCol;
  }

  /** Sets {@link #offsetCol}; empty: nothing is added. */
  default M setOffsetCol(String value) {
    return Setters.with(this, state().offsetCol, value);
  }

  /** The value of {@link #offsetCol}, empty if it is not set. */
  default String getOffsetCol() {
    return isDefined(state().offsetCol) ? getOrDefault(state().offsetCol) : "";
  }

  /** Frees the weights in the executors; the next scoring reads them again. */
  @Override
  default void close() {
    state().shards().close();
  }

  /**
   * Writes metadata and a checkpoint of the weights, each executor its own shard. With {@code
   * overwrite()} the new model is written beside the old one and then put in its place, so that one
   * of them is there, whole, whatever fails; it may be the folder that this model was loaded from.
   *
   * <p>A PipelineModel is written by Spark, which deletes the old folder first. The model in it has
   * had a copy of its own since it was loaded and is written from that; but if the driver dies in
   * between, the folder is gone. Save a pipeline to a new folder where that matters.
   */
  @Override
  default MLWriter write() {
    return new ModelFiles.Writer(this, state().shards());
  }
}
