package dev.cairn.jobs.data;

import static dev.cairn.jobs.config.ModelKeys.Labels.BINARY;
import static org.apache.spark.sql.functions.abs;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.rint;
import static org.apache.spark.sql.functions.when;

import dev.cairn.jobs.config.JobException;
import dev.cairn.jobs.config.ModelKeys;
import dev.cairn.jobs.config.RowKeys;
import dev.cairn.jobs.config.ScheduleKeys;
import dev.cairn.jobs.config.Text;
import dev.cairn.jobs.config.TrainConf;
import dev.cairn.spark.ml.FeatureEncoder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Reads every row once before training, with every expression that training will compute: counts
 * rows, and refuses labels and numbers that no model can learn from.
 */
final class RowChecks {
  /** The column that tells whether a row is of the test. */
  static final String TEST = InputReader.RESERVED + "test";

  /** The column that tells whether a row judges while others are trained on; never in the test. */
  static final String VALIDATION = InputReader.RESERVED + "validation";

  /** The column of the user's expression for the label, a double. */
  static final String LABEL = InputReader.RESERVED + "label";

  /** The column of the user's expression for the weight, a double. */
  static final String WEIGHT = InputReader.RESERVED + "weight";

  /** The column of the user's expression for the offset, a double. */
  static final String OFFSET = InputReader.RESERVED + "offset";

  private static final double HEAVIEST = 1e15;

  /** The last number of a class: floats have all whole numbers up to here. */
  private static final double LAST_CLASS = (1 << 24) - 1;

  /** The pattern of a whole number as Spark writes it. */
  private static final String WHOLE_NUMBER = "^(0|-?[1-9][0-9]*)$";

  /**
   * The largest number that is not refused: the squares of larger ones, summed up over many steps,
   * leave the range of a float. Numbers that are divided by their standard deviation need only fit
   * into a float.
   */
  static double largest(TrainConf conf) {
    return conf.get(RowKeys.STANDARDIZATION) ? Float.MAX_VALUE : 1e15;
  }

  /** A condition that no row may meet: what is wrong, what is expected, the column to show. */
  private record Rule(String what, String expected, String advice, String column, Column broken) {}

  private final TrainConf conf;
  private final Dataset<Row> table;
  private final List<String> features;
  private final List<String> numeric;
  private final Column badVector;
  private final MalformedRows malformed;
  private final double largest;

  /**
   * Makes the checks of a table with {@link #LABEL}, {@link #WEIGHT}, {@link #OFFSET}, {@link
   * #TEST} and {@link #VALIDATION}.
   *
   * @param features the columns that features are made from
   * @param numeric those of these columns that are numbers
   * @param badVector whether the row's vector has a value that no model can learn from
   */
  RowChecks(
      TrainConf conf,
      Dataset<Row> table,
      List<String> features,
      List<String> numeric,
      Column badVector) {
    this.conf = conf;
    this.table = table;
    this.features = features;
    this.numeric = numeric;
    this.badVector = badVector;
    this.malformed = new MalformedRows(conf);
    this.largest = largest(conf);
  }

  /**
   * The findings of the checks.
   *
   * @param odd the columns of whole numbers that are not all written as Spark writes them: 007, +7
   */
  record Checked(Counts.Split counts, Intake intake, Set<String> odd) {}

  /** The rows that are trained on or judged by, when the checks have passed. */
  Dataset<Row> usable() {
    return table.filter(isUsable());
  }

  private Column isUsable() {
    return isSound().and(not(isSkipped()));
  }

  /** The condition of rows that could be read. */
  private Column isSound() {
    boolean all = !MalformedRows.possible(table) || malformed.kept();
    return all ? lit(true) : not(MalformedRows.malformed());
  }

  private Column isSkipped() {
    if (!conf.get(TrainConf.HANDLE_INVALID).equals("skip")) {
      return lit(false);
    }
    Column skipped = isMissing(col(FeaturePlan.quoted(LABEL))).or(badVector);
    for (String name : features) {
      skipped = skipped.or(col(FeaturePlan.quoted(name)).isNull());
    }
    for (String name : numeric) {
      skipped = skipped.or(isNoNumber(number(name)));
    }
    return skipped;
  }

  /**
   * Reads all rows.
   *
   * @throws JobException that names the fault and the number of rows, and shows one
   */
  Checked check() {
    List<Rule> rules = rules();
    Row row = counted(rules);
    long rows = row.<Long>getAs("rows");
    long broken = row.<Long>getAs("malformed");
    if (broken > 0 && !malformed.leftOut() && !malformed.kept()) {
      throw malformed.refusal(table, broken, rows);
    }
    for (int i = 0; i < rules.size(); i++) {
      long found = row.<Long>getAs("rule" + i);
      if (found > 0) {
        throw broken(rules.get(i), found, rows);
      }
    }
    Counts train = new Counts(row.<Long>getAs("train"), row.<Long>getAs("train1"));
    Counts test = new Counts(row.<Long>getAs("test"), row.<Long>getAs("test1"));
    boolean negativeOnes = ModelKeys.binary(conf) && row.<Long>getAs("negative") > 0;
    if (negativeOnes && row.<Long>getAs("zero") > 0) {
      throw new JobException(
          Text.format(
              "Cannot train: the label is -1 in some rows and 0 in others, expected 0 and 1 or -1"
                  + " and 1; correct the data or the expression %s",
              conf.where(TrainConf.LABEL)));
    }
    long validation = row.<Long>getAs("validation");
    new SizeChecks(conf).check(rows, train, test, validation);
    Map<String, Long> nulls = new TreeMap<>();
    for (int i = 0; i < features.size(); i++) {
      nulls.put(features.get(i), row.<Long>getAs("null" + i));
    }
    nulls.values().removeIf(found -> found == 0);
    Set<String> odd = new TreeSet<>();
    for (int i = 0; i < features.size(); i++) {
      if (row.<Long>getAs("odd" + i) > 0) {
        odd.add(features.get(i));
      }
    }
    long used = train.rows() + test.rows() + validation;
    long skipped = rows - used - (malformed.kept() ? 0 : broken);
    Intake intake = new Intake(rows, broken, skipped, negativeOnes, new TreeMap<>(nulls));
    return new Checked(new Counts.Split(train, test, validation), intake, odd);
  }

  private Row counted(List<Rule> rules) {
    Column usable = isUsable();
    Column test = col(FeaturePlan.quoted(TEST));
    Column validation = col(FeaturePlan.quoted(VALIDATION));
    Column train = usable.and(not(test)).and(not(validation));
    Column label = col(FeaturePlan.quoted(LABEL));
    List<Column> sums = new ArrayList<>();
    boolean possible = MalformedRows.possible(table);
    Column broken = possible ? MalformedRows.malformed() : lit(false);
    sums.add(rowsWith(broken, "malformed"));
    sums.add(rowsWith(train, "train"));
    sums.add(rowsWith(train.and(label.equalTo(1.0)), "train1"));
    sums.add(rowsWith(usable.and(validation), "validation"));
    sums.add(rowsWith(usable.and(test), "test"));
    sums.add(rowsWith(usable.and(test).and(label.equalTo(1.0)), "test1"));
    sums.add(rowsWith(usable.and(label.equalTo(-1.0)), "negative"));
    sums.add(rowsWith(usable.and(label.equalTo(0.0)), "zero"));
    for (int i = 0; i < rules.size(); i++) {
      sums.add(rowsWith(usable.and(rules.get(i).broken()), "rule" + i));
    }
    for (int i = 0; i < features.size(); i++) {
      Column value = col(FeaturePlan.quoted(features.get(i)));
      sums.add(rowsWith(isSound().and(value.isNull()), "null" + i));
      boolean digits = isDigits(features.get(i));
      Column odd = digits ? isSound().and(not(value.rlike(WHOLE_NUMBER))) : lit(false);
      sums.add(rowsWith(odd, "odd" + i));
    }
    try {
      return table.agg(count(lit(1)).as("rows"), sums.toArray(Column[]::new)).first();
    } catch (Exception e) { // Scala throws checked exceptions that its signatures do not name
      throw unreadable(e);
    }
  }

  private boolean isDigits(String column) {
    return Arrays.stream(table.schema().fields())
        .anyMatch(
            field ->
                field.name().equals(column) && field.metadata().equals(FeatureEncoder.digits()));
  }

  private static Column rowsWith(Column condition, String name) {
    return count(when(condition, 1)).as(name);
  }

  /** The expression that failed, if one did; Spark names the value alone. */
  private JobException unreadable(Exception error) {
    Optional<String> own = SparkErrors.own(error);
    if (own.isPresent()) { // a value that its column's type cannot have
      return new JobException(
          Text.format("%s (path=%s)", own.get(), conf.get(TrainConf.INPUT)), error);
    }
    Map<String, String> computed = new LinkedHashMap<>();
    conf.derived().keySet().forEach(name -> computed.put(name, TrainConf.DERIVE + name));
    computed.put(LABEL, TrainConf.LABEL.name());
    computed.put(TEST, TrainConf.TEST.name());
    computed.put(VALIDATION, ScheduleKeys.VALIDATION.name());
    computed.put(WEIGHT, RowKeys.WEIGHT.name());
    computed.put(OFFSET, RowKeys.OFFSET.name());
    if (SparkErrors.isOfExpression(error)) {
      for (Map.Entry<String, String> column : computed.entrySet()) {
        try {
          table.agg(count(col(FeaturePlan.quoted(column.getKey())))).first();
        } catch (Exception e) { // Scala throws checked exceptions that its signatures do not name
          String key = column.getValue();
          return SparkErrors.translate(
              "compute " + key + " = " + conf.text(key),
              "an expression that has a value, or null, for every row",
              key + ", " + conf.place(key) + ", path=" + conf.get(TrainConf.INPUT),
              "Correct the data or the expression; try_cast, try_to_timestamp and their like give"
                  + " null for such values.",
              e);
        }
      }
    }
    return SparkErrors.translate(
        "read input",
        "rows of format " + InputReader.format(conf),
        "path=" + conf.get(TrainConf.INPUT),
        "Check the file and the expressions of features.derive, label and split.*.",
        error);
  }

  private static Column isMissing(Column label) {
    return label.isNull().or(label.isNaN());
  }

  private static Column number(String name) {
    return col(FeaturePlan.quoted(name)).cast("double");
  }

  private static Column isNoNumber(Column value) {
    return value.isNaN().or(abs(value).equalTo(Double.POSITIVE_INFINITY));
  }

  private List<Rule> rules() {
    List<Rule> rules = new ArrayList<>();
    addRulesOfLabel(rules);
    addRulesOfWeightAndOffset(rules);
    addRulesOfNumeric(rules);
    if (conf.get(TrainConf.HANDLE_INVALID).equals("error")) {
      for (String name : features) {
        rules.add(
            new Rule(
                "feature " + name + " is null",
                "a value",
                "correct the data, or keep or skip such rows "
                    + conf.where(TrainConf.HANDLE_INVALID),
                name,
                col(FeaturePlan.quoted(name)).isNull()));
      }
    }
    if (InputReader.format(conf).equals("libsvm")) {
      rules.add(
          new Rule(
              "a feature is NaN, infinite or too large",
              Text.format("finite numbers up to %.0e in size", largest),
              "correct the data",
              CheckedRows.FEATURES,
              badVector));
    }
    return rules;
  }

  private void addRulesOfLabel(List<Rule> rules) {
    Column label = col(FeaturePlan.quoted(LABEL));
    String advice = "correct the data or the expression " + conf.where(TrainConf.LABEL);
    ModelKeys.Labels kind = ModelKeys.labels(conf);
    rules.add(
        new Rule(
            "the label is missing",
            kind.expected(),
            advice + ", or set features.handle-invalid=skip",
            LABEL,
            isMissing(label)));
    rules.add(
        new Rule(
            "the label is out of range",
            kind.expected(),
            advice
                + (kind == BINARY ? ", or name the value that counts as 1 in label.positive" : ""),
            LABEL,
            not(allowed(label, kind))));
  }

  private void addRulesOfWeightAndOffset(List<Rule> rules) {
    if (!conf.get(RowKeys.WEIGHT).isEmpty()) {
      Column weight = col(FeaturePlan.quoted(WEIGHT));
      rules.add(
          new Rule(
              "the weight is missing, negative or too large",
              Text.format("a number from 0 to %.0e", HEAVIEST),
              "correct the data or the expression " + conf.where(RowKeys.WEIGHT),
              WEIGHT,
              weight.isNull().or(not(weight.between(0.0, HEAVIEST)))));
    }
    if (!conf.get(RowKeys.OFFSET).isEmpty()) {
      Column offset = col(FeaturePlan.quoted(OFFSET));
      rules.add(
          new Rule(
              "the offset is missing, NaN, infinite or too large",
              "a finite number within float32, which is added to the margin",
              "correct the data or the expression " + conf.where(RowKeys.OFFSET),
              OFFSET,
              offset.isNull().or(not(abs(offset).leq((double) Float.MAX_VALUE)))));
    }
  }

  private static Column allowed(Column label, ModelKeys.Labels kind) {
    return switch (kind) {
      case BINARY -> label.isin(-1.0, 0.0, 1.0);
      case CLASSES -> label.between(0.0, LAST_CLASS).and(label.equalTo(rint(label)));
      case NUMBERS -> abs(label).leq((double) Float.MAX_VALUE);
      case COUNTS -> label.between(0.0, (double) Float.MAX_VALUE);
    };
  }

  private void addRulesOfNumeric(List<Rule> rules) {
    String leave = "leave such rows out (features.handle-invalid=skip), or derive a column ";
    for (String name : numeric) {
      Column value = number(name);
      String where = conf.where(TrainConf.NUMERIC);
      rules.add(
          new Rule(
              "feature " + name + " is NaN or infinite",
              "a finite number",
              leave + "without them " + where,
              name,
              isNoNumber(value)));
      rules.add(
          new Rule(
              "feature " + name + " is too large",
              Text.format("a number up to %.0e in size", largest),
              "derive a column on a smaller scale " + where,
              name,
              abs(value).gt(largest)));
    }
  }

  private JobException broken(Rule rule, long found, long rows) {
    Row example = table.filter(isUsable().and(rule.broken())).first();
    Map<String, String> shown = new LinkedHashMap<>();
    String[] names = table.columns();
    String value = "?";
    for (int i = 0; i < names.length; i++) {
      String text = String.valueOf(example.get(i));
      String cut = text.length() > 60 ? text.substring(0, 60) + "..." : text;
      if (names[i].equals(rule.column())) {
        value = cut;
      }
      boolean own = names[i].startsWith(InputReader.RESERVED);
      if (!own && (shown.size() < 8 || names[i].equals(rule.column()))) {
        shown.put(names[i], cut);
      }
    }
    return new JobException(
        Text.format(
            "Cannot train: %s in %,d of %,d rows, expected %s, found %s in row %s; %s (path=%s)",
            rule.what(),
            found,
            rows,
            rule.expected(),
            value,
            shown,
            rule.advice(),
            conf.get(TrainConf.INPUT)));
  }
}
