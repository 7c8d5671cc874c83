package dev.cairn.spark.ml;

import dev.cairn.spark.trainer.FoundModel;
import java.io.IOException;
import java.util.function.Supplier;
import org.apache.spark.SparkContext;

/** The estimators of this package. */
public enum Estimators {
  /** {@link LogisticRegression}. */
  LOGISTIC_REGRESSION(LogisticRegression::new, LogisticRegressionModel.KIND),
  /** {@link LinearRegression}. */
  LINEAR_REGRESSION(LinearRegression::new, LinearRegressionModel.KIND),
  /** {@link LinearSVC}. */
  LINEAR_SVC(LinearSVC::new, LinearSVCModel.KIND),
  /** {@link FMClassifier}. */
  FM_CLASSIFIER(FMClassifier::new, FMClassificationModel.KIND),
  /** {@link FMRegressor}. */
  FM_REGRESSOR(FMRegressor::new, FMRegressionModel.KIND);

  @SuppressWarnings("ImmutableEnumChecker") // a constructor
  private final Supplier<CairnEstimator<?, ?>> make;

  @SuppressWarnings("ImmutableEnumChecker") // made of a class and functions
  private final ModelFiles.Kind<?> models;

  Estimators(Supplier<CairnEstimator<?, ?>> make, ModelFiles.Kind<?> models) {
    this.make = make;
    this.models = models;
  }

  /** Makes an estimator with its defaults. */
  public CairnEstimator<?, ?> make() {
    return make.get();
  }

  /**
   * The model in a checkpoint, of any kind, for the application that runs.
   *
   * @param path a run's folder, whose result is meant, a checkpoint, or a published model, of which
   *     the version stays as long as the model is open
   * @throws TrainingFailedException if there is none that one of these estimators trains
   */
  public static CairnModel<?> fromCheckpoint(String path) {
    try {
      return ModelFiles.<CairnModel<?>>held(
          path, null, SparkContext.getOrCreate(), Estimators::made);
    } catch (IOException e) {
      throw new TrainingFailedException(e);
    }
  }

  private static CairnModel<?> made(FoundModel found) throws IOException {
    for (Estimators each : values()) {
      if (each.models.holds().test(found.model())) {
        return each.models.anew(found);
      }
    }
    throw new IOException(
        "Cannot load a model: expected a kind that an estimator trains, found "
            + found.model().definition().kind()
            + " (path="
            + found.checkpoint()
            + ")");
  }
}
