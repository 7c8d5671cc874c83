package dev.cairn.jobs.cli;

import dev.cairn.jobs.config.ConfKey;
import dev.cairn.jobs.config.TrainConf;
import dev.cairn.jobs.config.TrainConfLoader;
import dev.cairn.spark.SparkMaster;
import dev.cairn.spark.ml.CairnEstimator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Stream;
import org.apache.spark.SparkConf;
import org.apache.spark.ml.param.Param;
import org.junit.jupiter.api.io.TempDir;

/** Every setting of {@code train}, with values for it, and what a run is made of. */
abstract class SettingsFixture {
  @TempDir private Path temp = Path.of("");

  /** The parts of a run. */
  record Given(TrainConf conf, CairnEstimator<?, ?> estimator, SparkConf spark) {}

  /**
   * A key, two values that are not its default (of flags one is), and where they arrive.
   *
   * @param parameter the estimator's name for it; empty where it has none
   * @param with what else has to be set
   */
  record Case(
      String key,
      Optional<String> parameter,
      String first,
      String second,
      List<String> with,
      Function<Given, String> arrives) {
    @Override
    public String toString() {
      return key;
    }
  }

  private static Case parameter(
      String key, String parameter, String first, String second, String... with) {
    return new Case(
        key,
        Optional.of(parameter),
        first,
        second,
        List.of(with),
        given -> text(given.estimator(), parameter));
  }

  private static Case spark(String key, String first, String second, String plugin) {
    return new Case(
        key, Optional.empty(), first, second, List.of(), given -> given.spark().get(plugin));
  }

  /** The case of a key that only the run itself has. */
  private static Case own(ConfKey<?> key, String first, String second, String... with) {
    return new Case(
        key.name(),
        Optional.empty(),
        first,
        second,
        List.of(with),
        given -> text(given.conf().get(key)));
  }

  static String text(CairnEstimator<?, ?> estimator, String parameter) {
    Param<Object> param = estimator.getParam(parameter);
    return estimator.isDefined(param) ? text(estimator.getOrDefault(param)) : "";
  }

  static String text(Object value) {
    if (value instanceof String[] many) {
      return String.join(",", many);
    }
    if (value instanceof Collection<?> many) {
      return String.join(",", many.stream().map(one -> text(one).replace(',', '*')).toList());
    }
    return value instanceof Double number && number == Math.rint(number)
        ? Long.toString(number.longValue())
        : String.valueOf(value);
  }

  private static String model(Given given) {
    CairnEstimator<?, ?> made = given.estimator();
    return switch (made.getClass().getSimpleName()) {
      case "LinearRegression" -> "linear";
      case "LinearSVC" -> "svm";
      case "FMClassifier" -> "fm";
      case "FMRegressor" -> "fm-regression";
      default -> text(made, "family").equals("multinomial") ? "softmax" : "logistic";
    };
  }

  private static final List<Case> CASES =
      List.of(
          new Case(
              "model", Optional.empty(), "softmax", "linear", List.of(), SettingsFixture::model),
          parameter("model.loss", "loss", "huber", "poisson", "model=linear"),
          parameter("model.epsilon", "epsilon", "2", "3.5", "model=linear", "model.loss=huber"),
          parameter("model.factor-size", "factorSize", "3", "5", "model=fm"),
          parameter("model.init-std", "initStd", "0.5", "0.25", "model=fm-regression"),
          parameter("model.fit-linear", "fitLinear", "false", "true", "model=fm"),
          parameter("model.initial", "initialModel", "file:/a", "file:/b"),
          parameter(
              "model.initial-optimizer-state",
              "initialOptimizerState",
              "true",
              "false",
              "model.initial=file:/a"),
          parameter(
              "model.initial-growth", "initialGrowth", "true", "false", "model.initial=file:/a"),
          parameter("train.epochs", "maxIter", "7", "9"),
          parameter("train.max-steps", "maxSteps", "70", "90"),
          parameter("train.patience", "patience", "3", "4"),
          parameter("train.validation-tol", "validationTol", "0.5", "0.25"),
          parameter("train.tol", "tol", "0.5", "0.25"),
          new Case(
              "train.result",
              Optional.empty(),
              "last",
              "best",
              List.of(),
              given -> given.estimator().getRestoreBestWeights() ? "best" : "last"),
          parameter("train.standardization", "standardization", "false", "true"),
          parameter("train.fit-intercept", "fitIntercept", "false", "true"),
          parameter("train.seed", "seed", "5", "-6"),
          parameter("train.partitions", "partitions", "3", "4"),
          parameter("train.batch-rows", "batchRows", "64", "128"),
          spark("train.max-recoveries", "7", "9", "spark.cairn.recovery.max"),
          spark("train.data-copies", "3", "4", "spark.cairn.data.copies"),
          parameter("optimizer", "optimizer", "sgd", "adam"),
          parameter("optimizer.learning-rate", "learningRate", "0.5", "0.25"),
          parameter(
              "optimizer.schedule",
              "learningRateSchedule",
              "cosine decay_steps=9",
              "cosine decay_steps=8"),
          parameter("optimizer.weight-decay", "weightDecay", "0.5", "0.25"),
          parameter("optimizer.clipvalue", "clipValue", "0.5", "0.25"),
          parameter("optimizer.clipnorm", "clipNorm", "0.5", "0.25"),
          parameter("optimizer.global-clipnorm", "globalClipNorm", "0.5", "0.25"),
          parameter("optimizer.initial-accumulator", "initialAccumulator", "0.5", "0.25"),
          parameter("optimizer.beta", "beta", "0.5", "0.25"),
          parameter("optimizer.momentum", "momentum", "0.5", "0.25"),
          parameter("optimizer.nesterov", "nesterov", "true", "false"),
          parameter("optimizer.rho", "rho", "0.5", "0.25"),
          parameter("optimizer.centered", "centered", "true", "false"),
          parameter("optimizer.beta-1", "beta1", "0.5", "0.25"),
          parameter("optimizer.beta-2", "beta2", "0.5", "0.25"),
          parameter("optimizer.amsgrad", "amsgrad", "true", "false"),
          parameter("optimizer.epsilon", "optimizerEpsilon", "0.5", "0.25"),
          parameter("optimizer.dense-updates", "denseUpdates", "true", "false"),
          parameter("checkpoint.dir", "runDir", "file:/a", "file:/b"),
          parameter("checkpoint.every-steps", "checkpointEverySteps", "7", "9"),
          parameter("checkpoint.keep", "checkpointKeep", "7", "9"),
          parameter("checkpoint.async", "checkpointAsync", "false", "true"),
          spark("checkpoint.in-flight", "skip", "wait", "spark.cairn.save.in-flight"),
          spark("checkpoint.tolerated-failures", "7", "9", "spark.cairn.save.tolerated-failures"),
          parameter("resume", "resume", "false", "true"),
          parameter("resume.from", "resumeFrom", "ckpt-4", "ckpt-5"),
          parameter("resume.accept", "resumeAccept", "data", "train.seed"),
          spark("run.name", "one", "two", "spark.app.name"),
          new Case(
              "executors",
              Optional.empty(),
              "3",
              "4",
              List.of(),
              given -> Integer.toString(SparkMaster.of(given.spark()).executors())));

  /** The keys that are read from the configuration itself, for reading rows or showing progress. */
  private static final List<Case> OWN =
      Stream.of(
              Map.entry("input", List.of("file:/a", "file:/b")),
              Map.entry("input.format", List.of("csv", "libsvm")),
              Map.entry("input.features", List.of("7", "9")),
              Map.entry("label", List.of("a", "b")),
              Map.entry("label.positive", List.of("yes", "no")),
              Map.entry("features.categorical", List.of("a", "b,c")),
              Map.entry("features.numeric", List.of("a", "b,c")),
              Map.entry("features.cross", List.of("a*b", "a*b,b*c*d")),
              Map.entry("features.hash-bits", List.of("10", "12")),
              Map.entry("features.handle-invalid", List.of("skip", "error")),
              Map.entry("split.test", List.of("0.2", "a > 1")),
              Map.entry("split.validation", List.of("0.2", "a > 1")),
              Map.entry("split.seed", List.of("7", "9")),
              Map.entry("train.weight", List.of("a", "b")),
              Map.entry("train.offset", List.of("a", "b")),
              Map.entry("class.weight", List.of("balanced", "none")),
              Map.entry("optimizer.l1", List.of("0.5", "0.25")),
              Map.entry("optimizer.l2", List.of("0.5", "0.25")),
              Map.entry("report.file", List.of("file:/a", "file:/b")),
              Map.entry("report.every-seconds", List.of("7", "9")))
          .map(one -> own(key(one.getKey()), one.getValue().get(0), one.getValue().get(1)))
          .toList();

  /** The keys whose default differs from that of the estimator or the plugin. */
  static final Set<String> OTHER_DEFAULTS =
      Set.of(
          "train.epochs",
          "checkpoint.every-steps",
          "checkpoint.keep",
          "checkpoint.tolerated-failures");

  static Stream<Case> cases() {
    return Stream.concat(CASES.stream(), OWN.stream());
  }

  static Stream<Case> parameters() {
    return CASES.stream().filter(one -> one.parameter().isPresent());
  }

  static ConfKey<?> key(String name) {
    return TrainConf.keys().stream()
        .filter(key -> key.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no key " + name));
  }

  /**
   * A run's parts.
   *
   * @param told what Spark was told
   * @param file lines of the run's file
   * @param words of the command line
   */
  Given given(Map<String, String> told, List<String> file, List<String> words) throws IOException {
    List<String> lines = new ArrayList<>(List.of("input=x", "checkpoint.dir=y"));
    lines.addAll(file);
    Map<String, String> last = new TreeMap<>(); // a file says a thing once
    lines.forEach(
        line -> last.put(line.substring(0, line.indexOf('=')), line.substring(line.indexOf('='))));
    Path path =
        Files.write(
            temp.resolve("run.properties"),
            last.entrySet().stream().map(one -> one.getKey() + one.getValue()).toList());
    TrainConf conf = TrainConfLoader.load(path, words);
    SparkConf submitted = new SparkConf(false);
    told.forEach(submitted::set);
    return new Given(
        conf, EstimatorSetup.of(conf, SparkSettings.UTC), SparkSettings.of(conf, submitted));
  }
}
