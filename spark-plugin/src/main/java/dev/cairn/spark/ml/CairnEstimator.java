package dev.cairn.spark.ml;

import dev.cairn.spark.listener.TrainingListener;
import java.io.IOException;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.util.MLWritable;
import org.apache.spark.ml.util.MLWriter;
import org.apache.spark.sql.Dataset;

/**
 * The common interface of this package's estimators: their parameters are trained in the executors,
 * by synchronous mini-batch descent with one of several optimizers, and saved in checkpoints. The
 * result is a pure function of data, parameters of the estimator, and seed, whatever the number of
 * executors, and however often training was stopped and resumed.
 *
 * <p>The model that {@link #fit} returns lies in a checkpoint, in a folder that each fit has for
 * itself below {@code checkpointDir}. Needs {@code spark.plugins=dev.cairn.spark.CairnPlugin}. No
 * array of the model's size is made on the driver. Not thread-safe while being configured; {@link
 * #stop} may be called from any thread.
 *
 * @param <E> the estimator
 * @param <M> its model
 */
public interface CairnEstimator<E extends CairnEstimator<E, M>, M extends CairnModel<M>>
    extends DescentParams<E>,
        OptimizerParams<E>,
        ScheduleParams<E>,
        CheckpointedParams<E>,
        MLWritable {

  /**
   * Trains, or goes on training from the newest good checkpoint of this very fit: of the same data,
   * parameters and, if it was given, uid (see {@code checkpointDir}).
   *
   * @throws IllegalArgumentException for bad parameters or rows
   * @throws TrainingFailedException when training could not go on; checkpoints are intact
   */
  M fit(Dataset<?> dataset);

  /** Sets the column of feature vectors, all of one size; {@code features} by default. */
  E setFeaturesCol(String value);

  /** The column of feature vectors. */
  String getFeaturesCol();

  /** Sets the column of labels; {@code label} by default. */
  E setLabelCol(String value);

  /** The column of labels. */
  String getLabelCol();

  /** Sets the column of predictions that models add; {@code prediction} by default. */
  E setPredictionCol(String value);

  /** The column of predictions that models add. */
  String getPredictionCol();

  /** Sets the listener to the events of training. */
  default E setListener(TrainingListener value) {
    trainingParams().options.listener = value;
    return Setters.self(this);
  }

  /**
   * Sets what else decides the trained bits, such as how features were made: it is kept in every
   * checkpoint and compared on resume.
   */
  default E setProvenance(Map<String, String> value) {
    trainingParams().options.provenance = Collections.unmodifiableSortedMap(new TreeMap<>(value));
    return Setters.self(this);
  }

  /**
   * Sets L1 and L2 in the optimizer's own terms, instead of {@code regParam} and {@code
   * elasticNetParam}: the penalties on the sum of the losses of one step (adagrad), or of all steps
   * (ftrl). This is not a parameter, so it is not written with the estimator.
   */
  default E setOptimizerPenalties(double l1, double l2) {
    trainingParams().options.penalties = new Penalties(l1, l2);
    return Setters.self(this);
  }

  /**
   * Sets rows to judge the result on, with the columns of label and features: parameters that may
   * be the result are judged on them before their checkpoint is committed, and the figures become
   * part of it ({@code TrainingState.test}). They decide nothing, and each row counts once. This is
   * not a parameter, so it is not written with the estimator.
   */
  default E setTestData(Dataset<?> value) {
    trainingParams().options.testData = value;
    return Setters.self(this);
  }

  /** A look at the rows that are trained on, before the first step. */
  @FunctionalInterface
  interface RowsCheck {
    /**
     * Looks at the rows.
     *
     * @param rows their number
     * @param fingerprint of their features, labels, weights and offsets, the same in whatever order
     *     and files they come: the one that checkpoints keep
     * @throws IOException to refuse them; the fit fails with it
     */
    void check(long rows, String fingerprint) throws IOException;
  }

  /** Sets a check of the rows to train on. This is not a parameter, so it is not written. */
  default E setRowsCheck(RowsCheck value) {
    trainingParams().options.rowsCheck = value;
    return Setters.self(this);
  }

  /**
   * Asks a running fit to save at the next cut and to return what it has. May be called from any
   * thread.
   */
  default void stop() {
    trainingParams().options.stop.request();
  }

  /** Whether {@link #stop} was called. */
  default boolean stopped() {
    return trainingParams().options.stop.requested();
  }

  /** A copy that has the listener and heeds {@link #stop} of this one, which stays as it is. */
  @SuppressWarnings("unchecked") // E is the estimator's own class
  default E copied() {
    return (E) copy(ParamMap.empty());
  }

  /** Writes the parameters; an older stage in that place is there until the new one is whole. */
  @Override
  default MLWriter write() {
    return new StageWriter(this);
  }
}
