package dev.cairn.spark.ml;

import dev.cairn.spark.trainer.FoundModel;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import org.apache.spark.SparkContext;

/** The estimators that there are, by the names that configurations have for them. */
public enum Estimators {
  /** {@link LogisticRegression}. */
  LOGISTIC_REGRESSION("logistic-regression", LogisticRegression::new, LogisticRegressionModel.KIND),
  /** {@link LinearRegression}. */
  LINEAR_REGRESSION("linear-regression", LinearRegression::new, LinearRegressionModel.KIND),
  /** {@link LinearSVC}. */
  LINEAR_SVC("linear-svc", LinearSVC::new, LinearSVCModel.KIND),
  /** {@link FMClassifier}. */
  FM_CLASSIFIER("fm-classifier", FMClassifier::new, FMClassificationModel.KIND),
  /** {@link FMRegressor}. */
  FM_REGRESSOR("fm-regressor", FMRegressor::new, FMRegressionModel.KIND);

  private final String key;

  @SuppressWarnings("ImmutableEnumChecker") // a constructor
  private final Supplier<CairnEstimator<?, ?>> make;

  @SuppressWarnings("ImmutableEnumChecker") // made of a class and functions
  private final ModelFiles.Kind<?> models;

  Estimators(String key, Supplier<CairnEstimator<?, ?>> make, ModelFiles.Kind<?> models) {
    this.key = key;
    this.make = make;
    this.models = models;
  }

  /** What configurations call it, such as {@code linear-regression}. */
  public String key() {
    return key;
  }

  /** What configurations call them all. */
  public static List<String> keys() {
    return Arrays.stream(values()).map(Estimators::key).toList();
  }

  /**
   * The one of a name.
   *
   * @throws IllegalArgumentException if there is none, listing those that there are
   */
  public static Estimators of(String key) {
    return Arrays.stream(values())
        .filter(each -> each.key.equals(key))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "Cannot train a model: expected one of "
                        + String.join(", ", keys())
                        + ", found "
                        + key));
  }

  /** A new estimator with its defaults. */
  public CairnEstimator<?, ?> make() {
    return make.get();
  }

  /**
   * The model in a checkpoint, whichever it is, for the application that runs.
   *
   * @param path a run's folder, whose result is meant, or a checkpoint
   * @throws TrainingFailedException if there is none that one of these estimators trains
   */
  public static CairnModel<?> fromCheckpoint(String path) {
    try {
      FoundModel found = FoundModel.at(path, SparkContext.getOrCreate());
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
    } catch (IOException e) {
      throw new TrainingFailedException(e);
    }
  }
}
