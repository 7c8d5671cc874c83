package dev.cairn.jobs.data;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;

import dev.cairn.jobs.config.JobException;
import dev.cairn.jobs.config.NearestName;
import dev.cairn.jobs.config.RowKeys;
import dev.cairn.jobs.config.Text;
import dev.cairn.jobs.config.TrainConf;
import dev.cairn.spark.ml.CairnModel;
import dev.cairn.spark.ml.FeatureEncoder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.stream.Collectors;
import org.apache.spark.ml.classification.ClassificationModel;
import org.apache.spark.ml.classification.ProbabilisticClassificationModel;
import org.apache.spark.ml.functions;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Observation;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;

/** Reads rows to be scored, and writes them with their scores. */
public final class ScoringData {
  private static final String VECTORS = InputReader.RESERVED + "features";
  private static final String RAW = InputReader.RESERVED + "raw";
  private static final String PROBABILITY = InputReader.RESERVED + "probability";
  private static final String PREDICTION = InputReader.RESERVED + "prediction";
  private static final List<String> ADDED =
      List.of("margin", "probability", "prediction", "checkpoint");
  private static final String VERSION = "version";

  private ScoringData() {}

  /**
   * The rows of the input with prediction and checkpoint; for a model of two classes also with its
   * margin, and for one that has probabilities with that of label 1, or, with several classes, of
   * the predicted one.
   *
   * @param keep the columns of the input that are kept; {@code *} for all
   * @param version the model's version, which is a column, too; empty for a model that has none
   * @throws JobException for an input that cannot be read as it should be
   */
  public static Dataset<Row> scored(
      SparkSession spark,
      TrainConf conf,
      CairnModel<?> model,
      List<String> keep,
      OptionalLong version) {
    Optional<FeatureEncoder> encoder = encoder(model, conf);
    Dataset<Row> input = read(spark, conf, encoder);
    List<String> columns = kept(input, keep, version.isPresent(), conf);
    encoder.filter(one -> one.isDefined(one.offset())).ifPresent(one -> addOffset(one, model));
    Dataset<Row> vectors = vectors(input, encoder, conf);
    List<Column> wanted = new ArrayList<>();
    columns.forEach(name -> wanted.add(col(FeaturePlan.quoted(name))));
    int classes = 0;
    if (model instanceof ClassificationModel<?, ?> classifier) {
      classifier.setRawPredictionCol(RAW);
      classes = classifier.numClasses();
    }
    if (classes == 2) {
      wanted.add(element(RAW, lit(1)).as("margin"));
    }
    if (model instanceof ProbabilisticClassificationModel<?, ?> probabilistic) {
      probabilistic.setProbabilityCol(PROBABILITY);
      Column which = classes == 2 ? lit(1) : col(FeaturePlan.quoted(PREDICTION)).cast("int");
      wanted.add(element(PROBABILITY, which).as("probability"));
    }
    model.setFeaturesCol(VECTORS);
    model.setPredictionCol(PREDICTION);
    Dataset<Row> scored = model.transform(vectors);
    wanted.add(col(FeaturePlan.quoted(PREDICTION)).as("prediction"));
    wanted.add(lit(model.checkpoint()).as("checkpoint"));
    version.ifPresent(number -> wanted.add(lit(number).as(VERSION)));
    return scored.select(wanted.toArray(Column[]::new));
  }

  /**
   * Adds the column of offsets, under a name with its expression, since messages name the column.
   */
  private static void addOffset(FeatureEncoder encoder, CairnModel<?> model) {
    String column = RowKeys.OFFSET.name() + " = " + encoder.getOrDefault(encoder.offset());
    encoder.setOffsetCol(column);
    model.setOffsetCol(column);
  }

  private static Column element(String vectors, Column which) {
    return functions.vector_to_array(col(FeaturePlan.quoted(vectors)), "float64").getItem(which);
  }

  /** The encoder that makes the features; empty for libsvm, which has them. */
  private static Optional<FeatureEncoder> encoder(CairnModel<?> model, TrainConf conf) {
    if (InputReader.format(conf).equals("libsvm")) {
      return Optional.empty();
    }
    FeatureEncoder encoder =
        model
            .featureEncoder()
            .orElseThrow(
                () ->
                    new JobException(
                        Text.format(
                            "Cannot score rows: expected a checkpoint that says how features are"
                                + " made, found none of that in %s; score libsvm input, or vectors"
                                + " in a Spark program",
                            model.checkpoint())));
    return Optional.of(encoder);
  }

  /** The rows of the input, whose columns have the types that they had in training. */
  static Dataset<Row> read(SparkSession spark, TrainConf conf, Optional<FeatureEncoder> encoder) {
    SortedMap<String, DataType> types =
        encoder.map(FeatureEncoder::writtenTypes).orElse(Collections.emptySortedMap());
    Dataset<Row> input = InputReader.read(spark, conf, types);
    refuseMalformed(input, conf, types);
    return encoder.map(one -> one.typed(input)).orElse(input);
  }

  /** The rows with their vectors of features. */
  static Dataset<Row> vectors(
      Dataset<Row> input, Optional<FeatureEncoder> encoder, TrainConf conf) {
    if (encoder.isEmpty()) {
      return input.withColumn(VECTORS, col(CheckedRows.FEATURES));
    }
    try {
      return encoder.get().setOutputCol(VECTORS).transform(input);
    } catch (Exception e) { // Scala throws checked exceptions that its signatures do not name
      throw otherColumns("make features", input, conf, e);
    }
  }

  private static RuntimeException otherColumns(
      String verb, Dataset<Row> input, TrainConf conf, Exception e) {
    return SparkErrors.translate(
        verb,
        "the columns that the model was trained on",
        "path=" + conf.get(TrainConf.INPUT),
        "The input has " + String.join(", ", FeaturePlan.visible(input)) + ".",
        e);
  }

  /**
   * A feature by its name.
   *
   * @param id its place among the weights
   * @param rows the number of rows that have it
   */
  public record Named(int id, String name, long rows) {}

  /**
   * The features of the input that fall into some places, the most frequent first.
   *
   * @param places ascending
   */
  public static List<Named> names(
      SparkSession spark, TrainConf conf, FeatureEncoder encoder, int[] places) {
    Dataset<Row> input = read(spark, conf, Optional.of(encoder));
    try {
      Dataset<Row> rows = encoder.derive(input);
      return rows
          .select(
              org.apache
                  .spark
                  .sql
                  .functions
                  .explode(encoder.names(rows.schema(), places))
                  .as("name"))
          .groupBy("name")
          .count()
          .orderBy(col("count").desc(), col("name"))
          .collectAsList()
          .stream()
          .map(ScoringData::named)
          .toList();
    } catch (Exception e) { // Scala throws checked exceptions that its signatures do not name
      throw otherColumns("name features", input, conf, e);
    }
  }

  private static Named named(Row row) {
    String text = row.getString(0);
    int colon = text.indexOf(':');
    return new Named(
        Integer.parseInt(text.substring(0, colon)), text.substring(colon + 1), row.getLong(1));
  }

  private static void refuseMalformed(
      Dataset<Row> input, TrainConf conf, SortedMap<String, DataType> types) {
    if (!Arrays.asList(input.columns()).contains(InputReader.MALFORMED)) {
      return;
    }
    Column malformed = col(FeaturePlan.quoted(InputReader.MALFORMED));
    // All columns: a value's type is checked only where it is read.
    List<Row> first = input.filter(malformed.isNotNull()).limit(1).collectAsList();
    if (!first.isEmpty()) {
      String times =
          types.entrySet().stream()
              .filter(one -> !one.getValue().equals(DataTypes.StringType))
              .map(
                  one ->
                      Text.format(
                          ", %s as a %s as in training",
                          one.getKey(), one.getValue().simpleString()))
              .collect(Collectors.joining());
      throw new JobException(
          Text.format(
              "Cannot score rows: expected rows of format %s%s, found \"%s\"; correct the file"
                  + " (path=%s)",
              InputReader.format(conf),
              times,
              first.get(0).getAs(InputReader.MALFORMED),
              conf.get(TrainConf.INPUT)));
    }
  }

  private static List<String> kept(
      Dataset<Row> input, List<String> keep, boolean versioned, TrainConf conf) {
    List<String> there = FeaturePlan.visible(input);
    List<String> columns = keep.equals(List.of("*")) ? there : keep;
    for (String name : columns) {
      if (!there.contains(name)) {
        throw new JobException(
            Text.format(
                "Unknown column %s: expected one of %s%s (output.columns, path=%s)",
                name,
                String.join(", ", there),
                NearestName.of(name, there).map(near -> "; did you mean " + near + "?").orElse(""),
                conf.get(TrainConf.INPUT)));
      }
      if (ADDED.stream().anyMatch(name::equalsIgnoreCase)
          || (versioned && name.equalsIgnoreCase(VERSION))) {
        throw new JobException(
            Text.format(
                "Cannot keep column %s: a score has this name; leave it out with output.columns"
                    + " (path=%s)",
                name, conf.get(TrainConf.INPUT)));
      }
      if (columns.stream().filter(name::equalsIgnoreCase).count() > 1) {
        throw new JobException(
            Text.format(
                "Cannot keep column %s: expected each name once, found it twice or in letters of"
                    + " another case; choose with output.columns (path=%s)",
                name, conf.get(TrainConf.INPUT)));
      }
    }
    return columns;
  }

  /**
   * Checks that scored rows can be written in parts by some of their columns.
   *
   * @throws JobException for a column that is not there, or no other left
   */
  public static void checkPartitions(Dataset<Row> scored, List<String> partitionBy) {
    List<String> there = List.of(scored.columns());
    for (String name : partitionBy) {
      if (!there.contains(name)) {
        throw new JobException(
            Text.format(
                "Unknown column %s: expected one of %s%s (output.partition-by)",
                name,
                String.join(", ", there),
                NearestName.of(name, there)
                    .map(near -> "; did you mean " + near + "?")
                    .orElse("")));
      }
    }
    if (partitionBy.stream().distinct().count() < partitionBy.size()
        || partitionBy.size() == there.size()) {
      throw new JobException(
          Text.format(
              "Cannot write scores: expected each column once and others beside them, found %s"
                  + " (output.partition-by)",
              String.join(", ", partitionBy)));
    }
  }

  /**
   * Writes scored rows; returns their number.
   *
   * @param folder a folder that is there and empty
   * @param partitionBy the columns that are folders, {@code column=value}; none for files alone
   * @param output what the folder is going to be, for messages
   */
  public static long write(
      Dataset<Row> scored, String folder, String format, List<String> partitionBy, String output) {
    Observation observed = new Observation();
    try {
      scored
          .observe(observed, count(lit(1)).as("rows"))
          .write()
          .mode("append")
          .partitionBy(partitionBy.toArray(String[]::new))
          .option("header", true)
          .option("escape", "\"")
          .format(format)
          .save(folder);
      return ((Number) Objects.requireNonNull(observed.getAsJava().get("rows"))).longValue();
    } catch (Exception e) { // Scala throws checked exceptions that its signatures do not name
      Optional<String> own = SparkErrors.own(e);
      if (own.isPresent()) {
        throw new JobException(own.get(), e);
      }
      throw SparkErrors.translate(
          "write scores",
          "a folder that can be written to and rows that can be scored",
          "path=" + output,
          SparkErrors.remedy(e).orElse("Check the input's values and the path."),
          e);
    }
  }
}
