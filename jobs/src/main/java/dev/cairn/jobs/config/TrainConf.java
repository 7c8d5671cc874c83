package dev.cairn.jobs.config;

import static dev.cairn.jobs.config.ConfKey.optional;
import static dev.cairn.jobs.config.ConfKey.own;
import static dev.cairn.jobs.config.ConfKey.required;

import dev.cairn.spark.CairnConf;
import dev.cairn.spark.settings.DescentSettings;
import dev.cairn.spark.settings.FeatureSettings;
import dev.cairn.spark.settings.SavingSettings;
import dev.cairn.spark.settings.Values;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The configuration of {@code train}. Settings of the estimators and the plugin have keys of their
 * own names here. Immutable; made by {@link TrainConfLoader}, complete and checked.
 */
public final class TrainConf {
  /** The name of the training curve's file in the run's folder. */
  public static final String CURVE_NAME = "training-curve.html";

  /** The prefix of derived columns: {@code features.derive.hour = hour(date)}. */
  public static final String DERIVE = "features.derive.";

  /** The prefix of the options of Spark's reader: {@code input.option.sep = ;}. */
  public static final String INPUT_OPTION = "input.option.";

  /** The prefix of settings that are handed to Spark as they are. */
  public static final String SPARK = "spark.";

  public static final ConfKey<String> RUN_NAME =
      optional(
          "run.name",
          "text",
          "the name of the configuration file",
          "What the run is called: in Spark's UI, in front of its jobs, and on the training curve.",
          Parsers.nonEmpty("a name"));

  public static final ConfKey<String> INPUT =
      required(
          "input",
          "path",
          "The data: a file or folder of Parquet, CSV (with a header line) or libsvm.",
          Parsers.path());

  public static final ConfKey<String> INPUT_FORMAT =
      own(
          "input.format",
          Values.oneOf(List.of("auto", "parquet", "csv", "libsvm")),
          "auto",
          "The format of the input; auto goes by the ending of its name (.csv, .libsvm, .svm, else"
              + " Parquet).");

  public static final ConfKey<Integer> INPUT_FEATURES =
      own(
          "input.features",
          Values.whole(0, Integer.MAX_VALUE - 1),
          0,
          "libsvm alone: the number of features; 0 finds it by reading the data once more.");

  public static final ConfKey<String> LABEL =
      optional(
          "label",
          "SQL expression",
          "label",
          "What is to be predicted, for each row: 0 or 1, -1 or 1, false or true, such as delay >"
              + " 15; for softmax the number of a class from 0 on, for regression a number.",
          Parsers.nonEmpty("an SQL expression over the input's columns"));

  public static final ConfKey<String> LABEL_POSITIVE =
      ConfKey.of("label.positive", "value", FeatureSettings.LABEL_POSITIVE, Parsers.text());

  public static final ConfKey<List<String>> CATEGORICAL =
      ConfKey.of("features.categorical", FeatureSettings.CATEGORICAL_COLS);

  public static final ConfKey<List<String>> NUMERIC =
      ConfKey.of("features.numeric", FeatureSettings.NUMERIC_COLS);

  public static final ConfKey<List<List<String>>> CROSS =
      ConfKey.of(
          "features.cross",
          FeatureSettings.CROSSES.values().expected(),
          FeatureSettings.CROSSES,
          Parsers.crosses());

  public static final ConfKey<Integer> HASH_BITS =
      own(
          "features.hash-bits",
          Values.whole(1, 30),
          Integer.numberOfTrailingZeros(FeatureSettings.NUM_FEATURES.defaultValue().orElseThrow()),
          "Features are hashed into 2 to the power of this many weights (MLlib's FeatureHasher).");

  public static final ConfKey<String> HANDLE_INVALID =
      own(
          "features.handle-invalid",
          Values.oneOf(List.of("keep", "skip", "error")),
          "keep",
          "Rows with a null: keep them (a null is an absent feature), skip them, and those with"
              + " NaN, infinity or no label, or end with an error.");

  public static final ConfKey<String> TEST =
      optional(
          "split.test",
          "SQL predicate, or a share",
          "",
          "Rows that are kept out of training and judge the model at the end: a condition, or a"
              + " share such as 0.2, drawn by split.seed and the rows' content; empty for none.",
          Parsers.text());

  public static final ConfKey<Long> SPLIT_SEED =
      own(
          "split.seed",
          Values.wholeLong(Long.MIN_VALUE),
          1L,
          "Seed of the shares of split.test and split.validation; equal rows always go to the same"
              + " side.");

  public static final ConfKey<Integer> EPOCHS =
      ConfKey.of("train.epochs", DescentSettings.MAX_ITER.withDefault(2));

  public static final ConfKey<Long> MAX_STEPS =
      ConfKey.of("train.max-steps", DescentSettings.MAX_STEPS);

  public static final ConfKey<Long> SEED = ConfKey.of("train.seed", DescentSettings.SEED);

  public static final ConfKey<Integer> PARTITIONS =
      ConfKey.of("train.partitions", DescentSettings.PARTITIONS);

  public static final ConfKey<Integer> BATCH_ROWS =
      ConfKey.of("train.batch-rows", DescentSettings.BATCH_ROWS);

  public static final ConfKey<Integer> MAX_RECOVERIES =
      ConfKey.of("train.max-recoveries", CairnConf.MAX_RECOVERIES);

  public static final ConfKey<Integer> DATA_COPIES =
      ConfKey.of("train.data-copies", CairnConf.DATA_COPIES);

  public static final ConfKey<String> CHECKPOINT_DIR =
      ConfKey.of("checkpoint.dir", "path", SavingSettings.RUN_DIR, Parsers.path()).asRequired();

  public static final ConfKey<Long> CHECKPOINT_EVERY =
      ConfKey.of("checkpoint.every-steps", SavingSettings.CHECKPOINT_EVERY_STEPS.withDefault(100L));

  public static final ConfKey<Integer> CHECKPOINT_KEEP =
      ConfKey.of("checkpoint.keep", SavingSettings.CHECKPOINT_KEEP.withDefault(5));

  public static final ConfKey<Boolean> CHECKPOINT_ASYNC =
      ConfKey.of("checkpoint.async", SavingSettings.CHECKPOINT_ASYNC);

  public static final ConfKey<String> CHECKPOINT_IN_FLIGHT =
      ConfKey.of("checkpoint.in-flight", CairnConf.SAVE_IN_FLIGHT);

  public static final ConfKey<Integer> CHECKPOINT_TOLERATED_FAILURES =
      ConfKey.of(
          "checkpoint.tolerated-failures",
          CairnConf.SAVE_TOLERATED_FAILURES.setting().withDefault(0));

  public static final ConfKey<List<String>> RESUME_ACCEPT =
      ConfKey.of("resume.accept", SavingSettings.RESUME_ACCEPT);

  public static final ConfKey<String> REPORT_FILE =
      optional(
          "report.file",
          "path",
          "",
          "Where the training curve goes (one HTML file); empty for training-curve.html in"
              + " checkpoint.dir.",
          Parsers.optionalPath());

  public static final ConfKey<Integer> REPORT_SECONDS =
      own(
          "report.every-seconds",
          Values.whole(1, 86_400),
          5,
          "Seconds between progress lines when output is not a terminal.");

  public static final ConfKey<Integer> EXECUTORS =
      own(
          "executors",
          Values.whole(1, 64),
          2,
          "Executor processes of the embedded cluster; not used when spark.master is set or"
              + " spark-submit started this.");

  private static final List<ConfKey<?>> KEYS =
      List.of(
          RUN_NAME,
          INPUT,
          INPUT_FORMAT,
          INPUT_FEATURES,
          ModelKeys.MODEL,
          ModelKeys.LOSS,
          ModelKeys.EPSILON,
          ModelKeys.FACTOR_SIZE,
          ModelKeys.INIT_STD,
          ModelKeys.FIT_LINEAR,
          ModelKeys.INITIAL,
          ModelKeys.INITIAL_OPTIMIZER_STATE,
          ModelKeys.INITIAL_GROWTH,
          LABEL,
          LABEL_POSITIVE,
          CATEGORICAL,
          NUMERIC,
          CROSS,
          HASH_BITS,
          HANDLE_INVALID,
          TEST,
          ScheduleKeys.VALIDATION,
          SPLIT_SEED,
          EPOCHS,
          MAX_STEPS,
          ScheduleKeys.PATIENCE,
          ScheduleKeys.VALIDATION_TOL,
          ScheduleKeys.TOL,
          ScheduleKeys.RESULT,
          RowKeys.WEIGHT,
          RowKeys.OFFSET,
          RowKeys.CLASS_WEIGHT,
          RowKeys.STANDARDIZATION,
          RowKeys.FIT_INTERCEPT,
          SEED,
          PARTITIONS,
          BATCH_ROWS,
          MAX_RECOVERIES,
          DATA_COPIES,
          OptimizerKeys.OPTIMIZER,
          OptimizerKeys.LEARNING_RATE,
          OptimizerKeys.SCHEDULE,
          OptimizerKeys.L1,
          OptimizerKeys.L2,
          OptimizerKeys.WEIGHT_DECAY,
          OptimizerKeys.CLIPVALUE,
          OptimizerKeys.CLIPNORM,
          OptimizerKeys.GLOBAL_CLIPNORM,
          OptimizerKeys.INITIAL_ACCUMULATOR,
          OptimizerKeys.BETA,
          OptimizerKeys.MOMENTUM,
          OptimizerKeys.NESTEROV,
          OptimizerKeys.RHO,
          OptimizerKeys.CENTERED,
          OptimizerKeys.BETA_1,
          OptimizerKeys.BETA_2,
          OptimizerKeys.AMSGRAD,
          OptimizerKeys.EPSILON,
          OptimizerKeys.DENSE_UPDATES,
          CHECKPOINT_DIR,
          CHECKPOINT_EVERY,
          CHECKPOINT_KEEP,
          CHECKPOINT_ASYNC,
          CHECKPOINT_IN_FLIGHT,
          CHECKPOINT_TOLERATED_FAILURES,
          ScheduleKeys.RESUME,
          ScheduleKeys.RESUME_FROM,
          RESUME_ACCEPT,
          REPORT_FILE,
          REPORT_SECONDS,
          EXECUTORS);

  /** A family of keys whose last part the user chooses. */
  public record Family(String name, String type, String sentence) {}

  private static final List<Family> FAMILIES =
      List.of(
          new Family(
              DERIVE + "NAME",
              "SQL expression",
              "A column NAME made from the input's columns, such as hour(date); earlier names (a to"
                  + " z) may be used."),
          new Family(
              INPUT_OPTION + "NAME",
              "Spark's own",
              "An option of Spark's reader, such as sep, encoding, nullValue, quote, escape,"
                  + " header; mode = DROPMALFORMED leaves malformed rows out and counts them."),
          new Family(
              OptimizerKeys.FOR + "VARIABLE[.KEY]",
              "as of optimizer.KEY",
              "The optimizer of one variable, such as factors, and its settings: optimizer.for.factors"
                  + " = adam, optimizer.for.factors.learning-rate = 0.01; without an optimizer all"
                  + " that is not set is as for the other variables."),
          new Family(SPARK + "*", "Spark's own", "Handed to Spark as it is."));

  private final Map<ConfKey<?>, Object> values;
  private final SortedMap<String, String> derived;
  private final SortedMap<String, String> spark;
  private final SortedMap<String, String> inputOptions;
  private final SortedMap<String, String> forVariables;
  private final Map<String, String> places;

  TrainConf(
      Map<ConfKey<?>, Object> values,
      SortedMap<String, String> derived,
      SortedMap<String, String> spark,
      SortedMap<String, String> inputOptions,
      SortedMap<String, String> forVariables,
      Map<String, String> places) {
    this.values = new LinkedHashMap<>(values);
    this.derived = Collections.unmodifiableSortedMap(new TreeMap<>(derived));
    this.spark = Collections.unmodifiableSortedMap(new TreeMap<>(spark));
    TreeMap<String, String> options = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    options.putAll(inputOptions);
    this.inputOptions = Collections.unmodifiableSortedMap(options);
    this.forVariables = Collections.unmodifiableSortedMap(new TreeMap<>(forVariables));
    this.places = Map.copyOf(places);
  }

  /** All keys, in the order in which a person reads them. */
  public static List<ConfKey<?>> keys() {
    return KEYS;
  }

  /** The families of keys whose last part is free. */
  public static List<Family> families() {
    return FAMILIES;
  }

  static Optional<ConfKey<?>> key(String name) {
    return KEYS.stream().filter(key -> key.name().equals(name)).findFirst();
  }

  /** The value of a key. */
  @SuppressWarnings("unchecked") // values holds what the key's own parser made
  public <T> T get(ConfKey<T> key) {
    return (T) Objects.requireNonNull(values.get(key), key.name());
  }

  /** The SQL expressions of derived columns, by name. */
  public SortedMap<String, String> derived() {
    return derived;
  }

  /** The options of Spark's reader by name, whatever its case. */
  public SortedMap<String, String> inputOptions() {
    return inputOptions;
  }

  /**
   * The choices for variables, by the key after {@link OptimizerKeys#FOR}: an optimizer by a
   * variable's name, a setting by the name, a dot and the setting.
   */
  public SortedMap<String, String> optimizersFor() {
    return forVariables;
  }

  /** The settings that are handed to Spark. */
  public SortedMap<String, String> spark() {
    return spark;
  }

  /**
   * The place where the user set a key, for error messages: a file with its line, the command line,
   * or the default.
   */
  public String place(String key) {
    return places.getOrDefault(key, "default");
  }

  /** Whether the user has set a key, be it to its default. */
  public boolean isSet(ConfKey<?> key) {
    return places.containsKey(key.name());
  }

  /** The text of an SQL expression: of a derived column, or of another key that holds text. */
  public String text(String key) {
    if (key.startsWith(DERIVE)) {
      return derived.getOrDefault(key.substring(DERIVE.length()), "");
    }
    return key(key).map(values::get).map(Object::toString).orElse("");
  }

  /** The end of an error message: {@code key=value} as it was set, with its place. */
  public String where(ConfKey<?> key) {
    return "(" + key.name() + ", " + place(key.name()) + ")";
  }

  /** The path of the training curve. */
  public String reportFile() {
    String file = get(REPORT_FILE);
    return file.isEmpty() ? get(CHECKPOINT_DIR) + "/" + CURVE_NAME : file;
  }
}
