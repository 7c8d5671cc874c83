package dev.cairn.jobs.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.jobs.config.ConfKey;
import dev.cairn.jobs.config.JobException;
import dev.cairn.jobs.config.ModelKeys;
import dev.cairn.jobs.config.TrainConf;
import dev.cairn.jobs.config.TrainConfLoader;
import dev.cairn.spark.CairnConf;
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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every setting of {@code train}: who wins, down to what the estimator or Spark is given; and that
 * a key of a setting that an estimator has, too, is that setting.
 */
final class SettingsTest {
  @TempDir private Path temp = Path.of("");

  /** The parts of a run. */
  private record Given(TrainConf conf, CairnEstimator<?, ?> estimator, SparkConf spark) {}

  /**
   * A key, two values that are not its default (of flags one is), and where they arrive.
   *
   * @param parameter the estimator's name for it; empty where it has none
   * @param with what else has to be set
   */
  private record Case(
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

  private static String text(CairnEstimator<?, ?> estimator, String parameter) {
    Param<Object> param = estimator.getParam(parameter);
    return estimator.isDefined(param) ? text(estimator.getOrDefault(param)) : "";
  }

  private static String text(Object value) {
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
          new Case("model", Optional.empty(), "softmax", "linear", List.of(), SettingsTest::model),
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
  private static final Set<String> OTHER_DEFAULTS =
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

  static List<CairnConf.Key<?>> pluginKeys() {
    return CairnConf.KEYS;
  }

  private static ConfKey<?> key(String name) {
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
  private Given given(Map<String, String> told, List<String> file, List<String> words)
      throws IOException {
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

  private String arrived(Case one, Map<String, String> told, List<String> file, String... words)
      throws IOException {
    List<String> all = new ArrayList<>(one.with());
    all.addAll(file);
    return one.arrives().apply(given(told, all, List.of(words)));
  }

  @Test
  void everyKeyOfTrainIsHere() {
    assertEquals(
        TrainConf.keys().stream().map(ConfKey::name).sorted().toList(),
        cases().map(Case::key).sorted().toList(),
        "add a case for a new key");
  }

  /** The command line wins over the file, the file over the default. */
  @ParameterizedTest
  @MethodSource("cases")
  void theCommandLineWinsOverTheFile(Case one) throws IOException {
    String first = one.key() + "=" + one.first();
    String second = one.key() + "=" + one.second();
    String unset = arrived(one, Map.of(), List.of());
    assertNotEquals(one.first(), unset);
    assertEquals(one.first(), arrived(one, Map.of(), List.of(first)));
    assertEquals(one.second(), arrived(one, Map.of(), List.of(second)));
    assertEquals(one.first(), arrived(one, Map.of(), List.of(second), first));
    assertEquals(one.second(), arrived(one, Map.of(), List.of(first), second));
    Optional<String> otherwise = key(one.key()).defaultText();
    if (otherwise.isPresent() && !otherwise.get().isEmpty() && !one.key().equals("run.name")) {
      assertEquals(otherwise.get(), unset, "its default");
    }
  }

  /** Values of the plugin's settings, whatever their type: the first two that one can have. */
  private static final List<List<String>> PLUGIN_VALUES =
      List.of(
          List.of("71s", "93s"),
          List.of("skip", "wait"),
          List.of("true", "false"),
          List.of("false", "true"),
          List.of("7", "9"),
          List.of("70m", "90m"));

  private static <T> boolean has(CairnConf.Key<T> key, List<String> values) {
    try {
      values.forEach(value -> key.setting().values().parse(value));
      return !key.setting().defaultText().equals(values.get(0));
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  /** The command line, the file, what Spark was told, the default: for each key of the plugin. */
  @ParameterizedTest
  @MethodSource("pluginKeys")
  <T> void thePluginsKeysHaveTheSameOrder(CairnConf.Key<T> key) throws IOException {
    List<String> values =
        PLUGIN_VALUES.stream().filter(two -> has(key, two)).findFirst().orElseThrow();
    String name = key.key();
    T first = key.setting().values().parse(values.get(0));
    T second = key.setting().values().parse(values.get(1));
    String set = name + "=" + values.get(0);
    String other = name + "=" + values.get(1);
    Map<String, String> told = Map.of(name, values.get(1));
    assertEquals(second, key.get(given(told, List.of(), List.of()).spark()), "Spark was told");
    assertEquals(first, key.get(given(told, List.of(set), List.of()).spark()), "the file says");
    assertEquals(first, key.get(given(told, List.of(), List.of(set)).spark()), "command line");
    assertEquals(first, key.get(given(told, List.of(other), List.of(set)).spark()), "both say");
    Optional<ConfKey<?>> own = own(name);
    T unset = key.get(given(Map.of(), List.of(), List.of()).spark());
    assertEquals(
        own.isPresent()
            ? key.setting().values().parse(own.get().defaultText().orElseThrow())
            : key.get(new SparkConf(false)),
        unset,
        "its default");
    if (own.isPresent()) {
      anotherNameOfIt(key, own.get().name(), values);
    }
  }

  private static Optional<ConfKey<?>> own(String plugin) {
    return TrainConf.keys().stream()
        .filter(key -> key.plugin().equals(Optional.of(plugin)))
        .findFirst();
  }

  /** Whichever name it is given by. */
  private <T> void anotherNameOfIt(CairnConf.Key<T> key, String own, List<String> values)
      throws IOException {
    T first = key.setting().values().parse(values.get(0));
    Map<String, String> told = Map.of(key.key(), values.get(1));
    String set = "=" + values.get(0);
    String other = "=" + values.get(1);
    String plugin = key.key();
    assertEquals(first, key.get(given(told, List.of(own + set), List.of()).spark()));
    assertEquals(first, key.get(given(told, List.of(own + other), List.of(own + set)).spark()));
    assertEquals(first, key.get(given(told, List.of(plugin + other), List.of(own + set)).spark()));
    assertEquals(first, key.get(given(told, List.of(own + other), List.of(plugin + set)).spark()));
    assertEquals(
        first,
        key.get(given(told, List.of(), List.of(own + set, plugin + set)).spark()),
        "the same");
    JobException twice =
        assertThrows(
            JobException.class,
            () -> given(told, List.of(), List.of(own + set, plugin + other)).spark());
    assertTrue(twice.getMessage().contains("they are one setting"), twice.getMessage());
  }

  @Test
  void sparksOwnKeysHaveTheSameOrder() throws IOException {
    String key = "spark.executor.memory";
    Map<String, String> told = Map.of(key, "3g");
    assertEquals("1g", given(Map.of(), List.of(), List.of()).spark().get(key));
    assertEquals("3g", given(told, List.of(), List.of()).spark().get(key));
    assertEquals("4g", given(told, List.of(key + "=4g"), List.of()).spark().get(key));
    assertEquals("5g", given(told, List.of(key + "=4g"), List.of(key + "=5g")).spark().get(key));
  }

  /** Names that the user chooses. */
  @Test
  void familiesHaveTheSameOrder() throws IOException {
    List<String> file = List.of("features.derive.a=1", "input.option.sep=|", "optimizer.for.b=sgd");
    Given given =
        given(Map.of(), file, file.stream().map(line -> line.replaceFirst("=.*", "=2")).toList());
    assertEquals("2", given.conf().derived().get("a"));
    assertEquals("2", given.conf().inputOptions().get("sep"));
    assertEquals("b: 2", text(given.estimator(), "optimizerFor"));
    assertEquals(4, TrainConf.families().size(), "add one to this test");
  }

  /** The sentence and the default of a key are those of the parameter that it sets. */
  @ParameterizedTest
  @MethodSource("parameters")
  void aKeyIsTheParameterThatItSets(Case one) throws IOException {
    ConfKey<?> key = key(one.key());
    CairnEstimator<?, ?> made = EstimatorSetup.bare(given(Map.of(), one.with(), List.of()).conf());
    Param<Object> param = made.getParam(one.parameter().orElseThrow());
    if (!one.key().equals(ModelKeys.LOSS.name())) { // one for two estimators
      assertEquals(one.parameter(), key.setting());
      assertEquals(key.sentence(), param.doc());
      assertTrue(made.explainParam(param).contains(key.sentence()));
    }
    String theirs = made.hasDefault(param) ? text(made.getDefault(param).get()) : "";
    boolean other = OTHER_DEFAULTS.contains(one.key()) || one.key().equals(ModelKeys.LOSS.name());
    assertEquals(other, !theirs.equals(key.defaultText().orElse("")), "the default");
  }

  /** A value that the parameter refuses the key refuses, too, in the same words. */
  @ParameterizedTest
  @MethodSource("parameters")
  void aKeyRefusesWhatTheParameterDoes(Case one) throws IOException {
    CairnEstimator<?, ?> made = EstimatorSetup.bare(given(Map.of(), one.with(), List.of()).conf());
    Param<Object> param = made.getParam(one.parameter().orElseThrow());
    Object like = value(param, one.first());
    for (Object bad : bad(like)) {
      Optional<String> refused = refusal(() -> made.set(param, bad));
      Optional<String> key =
          refusal(() -> given(Map.of(), one.with(), List.of(one.key() + "=" + bad)));
      assertEquals(refused.isPresent(), key.isPresent(), one.key() + "=" + bad + ": " + key);
      if (refused.isPresent()) {
        String expected = ": expected " + key(one.key()).type() + ", found ";
        boolean loss = one.key().equals(ModelKeys.LOSS.name());
        assertTrue(loss || refused.get().contains(expected), refused.get());
        assertTrue(loss || key.orElseThrow().contains(expected), key.orElseThrow());
      }
    }
  }

  private static Object value(Param<Object> param, String text) {
    return switch (param.getClass().getSimpleName()) {
      case "IntParam" -> Integer.valueOf(text);
      case "LongParam" -> Long.valueOf(text);
      case "DoubleParam" -> Double.valueOf(text);
      case "BooleanParam" -> Boolean.valueOf(text);
      default -> text;
    };
  }

  /** Values of the same type of which some are refused. */
  private static List<Object> bad(Object like) {
    if (like instanceof Integer) {
      return List.of(-1, 0, 1, 16, 65_536, 65_537, 100_000, 100_001);
    }
    if (like instanceof Long) {
      return List.of(-1L, 0L, 1L);
    }
    return like instanceof Double
        ? List.of(-0.5, 0.0, 1e-300, 0.5, 1.0, 2.0, 1e39, Double.NaN, Double.POSITIVE_INFINITY)
        : List.of();
  }

  private interface Act {
    Object run() throws Exception;
  }

  private static Optional<String> refusal(Act act) {
    try {
      act.run();
      return Optional.empty();
    } catch (Exception e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  @Test
  void defaultsThatDifferAreThoseThatShould() {
    for (String name : OTHER_DEFAULTS) {
      assertFalse(key(name).defaultText().orElseThrow().isEmpty());
    }
    for (ConfKey<?> key : TrainConf.keys()) {
      key.plugin()
          .ifPresent(
              plugin -> {
                CairnConf.Key<?> theirs =
                    CairnConf.KEYS.stream()
                        .filter(one -> one.key().equals(plugin))
                        .findFirst()
                        .orElseThrow();
                assertEquals(theirs.setting().sentence(), key.sentence());
                assertEquals(theirs.setting().values().expected(), key.type());
                assertEquals(
                    OTHER_DEFAULTS.contains(key.name()),
                    !theirs.setting().defaultText().equals(key.defaultText().orElse("")));
              });
    }
  }
}
