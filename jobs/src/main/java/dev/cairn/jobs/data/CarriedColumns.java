package dev.cairn.jobs.data;

import static org.apache.spark.sql.functions.col;

import dev.cairn.jobs.config.JobException;
import dev.cairn.jobs.config.Text;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.DataType;

/**
 * A choice of rows, and the columns that go with them beside features and labels: SQL expressions
 * over the input's columns and the derived ones, whose texts are their names.
 *
 * @param where the condition of the rows that are used; empty for all
 * @param whereKey the key that names it, for messages
 * @param train those of rows to train on
 * @param trainKey the key that names them, for messages
 * @param test those of test rows
 * @param testKey the key that names them, for messages
 */
public record CarriedColumns(
    String where,
    String whereKey,
    List<String> train,
    String trainKey,
    List<String> test,
    String testKey) {
  /** All rows, and no further columns. */
  public static final CarriedColumns NONE =
      new CarriedColumns("", "", List.of(), "", List.of(), "");

  private static final Set<String> TAKEN =
      Set.of(
          CheckedRows.FEATURES,
          CheckedRows.EARLIER,
          CheckedRows.LABEL,
          CheckedRows.WEIGHT,
          CheckedRows.OFFSET,
          CheckedRows.HELD_OUT);

  /** Copies the lists. */
  public CarriedColumns {
    train = List.copyOf(train);
    test = List.copyOf(test);
  }

  /** The rows that are used; malformed ones are among them, to be told of. */
  Dataset<Row> chosen(FeaturePlan plan, Dataset<Row> rows) {
    if (where.isEmpty()) {
      return rows;
    }
    Column chosen = plan.expression(rows, where, whereKey);
    DataType type = rows.select(chosen).schema().fields()[0].dataType();
    if (!(type instanceof BooleanType)) {
      throw new JobException(
          Text.format(
              "Cannot use %s = %s: expected a condition, found %s",
              whereKey, where, type.simpleString()));
    }
    return rows.filter(
        MalformedRows.possible(rows) ? chosen.or(MalformedRows.malformed()) : chosen);
  }

  /** The rows with the columns. */
  Dataset<Row> add(FeaturePlan plan, Dataset<Row> rows) {
    Dataset<Row> all = rows;
    for (String sql : train) {
      all = all.withColumn(sql, expression(plan, rows, sql, trainKey));
    }
    for (String sql : test) {
      all = all.withColumn(sql, expression(plan, rows, sql, testKey));
    }
    return all;
  }

  private static Column expression(FeaturePlan plan, Dataset<Row> rows, String sql, String key) {
    if (TAKEN.stream().anyMatch(sql::equalsIgnoreCase)) {
      throw new JobException(
          Text.format(
              "Cannot use %s = %s: a column of Cairn's own has this name, expected another one;"
                  + " write (%s) for the input's",
              key, sql, sql));
    }
    return plan.expression(rows, sql, key);
  }

  /** Names, and those of all these columns, each once. */
  String[] and(String... names) {
    Set<String> all = new LinkedHashSet<>(Arrays.asList(names));
    all.addAll(train);
    all.addAll(test);
    return all.toArray(String[]::new);
  }

  /** Columns, and some of these by their names. */
  Column[] and(List<String> more, Column... columns) {
    List<Column> all = new ArrayList<>(Arrays.asList(columns));
    more.forEach(name -> all.add(col(FeaturePlan.quoted(name))));
    return all.toArray(Column[]::new);
  }
}
