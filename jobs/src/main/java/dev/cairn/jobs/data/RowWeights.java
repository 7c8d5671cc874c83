package dev.cairn.jobs.data;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.when;

import dev.cairn.jobs.config.RowKeys;
import dev.cairn.jobs.config.TrainConf;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** Computes the weights of rows, by the user's expression, and by the rarity of their labels. */
final class RowWeights {
  private RowWeights() {}

  private static boolean balanced(TrainConf conf) {
    return conf.get(RowKeys.CLASS_WEIGHT).equals("balanced");
  }

  /** The weight by the expression; 1 without one. */
  static Column given(FeaturePlan plan, Dataset<Row> table, TrainConf conf) {
    return conf.get(RowKeys.WEIGHT).isEmpty() ? lit(1.0) : plan.number(table, RowKeys.WEIGHT);
  }

  /**
   * The weight that is trained with: when classes are balanced, times rows / (2 rows of the label),
   * counted, not weighed, so that it is the same whatever the order of rows.
   *
   * @param train the rows that are trained on, of both labels
   */
  static Column used(TrainConf conf, Counts train) {
    Column weight = col(FeaturePlan.quoted(RowChecks.WEIGHT));
    if (!balanced(conf)) {
      return weight;
    }
    double positive = train.rows() / (2.0 * train.positive());
    double negative = train.rows() / (2.0 * (train.rows() - train.positive()));
    Column label = col(FeaturePlan.quoted(RowChecks.LABEL));
    return weight.multiply(when(label.equalTo(1.0), positive).otherwise(negative));
  }
}
