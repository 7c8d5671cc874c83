package dev.cairn.jobs.config;

import static dev.cairn.jobs.config.ConfKey.optional;

import java.util.List;
import java.util.Map;

/**
 * The keys that say which model is trained, what labels are for it, and which parameters it begins
 * with.
 */
public final class ModelKeys {
  private static final String LINEAR = "linear";
  private static final String SVM = "svm";
  private static final String POISSON = "poisson";
  private static final List<String> MACHINES = List.of("fm", "fm-regression");

  /** What the labels of a model are. */
  public enum Labels {
    /** Two of them. */
    BINARY("0 or 1"),
    /** Numbers of classes. */
    CLASSES("the number of a class: 0, 1, 2, ..."),
    /** Any number. */
    NUMBERS("a finite number"),
    /** How often something happened. */
    COUNTS("a number of 0 or more");

    private final String expected;

    Labels(String expected) {
      this.expected = expected;
    }

    /** What a message says is expected. */
    public String expected() {
      return expected;
    }
  }

  public static final ConfKey<String> MODEL =
      optional(
          "model",
          "logistic, softmax, linear, svm, fm or fm-regression",
          "logistic",
          "What is trained: logistic regression of two classes or (softmax) of more, linear"
              + " regression, a linear support vector machine, a factorization machine of two"
              + " classes (fm) or of numbers.",
          Parsers.oneOf("logistic", "softmax", LINEAR, SVM, "fm", "fm-regression"));

  public static final ConfKey<String> LOSS =
      optional(
          "model.loss",
          "squaredError, huber or poisson; hinge or squaredHinge",
          "",
          "What linear (squaredError if empty) or svm (hinge if empty) minimises.",
          Parsers.oneOf("", "squaredError", "huber", POISSON, "hinge", "squaredHinge"));

  public static final ConfKey<Double> EPSILON =
      optional(
          "model.epsilon",
          "number",
          "1.35",
          "linear with huber: the largest error that is squared, in units of labels.",
          Parsers.number(0, false));

  public static final ConfKey<Integer> FACTOR_SIZE =
      optional(
          "model.factor-size",
          "integer",
          "8",
          "fm and fm-regression: how many factors a feature has.",
          Parsers.integer(1, 1 << 16));

  public static final ConfKey<Double> INIT_STD =
      optional(
          "model.init-std",
          "number",
          "0.01",
          "fm and fm-regression: the standard deviation of factors before training.",
          Parsers.number(0, false));

  public static final ConfKey<Boolean> FIT_LINEAR =
      optional(
          "model.fit-linear",
          "true or false",
          "true",
          "fm and fm-regression: whether features have a weight beside their factors.",
          Parsers.bool());

  public static final ConfKey<String> INITIAL =
      optional(
          "model.initial",
          "path",
          "",
          "Begin with this model's parameters: the folder of a run, whose result is meant, or a"
              + " checkpoint; of the same kind and shape. Empty for a start from nothing.",
          Parsers.optionalPath());

  public static final ConfKey<Boolean> INITIAL_OPTIMIZER_STATE =
      optional(
          "model.initial-optimizer-state",
          "true or false",
          "false",
          "Whether the optimizer of model.initial goes on, too, and with it the count of steps.",
          Parsers.bool());

  /** Losses by the model that has them. */
  private static final Map<String, List<String>> LOSSES =
      Map.of(
          LINEAR, List.of("squaredError", "huber", POISSON), SVM, List.of("hinge", "squaredHinge"));

  private ModelKeys() {}

  /** What labels are for the model. */
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
   * Checks that what is set belongs to the model.
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
    if (initial.isEmpty() && conf.get(INITIAL_OPTIMIZER_STATE)) {
      throw refused(
          conf, INITIAL_OPTIMIZER_STATE, "a model.initial, whose optimizer goes on", "none");
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
