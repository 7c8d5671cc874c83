package dev.cairn.spark.settings;

import java.util.List;

/**
 * The settings of the estimators, by what they are about. Each is a parameter of Spark ML under the
 * name that it has here; most are keys of {@code jobs/cairn train}, too.
 */
public final class EstimatorSettings {
  /**
   * Settings that belong together.
   *
   * @param title their subject
   */
  public record Group(String title, List<Setting<?>> settings) {
    /** Copies the list. */
    public Group {
      settings = List.copyOf(settings);
    }
  }

  /** All groups, in the order in which a person reads them. */
  public static final List<Group> GROUPS =
      List.of(
          new Group("All estimators: rows, steps, and when training ends", DescentSettings.ALL),
          new Group("All estimators: optimizers", UpdateSettings.ALL),
          new Group("All estimators: checkpoints, and where a fit begins", SavingSettings.ALL),
          new Group("LogisticRegression", List.of(ModelSettings.FAMILY, ModelSettings.THRESHOLD)),
          new Group(
              "LinearRegression", List.of(ModelSettings.REGRESSION_LOSS, ModelSettings.EPSILON)),
          new Group("LinearSVC", List.of(ModelSettings.SVC_LOSS, ModelSettings.RAW_THRESHOLD)),
          new Group(
              "FMClassifier",
              List.of(
                  ModelSettings.FACTOR_SIZE,
                  ModelSettings.FIT_LINEAR,
                  ModelSettings.INIT_STD,
                  ModelSettings.THRESHOLD)),
          new Group(
              "FMRegressor",
              List.of(ModelSettings.FACTOR_SIZE, ModelSettings.FIT_LINEAR, ModelSettings.INIT_STD)),
          new Group("FeatureEncoder", FeatureSettings.ALL));

  private EstimatorSettings() {}
}
