package dev.cairn.jobs.data;

import static org.apache.spark.sql.functions.abs;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.when;

import dev.cairn.jobs.config.JobException;
import dev.cairn.jobs.config.Text;
import dev.cairn.jobs.config.TrainConf;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Reads every row once before training: counts them, and refuses labels and numbers that no model
 * can learn from.
 */
final class RowChecks {
  static final String TEST = "cairn.test";

  /** A condition that no row may meet: what is wrong, what is expected, the columns to show. */
  private record Rule(String what, String expected, String advice, String column, Column broken) {}

  private final TrainConf conf;

  RowChecks(TrainConf conf) {
    this.conf = conf;
  }

  /**
   * Counts of the training and the test rows of {@code table}, which has the columns {@code label}
   * (double) and {@link #TEST} besides its own.
   */
  Counts.Split check(Dataset<Row> table, List<String> numeric, Column nonFiniteVector) {
    List<Rule> rules = rules(numeric, nonFiniteVector);
    List<Column> sums = new ArrayList<>();
    Column test = col(FeaturePlan.quoted(TEST));
    Column positive = coalesce(col(TrainingData.LABEL), lit(0.0));
    sums.add(sum(when(test, 0L).otherwise(1L)));
    sums.add(sum(when(test, 0.0).otherwise(positive)));
    sums.add(sum(when(test, positive).otherwise(0.0)));
    for (Rule rule : rules) {
      sums.add(count(when(rule.broken(), 1)));
    }
    Row row;
    try {
      row = table.agg(count(lit(1)), sums.toArray(Column[]::new)).first();
    } catch (Exception e) { // Scala throws checked exceptions that its signatures do not name
      throw SparkErrors.translate(
          "read input",
          "rows of format " + InputReader.format(conf),
          "path=" + conf.get(TrainConf.INPUT),
          "Check the file and the expressions of features.derive, label and split.test.",
          e);
    }
    long rows = row.getLong(0);
    for (int i = 0; i < rules.size(); i++) {
      if (row.getLong(4 + i) > 0) {
        throw broken(rules.get(i), row.getLong(4 + i), rows, table);
      }
    }
    Counts train = new Counts(row.getLong(1), Math.round(row.getDouble(2)));
    Counts tested = new Counts(rows - train.rows(), Math.round(row.getDouble(3)));
    checkSizes(train, tested);
    return new Counts.Split(train, tested);
  }

  private List<Rule> rules(List<String> numeric, Column nonFiniteVector) {
    Column label = col(TrainingData.LABEL);
    String advice = "correct the data or the expression " + conf.where(TrainConf.LABEL);
    List<Rule> rules = new ArrayList<>();
    rules.add(
        new Rule(
            "the label is missing",
            "0 or 1",
            advice,
            TrainingData.LABEL,
            label.isNull().or(label.isNaN())));
    rules.add(
        new Rule(
            "the label is out of range",
            "0 or 1",
            advice,
            TrainingData.LABEL,
            not(label.isin(0.0, 1.0))));
    for (String name : numeric) {
      Column value = col(FeaturePlan.quoted(name)).cast("double");
      rules.add(
          new Rule(
              "feature " + name + " is NaN or infinite",
              "a finite number",
              "leave such rows out, or derive a column without them "
                  + conf.where(TrainConf.NUMERIC),
              name,
              value.isNaN().or(abs(value).equalTo(Double.POSITIVE_INFINITY))));
    }
    if (InputReader.format(conf).equals("libsvm")) {
      rules.add(
          new Rule(
              "a feature is NaN or infinite",
              "finite numbers",
              "correct the data",
              TrainingData.FEATURES,
              nonFiniteVector));
    }
    return rules;
  }

  private JobException broken(Rule rule, long found, long rows, Dataset<Row> table) {
    Row example = table.filter(rule.broken()).first();
    Map<String, String> shown = new LinkedHashMap<>();
    String[] names = table.columns();
    for (int i = 0; i < names.length; i++) {
      if (!names[i].equals(TEST) && (shown.size() < 8 || names[i].equals(rule.column()))) {
        Object value = example.get(i);
        String text = String.valueOf(value);
        shown.put(names[i], text.length() > 60 ? text.substring(0, 60) + "..." : text);
      }
    }
    return new JobException(
        Text.format(
            "Cannot train: %s in %,d of %,d rows, expected %s, found %s in row %s; %s (path=%s)",
            rule.what(),
            found,
            rows,
            rule.expected(),
            shown.getOrDefault(rule.column(), "?"),
            shown,
            rule.advice(),
            conf.get(TrainConf.INPUT)));
  }

  private void checkSizes(Counts train, Counts test) {
    if (train.rows() == 0) {
      throw new JobException(
          Text.format(
              "Cannot train: split.test keeps every row out of training, expected some rows left, found all %,d of them in the test %s",
              test.rows(), conf.where(TrainConf.TEST)));
    }
    if (test.rows() == 0 && !conf.get(TrainConf.TEST).isEmpty()) {
      throw new JobException(
          Text.format(
              "Cannot judge the model: no row meets split.test, expected some, found 0 of %,d; correct it or leave it empty %s",
              train.rows(), conf.where(TrainConf.TEST)));
    }
    int partitions = conf.get(TrainConf.PARTITIONS);
    if (partitions > train.rows()) {
      throw new JobException(
          Text.format(
              "Cannot split the data: expected at least one row for each of the %d partitions, found %d rows; lower train.partitions %s",
              partitions, train.rows(), conf.where(TrainConf.PARTITIONS)));
    }
  }
}
