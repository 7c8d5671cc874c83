package dev.cairn.spark.ml;

import org.apache.spark.ml.classification.BinaryLogisticRegressionSummaryImpl;
import org.apache.spark.ml.classification.BinaryLogisticRegressionTrainingSummaryImpl;
import org.apache.spark.ml.classification.FMClassificationSummary;
import org.apache.spark.ml.classification.FMClassificationSummaryImpl;
import org.apache.spark.ml.classification.FMClassificationTrainingSummary;
import org.apache.spark.ml.classification.FMClassificationTrainingSummaryImpl;
import org.apache.spark.ml.classification.LinearSVCSummary;
import org.apache.spark.ml.classification.LinearSVCSummaryImpl;
import org.apache.spark.ml.classification.LinearSVCTrainingSummary;
import org.apache.spark.ml.classification.LinearSVCTrainingSummaryImpl;
import org.apache.spark.ml.classification.LogisticRegressionSummary;
import org.apache.spark.ml.classification.LogisticRegressionSummaryImpl;
import org.apache.spark.ml.classification.LogisticRegressionTrainingSummary;
import org.apache.spark.ml.classification.LogisticRegressionTrainingSummaryImpl;
import org.apache.spark.ml.regression.LinearRegressionSummary;
import org.apache.spark.ml.regression.LinearRegressionTrainingSummary;

/**
 * Makes MLlib's own summaries of predictions that are not MLlib's. Some of their types are public
 * and sealed, so no other class can be one, and their constructors are private. Nothing is computed
 * before it is asked for.
 *
 * <p>Those of training are given the mean loss of each pass over the data. MLlib has one entry more
 * than iterations, the objective before the first one: here there are as many.
 */
final class MllibSummaries {
  private MllibSummaries() {}

  static LogisticRegressionSummary logistic(Judged rows, int classes) {
    return classes == 2
        ? new BinaryLogisticRegressionSummaryImpl(
            rows.predictions(),
            rows.score(),
            rows.prediction(),
            rows.label(),
            rows.features(),
            rows.weight())
        : new LogisticRegressionSummaryImpl(
            rows.predictions(),
            rows.score(),
            rows.prediction(),
            rows.label(),
            rows.features(),
            rows.weight());
  }

  static LogisticRegressionTrainingSummary logistic(Judged rows, int classes, double[] losses) {
    if (classes > 2) {
      return new LogisticRegressionTrainingSummaryImpl(
          rows.predictions(),
          rows.score(),
          rows.prediction(),
          rows.label(),
          rows.features(),
          rows.weight(),
          losses) {
        private static final long serialVersionUID = 1L;

        @Override
        public int totalIterations() {
          return objectiveHistory().length;
        }
      };
    }
    return new BinaryLogisticRegressionTrainingSummaryImpl(
        rows.predictions(),
        rows.score(),
        rows.prediction(),
        rows.label(),
        rows.features(),
        rows.weight(),
        losses) {
      private static final long serialVersionUID = 1L;

      @Override
      public int totalIterations() {
        return objectiveHistory().length;
      }
    };
  }

  static LinearSVCSummary svc(Judged rows) {
    return new LinearSVCSummaryImpl(
        rows.predictions(), rows.score(), rows.prediction(), rows.label(), rows.weight());
  }

  static LinearSVCTrainingSummary svc(Judged rows, double[] losses) {
    return new LinearSVCTrainingSummaryImpl(
        rows.predictions(), rows.score(), rows.prediction(), rows.label(), rows.weight(), losses) {
      private static final long serialVersionUID = 1L;

      @Override
      public int totalIterations() {
        return objectiveHistory().length;
      }
    };
  }

  static FMClassificationSummary machine(Judged rows) {
    return new FMClassificationSummaryImpl(
        rows.predictions(), rows.score(), rows.prediction(), rows.label(), rows.weight());
  }

  static FMClassificationTrainingSummary machine(Judged rows, double[] losses) {
    return new FMClassificationTrainingSummaryImpl(
        rows.predictions(), rows.score(), rows.prediction(), rows.label(), rows.weight(), losses) {
      private static final long serialVersionUID = 1L;

      @Override
      public int totalIterations() {
        return objectiveHistory().length;
      }
    };
  }

  /**
   * The absent standard errors: these and p-values are those of the normal equations, which were
   * not solved.
   */
  private static double[] noErrors() {
    return new double[1];
  }

  static LinearRegressionSummary linear(Judged rows, int features, boolean intercept) {
    return new LinearRegressionSummary(
        rows.predictions(),
        rows.prediction(),
        rows.label(),
        rows.features(),
        rows.weight(),
        features,
        intercept,
        noErrors(),
        new double[0]);
  }

  static LinearRegressionTrainingSummary linear(
      Judged rows, int features, boolean intercept, double[] losses) {
    return new LinearRegressionTrainingSummary(
        rows.predictions(),
        rows.prediction(),
        rows.label(),
        rows.features(),
        rows.weight(),
        features,
        intercept,
        noErrors(),
        losses.length == 0 ? new double[1] : losses, // it refuses to be made without any
        new double[0]) {
      private static final long serialVersionUID = 1L;

      @Override
      public double[] objectiveHistory() {
        return losses.clone();
      }

      @Override
      public int totalIterations() {
        return losses.length;
      }
    };
  }
}
