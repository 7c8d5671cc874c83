package dev.cairn.jobs.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.jobs.config.JobException;
import dev.cairn.jobs.config.ModelKeys;
import dev.cairn.jobs.config.OptimizerKeys;
import dev.cairn.jobs.config.TrainConf;
import dev.cairn.jobs.config.TrainConfLoader;
import dev.cairn.spark.ml.LogisticRegression;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The optimizer's keys reach the estimator, and what does not fit is refused before Spark starts.
 */
class OptimizerSetupTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

  private static TrainConf conf(String... words) {
    List<String> all = new ArrayList<>(List.of("input=x", "checkpoint.dir=y"));
    all.addAll(List.of(words));
    return TrainConfLoader.of(all);
  }

  private static LogisticRegression estimator(String... words) {
    return OptimizerSetup.set(conf(words), new LogisticRegression());
  }

  @Test
  void keysReachTheEstimator() {
    LogisticRegression sgd =
        estimator(
            "optimizer=sgd",
            "optimizer.learning-rate=0.5",
            "optimizer.momentum=0.9",
            "optimizer.nesterov=true",
            "optimizer.clipvalue=7",
            "optimizer.weight-decay=0.25",
            "optimizer.dense-updates=true",
            "optimizer.schedule=inverse-time decay_steps=10 decay_rate=0.5");
    assertEquals("sgd", sgd.getOptimizer());
    assertEquals(0.5, sgd.getLearningRate());
    assertEquals(0.9, sgd.getMomentum());
    assertTrue(sgd.getNesterov());
    assertEquals(7, sgd.getClipValue());
    assertEquals(0.25, sgd.getWeightDecay());
    assertTrue(sgd.getDenseUpdates());
    assertEquals("inverse-time decay_steps=10 decay_rate=0.5", sgd.getLearningRateSchedule());
    OptimizerSetup.check(conf("optimizer=sgd", "optimizer.momentum=0.9"));

    LogisticRegression adam =
        estimator(
            "optimizer=adam",
            "optimizer.beta-1=0.8",
            "optimizer.beta-2=0.9",
            "optimizer.epsilon=0.001",
            "optimizer.amsgrad=true");
    assertEquals(0.8, adam.getBeta1());
    assertEquals(0.9, adam.getBeta2());
    assertEquals(0.001, adam.getOptimizerEpsilon());
    assertTrue(adam.getAmsgrad());
    LogisticRegression rmsprop =
        estimator("optimizer=rmsprop", "optimizer.rho=0.7", "optimizer.centered=true");
    assertEquals(0.7, rmsprop.getRho());
    assertTrue(rmsprop.getCentered());
    LogisticRegression ftrl =
        estimator("optimizer=ftrl", "optimizer.beta=2", "optimizer.initial-accumulator=3");
    assertEquals(2, ftrl.getBeta());
    assertEquals(3, ftrl.getInitialAccumulator());
    assertEquals(5, estimator("optimizer.clipnorm=5").getClipNorm());
    assertEquals(6, estimator("optimizer.global-clipnorm=6").getGlobalClipNorm());
  }

  /** Settings that are not set have the optimizer's own defaults, which getters return. */
  @ParameterizedTest
  @CsvSource({
    "adagrad, 0.1, 0.1, 0, 0, 0",
    "ftrl, 0.1, 0.1, 1, 0, 0",
    "sgd, 0.0001, 0, 0, 0, 0",
    "rmsprop, 0.001, 0, 0, 1e-7, 0",
    "adam, 0.001, 0, 0, 1e-7, 0",
    "adamw, 0.001, 0, 0, 1e-7, 0.004"
  })
  void defaults(
      String name, double rate, double initial, double beta, double epsilon, double decay) {
    LogisticRegression found = estimator("optimizer=" + name);
    assertEquals(rate, found.getLearningRate());
    assertEquals(initial, found.getInitialAccumulator());
    assertEquals(beta, found.getBeta());
    assertEquals(epsilon, found.getOptimizerEpsilon());
    assertEquals(decay, found.getWeightDecay());
    OptimizerSetup.check(conf("optimizer=" + name));
  }

  static Stream<Path> examples() throws IOException {
    try (Stream<Path> files = Files.list(ROOT.resolve("conf/examples"))) {
      return files.sorted().toList().stream();
    }
  }

  @ParameterizedTest
  @MethodSource("examples")
  void examplesAreAsTheyShouldBe(Path file) {
    TrainConf conf = TrainConfLoader.load(file, List.of());
    OptimizerSetup.check(conf);
    String named = conf.get(OptimizerKeys.OPTIMIZER) + ".properties";
    boolean logistic = conf.get(ModelKeys.MODEL).equals("logistic"); // else the model names it
    assertEquals(logistic, file.endsWith(named), "its name");
    assertTrue(Files.exists(Path.of(URI.create(conf.get(TrainConf.INPUT)))), "its input");
    Path run = Path.of(URI.create(conf.get(TrainConf.CHECKPOINT_DIR)));
    assertTrue(run.startsWith(ROOT.resolve("runs")), "where git does not look: " + run);
  }

  /** An optimizer of one variable, and settings of one, in whatever order they come. */
  @Test
  void choicesForVariablesReachTheEstimator() {
    LogisticRegression both =
        estimator(
            "optimizer.for.weights.l2=0.5",
            "optimizer.for.bias.schedule=cosine decay_steps=9",
            "optimizer.for.bias.initial-accumulator=0.2",
            "optimizer.for.bias=adagrad");
    assertEquals(
        List.of(
            "bias: adagrad; initial-accumulator=0.2; schedule=cosine decay_steps=9",
            "weights: l2=0.5"),
        List.of(both.getOptimizerFor()));
    both.checkOptimizer();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "optimizer.for.bias=lamb | found lamb (for bias) (optimizer.for.bias, command line)",
        "optimizer.for.bias.rho=1 | found rho (for bias) (optimizer.for.bias.rho, command line)",
        "optimizer.for.bias.l1=x | Cannot set the optimizer of bias: expected a number, true or"
            + " false after =, found l1=x (optimizer.for.bias.l1, command line)",
        "optimizer.for.bias.l1=-1 | l1 is out of range",
        "optimizer.for.bias= | expected setting=value, found nothing",
        "optimizer.for.=adam | Unknown key optimizer.for.",
      })
  void choicesThatAreNoneAreRefused(String word, String part) {
    JobException e = assertThrows(JobException.class, () -> OptimizerSetup.check(conf(word)));
    assertTrue(String.valueOf(e.getMessage()).contains(part), e.getMessage());
  }

  @Test
  void oneLimitAtMost() {
    TrainConf both = conf("optimizer.clipnorm=5", "optimizer.global-clipnorm=6");
    JobException e = assertThrows(JobException.class, () -> OptimizerSetup.check(both));
    assertEquals(
        "Cannot create optimizer adagrad: expected at most one of clipvalue, clipnorm,"
            + " global_clipnorm, found clipnorm and global_clipnorm "
            + both.where(OptimizerKeys.OPTIMIZER),
        e.getMessage());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "optimizer=lamb  | optimizer.l1=0 | unknown name, expected one of adagrad, adam, adamw,"
            + " ftrl, rmsprop, sgd, found lamb (optimizer, command line)",
        "optimizer=none  | optimizer.l1=0 | unknown name, expected one of adagrad, adam",
        "optimizer=sgd   | optimizer.beta-1=0.5 | unknown hyperparameter, expected one of clipnorm",
        "optimizer=adam  | optimizer.clipnorm=0 | optimizer.clipnorm",
        "optimizer=sgd   | optimizer.nesterov=true | momentum is out of range",
        "optimizer=adagrad | optimizer.beta=2 | found beta (optimizer, command line)",
        "optimizer=adagrad | optimizer.initial-accumulator=0 | initial_accumulator_value is out",
        "optimizer=adam  | optimizer.schedule=cosine | decay_steps, expected a whole number, 1 or"
            + " more, found none (optimizer.schedule, command line)",
        "optimizer=ftrl  | optimizer.schedule=cosine decay_steps=9 | expected no schedule, found",
        "optimizer=ftrl  | optimizer.weight-decay=0.1 | found weight_decay",
        "optimizer=adamw | optimizer.epsilon=0 | epsilon is out of range, expected a finite number",
      })
  void refusals(String name, String word, String part) {
    JobException e = assertThrows(JobException.class, () -> OptimizerSetup.check(conf(name, word)));
    String message = String.valueOf(e.getMessage());
    assertTrue(message.startsWith("Cannot ") && message.contains(part), message);
  }
}
