package dev.cairn.jobs.data;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.when;

import dev.cairn.jobs.config.JobException;
import dev.cairn.jobs.config.RowKeys;
import dev.cairn.jobs.config.ScheduleKeys;
import dev.cairn.jobs.config.Text;
import dev.cairn.jobs.config.TrainConf;
import dev.cairn.spark.ml.FeatureEncoder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.DataFrameReader;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * Reads CSV by its headers. Files whose columns stand in another order, or are written in another
 * way, are read apart and put together by name; the types are those that hold the values of all
 * files, and finding them reads every file once. Doubled quotes are one quote (RFC 4180). A row
 * with too few or too many fields, or with bytes that are not of the encoding, is kept with its
 * line in {@link InputReader#MALFORMED}; it is judged where rows are counted.
 */
final class CsvInput {
  /** The letter that a decoder writes for bytes that are not a letter. */
  static final String UNKNOWN_LETTER = "\ufffd";

  private static final String MODE = "mode";
  private static final String CORRUPT = "columnNameOfCorruptRecord";

  private final SparkSession spark;
  private final TrainConf conf;
  private final SortedMap<String, DataType> types;

  /**
   * The columns that are read as they are written, each with whether all files have whole numbers
   * in it.
   */
  private final Map<String, Boolean> words = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);

  /**
   * Makes a reader for single use.
   *
   * @param types the types as which columns are read, whatever their values look like
   */
  CsvInput(SparkSession spark, TrainConf conf, SortedMap<String, DataType> types) {
    this.spark = spark;
    this.conf = conf;
    this.types = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    this.types.putAll(types);
  }

  Dataset<Row> read() {
    List<CsvHeaders.Group> groups =
        flag(conf, "header", true) ? new CsvHeaders(spark, conf).groups() : List.of();
    if (groups.size() <= 1) {
      String path = InputPaths.input(spark, conf);
      return marked(open(inferred(path), path));
    }
    return marked(union(groups));
  }

  /** The table of files with different headers: first what they have in common, then their rows. */
  private Dataset<Row> union(List<CsvHeaders.Group> groups) {
    List<StructType> schemas = new ArrayList<>();
    for (CsvHeaders.Group group : groups) {
      schemas.add(inferred(group.paths()));
    }
    Map<String, StructField> merged = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    for (StructType schema : schemas) {
      for (StructField field : schema.fields()) {
        merged.merge(field.name(), field, CsvTypes::wider);
      }
    }
    if (!flag(conf, "mergeSchema", false)) {
      checkSameColumns(groups, schemas, merged);
    }
    Dataset<Row> all = null;
    for (int i = 0; i < groups.size(); i++) {
      StructType schema = new StructType();
      for (StructField field : schemas.get(i).fields()) {
        StructField wide = merged.getOrDefault(field.name(), field);
        schema = schema.add(field.name(), wide.dataType(), true);
      }
      Dataset<Row> part = open(schema, groups.get(i).paths());
      all = all == null ? part : all.unionByName(part, true);
    }
    return java.util.Objects.requireNonNull(all);
  }

  private void checkSameColumns(
      List<CsvHeaders.Group> groups, List<StructType> schemas, Map<String, StructField> merged) {
    for (int i = 0; i < groups.size(); i++) {
      List<String> names = Arrays.asList(schemas.get(i).fieldNames());
      for (StructField field : merged.values()) {
        if (names.stream().noneMatch(field.name()::equalsIgnoreCase)) {
          throw new JobException(
              Text.format(
                  "Cannot read input: a file has no column %s, expected the same names in the"
                      + " header of every file (in any order), found %s (path=%s); correct the"
                      + " file, leave it out, or set input.option.mergeSchema=true for nulls there",
                  field.name(),
                  String.join(", ", names),
                  InputPaths.shown(groups.get(i).files().get(0))));
        }
      }
    }
  }

  private StructType inferred(String... paths) {
    StructType found =
        reader().option("inferSchema", flag(conf, "inferSchema", true)).csv(paths).schema();
    StructType schema = new StructType();
    for (StructField field : found.fields()) {
      schema = schema.add(field.name(), type(field), true);
    }
    return schema;
  }

  /** The type as which a column is read, of which Spark has found the type of its values. */
  private DataType type(StructField found) {
    DataType wanted = types.get(found.name());
    if (wanted != null) {
      return wanted;
    }
    if (!isWords(found.name())) {
      return found.dataType();
    }
    words.merge(found.name(), CsvTypes.isWhole(found.dataType()), Boolean::logicalAnd);
    return DataTypes.StringType;
  }

  /**
   * Whether a column is read as it is written: one that becomes categories, and is in no
   * expression. As numbers 007 and 7 would be one category.
   */
  private boolean isWords(String name) {
    boolean category = conf.get(TrainConf.CATEGORICAL).contains(name);
    for (List<String> cross : conf.get(TrainConf.CROSS)) {
      category |= cross.contains(name);
    }
    if (!category || conf.get(TrainConf.NUMERIC).contains(name)) {
      return false;
    }
    List<String> expressions = new ArrayList<>(conf.derived().values());
    expressions.add(conf.get(TrainConf.LABEL));
    expressions.add(conf.get(TrainConf.TEST));
    expressions.add(conf.get(ScheduleKeys.VALIDATION));
    expressions.add(conf.get(RowKeys.WEIGHT));
    expressions.add(conf.get(RowKeys.OFFSET));
    String here = name.toLowerCase(Locale.ROOT);
    String quoted = here.replace("`", "``");
    return expressions.stream()
        .map(sql -> sql.toLowerCase(Locale.ROOT))
        .noneMatch(sql -> sql.contains(here) || sql.contains(quoted));
  }

  /** The encoding that the user names; files are UTF-8 otherwise. */
  static Optional<String> encoding(TrainConf conf) {
    return Optional.ofNullable(conf.inputOptions().get("encoding"))
        .or(() -> Optional.ofNullable(conf.inputOptions().get("charset")));
  }

  private Dataset<Row> open(StructType schema, String... paths) {
    StructType whole = schema.add(InputReader.MALFORMED, DataTypes.StringType, true);
    return reader().schema(whole).csv(paths);
  }

  private DataFrameReader reader() {
    DataFrameReader reader = InputPaths.reader(spark, conf);
    if (!conf.inputOptions().containsKey("header")) {
      reader = reader.option("header", true);
    }
    if (!conf.inputOptions().containsKey("escape")) {
      // Spark's own default is a backslash, with which a doubled quote shifts all fields after it.
      String quote = conf.inputOptions().getOrDefault("quote", "\"");
      reader = quote.isEmpty() ? reader : reader.option("escape", quote);
    }
    return reader
        .option(MODE, "PERMISSIVE")
        .option(CORRUPT, InputReader.MALFORMED)
        // A parser that leaves columns out does not notice that a row has too many.
        .option("columnPruning", false);
  }

  /**
   * Marks rows whose bytes were not of the encoding, too: different values would look alike. The
   * values of malformed rows are not used, so that no expression fails on them.
   */
  private Dataset<Row> marked(Dataset<Row> table) {
    Column line = col(FeaturePlan.quoted(InputReader.MALFORMED));
    Column unknown = lit(false);
    for (StructField field : table.schema().fields()) {
      if (field.dataType() instanceof StringType && !field.name().equals(InputReader.MALFORMED)) {
        unknown = unknown.or(col(FeaturePlan.quoted(field.name())).contains(UNKNOWN_LETTER));
      }
    }
    Column record = when(line.isNotNull(), line).when(unknown, lit(UNKNOWN_LETTER));
    boolean kept = new MalformedRows(conf).kept();
    List<Column> columns = new ArrayList<>();
    for (String name : table.columns()) {
      Column value = col(FeaturePlan.quoted(name));
      if (name.equals(InputReader.MALFORMED)) {
        columns.add(record.as(name));
      } else {
        Column used = kept ? value : when(record.isNull(), value);
        columns.add(
            words.getOrDefault(name, false)
                ? used.as(name, FeatureEncoder.digits())
                : used.as(name));
      }
    }
    return table.select(columns.toArray(Column[]::new));
  }

  /** Whether an option of the reader is set to true. */
  static boolean flag(TrainConf conf, String option, boolean otherwise) {
    return Optional.ofNullable(conf.inputOptions().get(option))
        .map(text -> text.toLowerCase(Locale.ROOT).equals("true"))
        .orElse(otherwise);
  }
}
