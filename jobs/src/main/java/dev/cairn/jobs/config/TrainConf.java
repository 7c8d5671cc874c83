package dev.cairn.jobs.config;

import static dev.cairn.jobs.config.ConfKey.optional;
import static dev.cairn.jobs.config.ConfKey.required;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Everything that {@code train} can be told, and the one place that defines it: a key's name, type,
 * default, check and sentence are here and nowhere else. Immutable; made by {@link
 * TrainConfLoader}, complete and checked.
 */
public final class TrainConf {
  /** What the training curve's file is called in the run's folder. */
  public static final String CURVE_NAME = "training-curve.html";

  /** Prefix of the derived columns: {@code features.derive.hour = hour(date)}. */
  public static final String DERIVE = "features.derive.";

  /** Prefix of the options of Spark's reader: {@code input.option.sep = ;}. */
  public static final String INPUT_OPTION = "input.option.";

  /** Prefix of what is handed to Spark as it is. */
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
      optional(
          "input.format",
          "auto, parquet, csv or libsvm",
          "auto",
          "The format of the input; auto goes by the ending of its name (.csv, .libsvm, .svm, else"
              + " Parquet).",
          Parsers.oneOf("auto", "parquet", "csv", "libsvm"));

  public static final ConfKey<Integer> INPUT_FEATURES =
      optional(
          "input.features",
          "integer",
          "0",
          "libsvm alone: the number of features; 0 finds it by reading the data once more.",
          Parsers.integer(0, Integer.MAX_VALUE - 1));

  public static final ConfKey<String> LABEL =
      optional(
          "label",
          "SQL expression",
          "label",
          "What is to be predicted, for each row: 0 or 1, -1 or 1, false or true, such as delay >"
              + " 15; for softmax the number of a class from 0 on, for regression a number.",
          Parsers.nonEmpty("an SQL expression over the input's columns"));

  public static final ConfKey<String> LABEL_POSITIVE =
      optional(
          "label.positive",
          "value",
          "",
          "The value of label that counts as 1, all others as 0, such as yes; empty for labels that"
              + " are numbers or conditions.",
          Parsers.text());

  public static final ConfKey<List<String>> CATEGORICAL =
      optional(
          "features.categorical",
          "list of columns",
          "",
          "Columns of the input or derived ones that become one feature for each value.",
          Parsers.list());

  public static final ConfKey<List<String>> NUMERIC =
      optional(
          "features.numeric",
          "list of columns",
          "",
          "Columns of the input or derived ones that become one feature with their value.",
          Parsers.list());

  public static final ConfKey<List<List<String>>> CROSS =
      optional(
          "features.cross",
          "list of a*b[*c]",
          "",
          "Crosses: each becomes one feature for every combination of its columns' values, such as"
              + " origin*hour.",
          Parsers.crosses());

  public static final ConfKey<Integer> HASH_BITS =
      optional(
          "features.hash-bits",
          "integer",
          "22",
          "Features are hashed into 2 to the power of this many weights (MLlib's FeatureHasher).",
          Parsers.integer(1, 30));

  public static final ConfKey<String> HANDLE_INVALID =
      optional(
          "features.handle-invalid",
          "keep, skip or error",
          "keep",
          "Rows with a null: keep them (a null is an absent feature), skip them, and those with"
              + " NaN, infinity or no label, or end with an error.",
          Parsers.oneOf("keep", "skip", "error"));

  public static final ConfKey<String> TEST =
      optional(
          "split.test",
          "SQL predicate, or a share",
          "",
          "Rows that are kept out of training and judge the model at the end: a condition, or a"
              + " share such as 0.2, drawn by split.seed and the rows' content; empty for none.",
          Parsers.text());

  public static final ConfKey<Long> SPLIT_SEED =
      optional(
          "split.seed",
          "integer",
          "1",
          "Seed of the shares of split.test and split.validation; equal rows always go to the same"
              + " side.",
          Parsers.longInteger(Long.MIN_VALUE, Long.MAX_VALUE));

  public static final ConfKey<Integer> EPOCHS =
      optional(
          "train.epochs",
          "integer",
          "2",
          "How many times every training row is used.",
          Parsers.integer(1, Integer.MAX_VALUE));

  public static final ConfKey<Long> MAX_STEPS =
      optional(
          "train.max-steps",
          "integer",
          "0",
          "Stop after this step even if epochs are left; 0 for no such limit.",
          Parsers.longInteger(0, Long.MAX_VALUE));

  public static final ConfKey<Long> SEED =
      optional(
          "train.seed",
          "integer",
          "1",
          "Seed of every random choice; same data, configuration and seed give the same bits.",
          Parsers.longInteger(Long.MIN_VALUE, Long.MAX_VALUE));

  public static final ConfKey<Integer> PARTITIONS =
      optional(
          "train.partitions",
          "integer",
          "8",
          "Logical data partitions: part of the result, whatever the number of executors; at least"
              + " one per task slot.",
          Parsers.integer(1, 100_000));

  public static final ConfKey<Integer> BATCH_ROWS =
      optional(
          "train.batch-rows",
          "integer",
          "4096",
          "Rows of one step, over all partitions together.",
          Parsers.integer(1, Integer.MAX_VALUE));

  public static final ConfKey<Integer> MAX_RECOVERIES =
      optional(
          "train.max-recoveries",
          "integer",
          "10",
          "How often training goes on after lost executors without a new checkpoint in between;"
              + " then it ends.",
          Parsers.integer(0, 1 << 20));

  public static final ConfKey<Integer> DATA_COPIES =
      optional(
          "train.data-copies",
          "integer",
          "2",
          "Executors that keep each partition of the packed data, so that the loss of one need not"
              + " read the input again.",
          Parsers.integer(1, 16));

  public static final ConfKey<String> CHECKPOINT_DIR =
      required(
          "checkpoint.dir",
          "path",
          "The run's folder, local or in HDFS; training goes on from the newest good checkpoint in"
              + " it.",
          Parsers.path());

  public static final ConfKey<Integer> CHECKPOINT_EVERY =
      optional(
          "checkpoint.every-steps",
          "integer",
          "100",
          "Steps between checkpoints; 0 for one at the end alone.",
          Parsers.integer(0, Integer.MAX_VALUE));

  public static final ConfKey<Integer> CHECKPOINT_KEEP =
      optional(
          "checkpoint.keep",
          "integer",
          "5",
          "How many of the newest checkpoints are kept; 0 for all.",
          Parsers.integer(0, Integer.MAX_VALUE));

  public static final ConfKey<Boolean> CHECKPOINT_ASYNC =
      optional(
          "checkpoint.async",
          "true or false",
          "true",
          "Go on training while a checkpoint is being written.",
          Parsers.bool());

  public static final ConfKey<String> CHECKPOINT_IN_FLIGHT =
      optional(
          "checkpoint.in-flight",
          "wait or skip",
          "wait",
          "When a checkpoint is due while the one before is still being written: wait for it, or"
              + " skip the new one.",
          Parsers.oneOf("wait", "skip"));

  public static final ConfKey<Integer> CHECKPOINT_TOLERATED_FAILURES =
      optional(
          "checkpoint.tolerated-failures",
          "integer",
          "0",
          "Checkpoints in a row that may fail before training stops.",
          Parsers.integer(0, Integer.MAX_VALUE));

  public static final ConfKey<List<String>> RESUME_ACCEPT =
      optional(
          "resume.accept",
          "list of data and names of keys",
          "",
          "What is meant to differ from the run that is resumed; any other difference is refused.",
          Parsers.list());

  public static final ConfKey<String> REPORT_FILE =
      optional(
          "report.file",
          "path",
          "",
          "Where the training curve goes (one HTML file); empty for training-curve.html in"
              + " checkpoint.dir.",
          Parsers.optionalPath());

  public static final ConfKey<Integer> REPORT_SECONDS =
      optional(
          "report.every-seconds",
          "integer",
          "5",
          "Seconds between progress lines when output is not a terminal.",
          Parsers.integer(1, 86_400));

  public static final ConfKey<Integer> EXECUTORS =
      optional(
          "executors",
          "integer",
          "2",
          "Executor processes of the embedded cluster; not used when spark.master is set or"
              + " spark-submit started this.",
          Parsers.integer(1, 64));

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

  /** Keys whose last part the user chooses: name, type, default, sentence. */
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
          new Family(SPARK + "*", "Spark's own", "Handed to Spark as it is."));

  private final Map<ConfKey<?>, Object> values;
  private final SortedMap<String, String> derived;
  private final SortedMap<String, String> spark;
  private final SortedMap<String, String> inputOptions;
  private final Map<String, String> places;

  TrainConf(
      Map<ConfKey<?>, Object> values,
      SortedMap<String, String> derived,
      SortedMap<String, String> spark,
      SortedMap<String, String> inputOptions,
      Map<String, String> places) {
    this.values = new LinkedHashMap<>(values);
    this.derived = Collections.unmodifiableSortedMap(new TreeMap<>(derived));
    this.spark = Collections.unmodifiableSortedMap(new TreeMap<>(spark));
    TreeMap<String, String> options = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    options.putAll(inputOptions);
    this.inputOptions = Collections.unmodifiableSortedMap(options);
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

  /** Derived columns by name: SQL expressions. */
  public SortedMap<String, String> derived() {
    return derived;
  }

  /** The options of Spark's reader by name, whatever its case. */
  public SortedMap<String, String> inputOptions() {
    return inputOptions;
  }

  /** What is handed to Spark. */
  public SortedMap<String, String> spark() {
    return spark;
  }

  /**
   * Where the user set a key, for error messages: a file with its line, the command line, or the
   * default.
   */
  public String place(String key) {
    return places.getOrDefault(key, "default");
  }

  /** Whether the user has set a key, be it to its default. */
  boolean isSet(ConfKey<?> key) {
    return places.containsKey(key.name());
  }

  /** The text of an SQL expression: of a derived column, or of another key that holds text. */
  public String text(String key) {
    if (key.startsWith(DERIVE)) {
      return derived.getOrDefault(key.substring(DERIVE.length()), "");
    }
    return key(key).map(values::get).map(Object::toString).orElse("");
  }

  /** {@code key=value} as it was set, with its place: the tail of an error message. */
  public String where(ConfKey<?> key) {
    return "(" + key.name() + ", " + place(key.name()) + ")";
  }

  /** Where the training curve goes. */
  public String reportFile() {
    String file = get(REPORT_FILE);
    return file.isEmpty() ? get(CHECKPOINT_DIR) + "/" + CURVE_NAME : file;
  }
}
