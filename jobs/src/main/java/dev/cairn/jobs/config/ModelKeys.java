package dev.cairn.jobs.config;

import static dev.cairn.jobs.config.ConfKey.optional;
import static dev.cairn.jobs.config.ConfKey.own;

import dev.cairn.spark.settings.ModelSettings;
import dev.cairn.spark.settings.SavingSettings;
import dev.cairn.spark.settings.Values;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The keys of the model that is trained, of its labels, and of its first parameters. */
public final class ModelKeys {
  private static final String LINEAR = "linear";
  private static final String SVM = "svm";
  private static final String POISSON = "poisson";
  private static final List<String> MACHINES = List.of("fm", "fm-regression");

  /** The kinds of labels that models have. */
  public enum Labels {
    /** Labels of two classes. */
    BINARY("0 or 1"),
    /** Numbers of classes. */
    CLASSES("the number of a class: 0, 1, 2, ..."),
    /** Any number. */
    NUMBERS("a finite number"),
    /** Counts of events. */
    COUNTS("a number of 0 or more");

    private final String expected;

    Labels(String expected) {
      this.expected = expected;
    }

    /** A description of the expected labels, for messages. */
    public String expected() {
      return expected;
    }
  }

  public static final ConfKey<String> MODEL =
      own(
          "model",
          Values.oneOf(List.of("logistic", "softmax", LINEAR, SVM, "fm", "fm-regression")),
          "logistic",
          "What is trained: logistic regression of two classes or (softmax) of more, linear"
              + " regression, a linear support vector machine, a factorization machine of two"
              + " classes (fm) or of numbers.");

  public static final ConfKey<String> LOSS =
      optional(
          "model.loss",
          ModelSettings.REGRESSION_LOSS.values().expected()
              + "; "
              + ModelSettings.SVC_LOSS.values().expected(),
          "",
          Text.format(
              "What linear (%s if empty) or svm (%s if empty) minimises.",
              ModelSettings.REGRESSION_LOSS.defaultText(), ModelSettings.SVC_LOSS.defaultText()),
          Parsers.optionalWord(losses()));

  public static final ConfKey<Double> EPSILON = ConfKey.of("model.epsilon", ModelSettings.EPSILON);

  public static final ConfKey<Integer> FACTOR_SIZE =
      ConfKey.of("model.factor-size", ModelSettings.FACTOR_SIZE);

  public static final ConfKey<Double> INIT_STD =
      ConfKey.of("model.init-std", ModelSettings.INIT_STD);

  public static final ConfKey<Boolean> FIT_LINEAR =
      ConfKey.of("model.fit-linear", ModelSettings.FIT_LINEAR);

  public static final ConfKey<String> INITIAL =
      ConfKey.of("model.initial", "path", SavingSettings.INITIAL_MODEL, Parsers.optionalPath());

  public static final ConfKey<Boolean> INITIAL_OPTIMIZER_STATE =
      ConfKey.of("model.initial-optimizer-state", SavingSettings.INITIAL_OPTIMIZER_STATE);

  public static final ConfKey<Boolean> INITIAL_GROWTH =
      ConfKey.of("model.initial-growth", SavingSettings.INITIAL_GROWTH);

  /** The losses of each model. */
  private static final Map<String, List<String>> LOSSES =
      Map.of(LINEAR, ModelSettings.REGRESSION_LOSSES, SVM, ModelSettings.SVC_LOSSES);

  private ModelKeys() {}

  private static List<String> losses() {
    return Stream.of(ModelSettings.REGRESSION_LOSSES, ModelSettings.SVC_LOSSES)
        .flatMap(List::stream)
        .toList();
  }

  /** The kind of labels that the model has. */
  public static Labels labels(TrainConf conf) {
    return switch (conf.get(MODEL)) {
      case "softmax" -> Labels.CLASSES;
      case LINEAR -> conf.get(LOSS).equals(POISSON) ? Labels.COUNTS : Labels.NUMBERS;
      case "fm-regression" -> Labels.NUMBERS;
      default -> Labels.BINARY;
    };
  }

  /** Whether labels are two classes. */
  public static boolean binary(TrainConf conf) {
    return labels(conf) == Labels.BINARY;
  }

  /**
   * Checks that all keys that are set belong to the model.
   *
   * @throws JobException naming the key that does not
   */
  static void check(TrainConf conf) {
    String model = conf.get(MODEL);
    String loss = conf.get(LOSS);
    List<String> losses = LOSSES.getOrDefault(model, List.of());
    if (!loss.isEmpty() && !losses.contains(loss)) {
      throw refused(
          conf,
          LOSS,
          losses.isEmpty()
              ? "no loss for model=" + model
              : String.join(" or ", losses) + " for model=" + model,
          loss);
    }
    if (!loss.equals("huber")) {
      refuseSet(conf, EPSILON, "model=linear with model.loss=huber");
    }
    if (!MACHINES.contains(model)) {
      for (ConfKey<?> key : List.of(FACTOR_SIZE, INIT_STD, FIT_LINEAR)) {
        refuseSet(conf, key, "model=fm or model=fm-regression");
      }
    }
    if (labels(conf) == Labels.CLASSES && !conf.get(RowKeys.OFFSET).isEmpty()) {
      throw refused(conf, RowKeys.OFFSET, "a model with one margin a row", "model=" + model);
    }
    checkInitial(conf);
    if (labels(conf) != Labels.BINARY) {
      String binary = "a model of two classes";
      if (!conf.get(TrainConf.LABEL_POSITIVE).isEmpty()) {
        throw refused(conf, TrainConf.LABEL_POSITIVE, binary, "model=" + model);
      }
      if (!conf.get(RowKeys.CLASS_WEIGHT).equals("none")) {
        throw refused(conf, RowKeys.CLASS_WEIGHT, binary, "model=" + model);
      }
    }
  }

  private static void checkInitial(TrainConf conf) {
    String initial = conf.get(INITIAL);
    boolean refresh = conf.isSet(RefreshKeys.MODEL); // which has a model to begin with
    if (initial.isEmpty() && !refresh && conf.get(INITIAL_OPTIMIZER_STATE)) {
      throw refused(
          conf, INITIAL_OPTIMIZER_STATE, "a model.initial, whose optimizer goes on", "none");
    }
    if (initial.isEmpty() && !refresh && conf.get(INITIAL_GROWTH)) {
      throw refused(conf, INITIAL_GROWTH, "a model.initial, whose features grow", "none");
    }
    if (!initial.isEmpty() && initial.equals(conf.get(TrainConf.CHECKPOINT_DIR))) {
      throw refused(
          conf, INITIAL, "another folder than checkpoint.dir, which a run goes on from", initial);
    }
  }

  private static void refuseSet(TrainConf conf, ConfKey<?> key, String expected) {
    if (conf.isSet(key)) {
      throw refused(conf, key, expected, "model=" + conf.get(MODEL));
    }
  }

  private static JobException refused(
      TrainConf conf, ConfKey<?> key, String expected, String found) {
    return new JobException(
        Text.format(
            "Cannot use %s: expected %s, found %s %s",
            key.name(), expected, found, conf.where(key)));
  }
}
