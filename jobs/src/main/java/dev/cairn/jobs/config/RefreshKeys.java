package dev.cairn.jobs.config;

import static dev.cairn.jobs.config.ConfKey.optional;
import static dev.cairn.jobs.config.ConfKey.own;
import static dev.cairn.jobs.config.ConfKey.required;

import dev.cairn.spark.settings.Threshold;
import dev.cairn.spark.settings.Values;
import java.util.Arrays;
import java.util.List;

/** The keys that {@code refresh} has beside those of {@code train}. */
public final class RefreshKeys {
  private static final String THRESHOLDS = "METRIC <= NUMBER or METRIC >= NUMBER, ...";

  public static final ConfKey<String> MODEL =
      required(
          "refresh.model",
          "path",
          "The model's folder, MODELS/name: the version in use is trained further; a first one is"
              + " trained where there is none.",
          Parsers.path());

  public static final ConfKey<String> WHERE =
      optional(
          "refresh.where",
          "SQL condition",
          "",
          "The new rows of the input, such as month(date) = 2; empty where all of it is new.",
          Parsers.text());

  public static final ConfKey<String> COLUMN =
      optional(
          "refresh.column",
          "SQL expression",
          "",
          "The axis along which data arrives, such as date: the range of the rows that were trained"
              + " on is kept with the version, and rows within it are refused next time.",
          Parsers.text());

  public static final ConfKey<Boolean> ACCEPT_USED =
      own(
          "refresh.accept-used",
          Values.flag(),
          false,
          "Whether to train on rows that the version in use, or one that it came from, was trained"
              + " on already.");

  public static final ConfKey<List<String>> LABELS =
      optional(
          "refresh.labels",
          "a,b,c",
          "",
          "Further labels that are moved to the new version, such as champion.",
          (text, base) -> list(text));

  public static final ConfKey<List<Threshold>> VALUE =
      optional(
          "gate.value",
          THRESHOLDS,
          "",
          "What the new model's metrics on the rows of split.test must be, such as logLoss <= 0.6,"
              + " auc >= 0.65.",
          (text, base) -> Threshold.parse(text));

  public static final ConfKey<List<Threshold>> CHANGE =
      optional(
          "gate.change",
          THRESHOLDS,
          "",
          "How far they may be from those of the version in use on the same rows, new less old,"
              + " such as logLoss <= 0.002; not counted for a first model.",
          (text, base) -> Threshold.parse(text));

  public static final ConfKey<Long> ROWS =
      own(
          "gate.rows",
          Values.wholeLong(1),
          Threshold.LEAST_ROWS,
          "The least number of rows of split.test to judge by.");

  public static final ConfKey<List<String>> SLICES =
      optional(
          "gate.slices",
          "SQL expressions, a,b,c",
          "",
          "Columns whose every value is judged by itself, such as origin.",
          (text, base) -> list(text));

  public static final ConfKey<List<Threshold>> SLICE_CHANGE =
      optional(
          "gate.slice.change",
          THRESHOLDS,
          "",
          "How far the loss of each slice may change, such as loss <= 0.05.",
          (text, base) -> Threshold.parse(text));

  public static final ConfKey<Long> SLICE_ROWS =
      own(
          "gate.slice.rows",
          Values.wholeLong(1),
          Threshold.LEAST_SLICE_ROWS,
          "Slices of fewer rows are not judged.");

  public static final ConfKey<String> ASK_TENSORFLOW =
      optional(
          "refresh.ask-tensorflow",
          "program",
          "",
          "A Python, such as python3, whose TensorFlow loads the new version and has to answer as"
              + " predict does before it is published; empty to publish without.",
          Parsers.nameOrPath());

  /** All of them, in the order in which a person reads them. */
  public static final List<ConfKey<?>> KEYS =
      List.of(
          MODEL,
          WHERE,
          COLUMN,
          ACCEPT_USED,
          LABELS,
          ASK_TENSORFLOW,
          VALUE,
          CHANGE,
          ROWS,
          SLICES,
          SLICE_CHANGE,
          SLICE_ROWS);

  private RefreshKeys() {}

  /** Splits at commas outside of parentheses, since an expression may have some. */
  private static List<String> list(String text) {
    return Arrays.stream(text.split(",(?![^(]*\\))", -1))
        .map(String::strip)
        .filter(one -> !one.isEmpty())
        .toList();
  }
}
