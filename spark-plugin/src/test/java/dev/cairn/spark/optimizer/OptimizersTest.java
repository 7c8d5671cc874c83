package dev.cairn.spark.optimizer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.cairn.checkpoint.model.OptimizerSpec;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Adagrad and FTRL with L1 and L2 against two independent calculations: the formulas of their
 * papers written out below in double, and numbers that TensorFlow computed; and what optimizers
 * refuse and record. KerasTraceTest has all of them against Keras, OptimizerPropertiesTest what
 * holds for all.
 *
 * <p>The recorded numbers are from TensorFlow 2.21.0 (CPU, Python 3.11), six gradients one after
 * the other on one weight, which was 0, by this script; each line is weight, accumulator (and
 * linear) after a step:
 *
 * <pre>
 * import tensorflow as tf
 * grads = [0.5, -1.25, 0.0, 3.0, -0.001, 0.75]
 * def adagrad(l1, l2):
 *     w = tf.Variable([0.0]); a = tf.Variable([0.1])
 *     for g in grads:
 *         tf.raw_ops.ResourceSparseApplyProximalAdagrad(var=w.handle, accum=a.handle,
 *             lr=0.1, l1=l1, l2=l2, grad=[g], indices=[0])
 *         print(float(w.numpy()[0]), float(a.numpy()[0]))
 * def ftrl(beta, initial, l1, l2):
 *     w = tf.Variable([0.0]); n = tf.Variable([initial]); z = tf.Variable([0.0])
 *     for g in grads:
 *         tf.raw_ops.ResourceApplyFtrl(var=w.handle, accum=n.handle, linear=z.handle,
 *             grad=[g], lr=0.1, l1=l1, l2=l2 / 2 + beta / (2 * 0.1), lr_power=-0.5)
 *         print(float(w.numpy()[0]), float(n.numpy()[0]), float(z.numpy()[0]))
 * adagrad(0.0, 0.0); adagrad(0.05, 0.2); ftrl(1.0, 0.0, 0.0, 0.0); ftrl(0.5, 0.1, 0.3, 0.7)
 * </pre>
 */
class OptimizersTest {
  private static final double[] GRADIENTS = {0.5, -1.25, 0.0, 3.0, -0.001, 0.75};

  private static final double[][] ADAGRAD_PLAIN = {
    {-0.08451542258262634, 0.3499999940395355},
    {0.005872264504432678, 1.912500023841858},
    {0.005872264504432678, 1.912500023841858},
    {-0.08494305610656738, 10.912500381469727},
    {-0.08491278439760208, 10.912501335144043},
    {-0.10705315321683884, 11.475001335144043},
  };
  private static final double[][] ADAGRAD_L1_L2 = {
    {-0.07357653975486755, 0.3499999940395355},
    {0.01300752442330122, 1.912500023841858},
    {0.009258124977350235, 1.912500023841858},
    {-0.07956191897392273, 10.912500381469727},
    {-0.0775485560297966, 10.912501335144043},
    {-0.09763643890619278, 11.475001335144043},
  };
  private static final double[][] FTRL_PLAIN = {
    {-0.03333333507180214, 0.25, 0.5},
    {0.019942235201597214, 1.8125, -0.46790289878845215},
    {0.019942235201597214, 1.8125, -0.46790289878845215},
    {-0.05001658946275711, 10.8125, 2.144829750061035},
    {-0.04999327287077904, 10.812500953674316, 2.143829822540283},
    {-0.0671452060341835, 11.375000953674316, 2.9360480308532715},
  };
  private static final double[][] FTRL_L1_L2 = {
    {-0.01721751131117344, 0.3499999940395355, 0.5},
    {0.01606578379869461, 1.912500023841858, -0.6137537956237793},
    {0.01606578379869461, 1.912500023841858, -0.6137537956237793},
    {-0.04589517042040825, 10.912500381469727, 2.077706813812256},
    {-0.04586935415863991, 10.912501335144043, 2.076706886291504},
    {-0.06482081860303879, 11.475001335144043, 2.865269184112549},
  };

  @Test
  void agreesWithTensorFlow() {
    check(ADAGRAD_PLAIN, "adagrad", Map.of());
    check(ADAGRAD_L1_L2, "adagrad", Map.of("l1", 0.05, "l2", 0.2));
    check(FTRL_PLAIN, "ftrl", Map.of("initial_accumulator_value", 0.0));
    check(
        FTRL_L1_L2,
        "ftrl",
        Map.of("beta", 0.5, "initial_accumulator_value", 0.1, "l1", 0.3, "l2", 0.7));
  }

  private static void check(double[][] recorded, String name, Map<String, Double> parameters) {
    Optimizer optimizer = Optimizers.of(name, new TreeMap<>(parameters));
    float[] value = new float[1];
    float[][] slots = initialSlots(optimizer, 1);
    for (int step = 0; step < GRADIENTS.length; step++) {
      optimizer
          .at(step, true)
          .apply(value, slots, new int[] {0}, 1, new double[] {GRADIENTS[step]});
      double[] wanted = recorded[step];
      // TensorFlow computes in float throughout; we round once a step.
      assertEquals(wanted[0], value[0], 1e-6 * Math.abs(wanted[0]) + 1e-8, name + " " + step);
      for (int s = 0; s < slots.length; s++) {
        assertEquals(wanted[1 + s], slots[s][0], 3e-7 * Math.abs(wanted[1 + s]), name + " " + step);
      }
    }
  }

  /** The papers' formulas in double, state never rounded, over 200 random steps of 5 numbers. */
  @ParameterizedTest
  @CsvSource({"0, 0", "0.01, 0", "0, 0.3", "0.02, 0.1"})
  void agreesWithThePapers(double l1, double l2) {
    Optimizer adagrad = Optimizers.of("adagrad", new TreeMap<>(Map.of("l1", l1, "l2", l2)));
    Map<String, Double> fromNothing = Map.of("l1", l1, "l2", l2, "initial_accumulator_value", 0.0);
    Optimizer ftrl = Optimizers.of("ftrl", new TreeMap<>(fromNothing));
    int width = 5;
    float[] a = new float[width];
    float[] f = new float[width];
    float[][] aSlots = initialSlots(adagrad, width);
    float[][] fSlots = initialSlots(ftrl, width);
    double[] wantedA = new double[width];
    double[] wantedF = new double[width];
    double[] nA = {0.1f, 0.1f, 0.1f, 0.1f, 0.1f};
    double[] nF = new double[width];
    double[] zF = new double[width];
    SplittableRandom random = new SplittableRandom(5);
    int[] places = IntStream.range(0, width).toArray();
    for (int step = 0; step < 200; step++) {
      double[] g = random.doubles(width, -1, 1).toArray();
      adagrad.at(step, true).apply(a, aSlots, places, width, g);
      ftrl.at(step, true).apply(f, fSlots, places, width, g);
      for (int i = 0; i < width; i++) {
        nA[i] += g[i] * g[i];
        double r = 0.1 / Math.sqrt(nA[i]);
        double v = wantedA[i] - r * g[i];
        wantedA[i] = Math.signum(v) * Math.max(Math.abs(v) - r * l1, 0) / (1 + r * l2);
        double s = (Math.sqrt(nF[i] + g[i] * g[i]) - Math.sqrt(nF[i])) / 0.1;
        zF[i] += g[i] - s * wantedF[i];
        nF[i] += g[i] * g[i];
        wantedF[i] =
            Math.abs(zF[i]) <= l1
                ? 0
                : -(zF[i] - Math.signum(zF[i]) * l1) / ((1 + Math.sqrt(nF[i])) / 0.1 + l2);
        assertEquals(wantedA[i], a[i], 1e-6);
        assertEquals(wantedF[i], f[i], 1e-6);
      }
    }
  }

  @Test
  void l1MakesExactZeros() {
    Optimizer ftrl = Optimizers.of("ftrl", new TreeMap<>(Map.of("l1", 1.0)));
    float[] value = new float[1];
    float[][] slots = initialSlots(ftrl, 1);
    ftrl.at(0, true).apply(value, slots, new int[] {0}, 1, new double[] {0.9});
    assertEquals(0f, value[0]);
    ftrl.at(0, true).apply(value, slots, new int[] {0}, 1, new double[] {0.9});
    assertTrue(value[0] < 0);
  }

  static Stream<Arguments> refused() {
    return Stream.of(
        arguments("adagrad", "learning_rate", 0.0, "learning_rate is out of range"),
        arguments("adagrad", "learning_rate", 1e39, "found 1.0E39"),
        arguments("sgd", "learning_rate", -0.1, "a finite number greater than 0, found -0.1"),
        arguments("adagrad", "initial_accumulator_value", 0.0, "initial_accumulator_value"),
        arguments("adagrad", "initial_accumulator_value", 1e-40, "at least 1.17549435E-38"),
        arguments("adagrad", "epsilon", -1.0, "0 or greater, found -1.0"),
        arguments("adagrad", "beta", 1.0, "unknown hyperparameter, expected one of clipnorm,"),
        arguments("adagrad", "beta", 1.0, "found beta"),
        arguments("ftrl", "l1", -1.0, "found -1.0"),
        arguments("ftrl", "weight_decay", 0.1, "found weight_decay"),
        arguments("sgd", "momentum", 1.0, "from 0 on and below 1, found 1.0"),
        arguments("sgd", "momentum", -0.5, "from 0 on and below 1, found -0.5"),
        arguments("sgd", "nesterov", 1.0, "momentum is out of range, expected above 0"),
        arguments("sgd", "dense_updates", 0.5, "0 or 1, found 0.5"),
        arguments("sgd", "clipvalue", 0.0, "a finite number greater than 0, found 0.0"),
        arguments("sgd", "clipnorm", 0.0, "a finite number greater than 0, found 0.0"),
        arguments("adam", "global_clipnorm", -1.0, "a finite number greater than 0, found -1.0"),
        arguments("sgd", "weight_decay", 1e4, "below 1 / learning rate"),
        arguments("sgd", "centered", 1.0, "found centered"),
        arguments("rmsprop", "rho", 1.0, "rho is out of range"),
        arguments("rmsprop", "epsilon", 0.0, "epsilon is out of range"),
        arguments("rmsprop", "centered", 2.0, "0 or 1, found 2.0"),
        arguments("rmsprop", "nesterov", 1.0, "found nesterov"),
        arguments("adam", "beta_1", 1.0, "beta_1 is out of range"),
        arguments("adam", "beta_2", -0.1, "beta_2 is out of range"),
        arguments("adam", "epsilon", 0.0, "epsilon is out of range"),
        arguments("adamw", "amsgrad", -1.0, "0 or 1, found -1.0"),
        arguments(
            "nadam", "l1", 0.0, "one of adagrad, adam, adamw, ftrl, rmsprop, sgd, found nadam"));
  }

  @Test
  void refusesFtrlThatWouldDivideByZero() {
    Map<String, Double> nothing = Map.of("beta", 0.0, "initial_accumulator_value", 0.0);
    assertMessage(
        "greater than 0 unless initial_accumulator_value is",
        new OptimizerSpec("ftrl", new TreeMap<>(nothing)));
  }

  @ParameterizedTest
  @MethodSource("refused")
  void refusesWhatItDoesNotKnow(String name, String hyperparameter, double value, String part) {
    assertMessage(part, new OptimizerSpec(name, new TreeMap<>(Map.of(hyperparameter, value))));
  }

  /** More than one limit is refused, as in Keras. */
  @Test
  void refusesMoreThanOneLimit() {
    assertMessage(
        "expected at most one of clipvalue, clipnorm, global_clipnorm, found clipvalue and"
            + " global_clipnorm",
        new OptimizerSpec("sgd", new TreeMap<>(Map.of("clipvalue", 1.0, "global_clipnorm", 1.0))));
    assertEquals(0.5, recorded("sgd", Map.of("clipnorm", 0.5)).get("clipnorm"));
  }

  /** Gradients within the limit stay as they are to the bit, and NaN does not become a number. */
  @Test
  void aNormIsCutToItsLimit() {
    Optimizer each = Optimizers.of("sgd", new TreeMap<>(Map.of("clipnorm", 2.0)));
    assertEquals(Optimizer.Norm.VARIABLE, each.norm());
    assertEquals(1, each.normLeaves(4));
    assertEquals(1, each.normLeaves(0));
    assertEquals(0.5, each.normLeaves(16));
    assertEquals(Double.NaN, each.normLeaves(Double.NaN));
    assertEquals(0, each.normLeaves(Double.POSITIVE_INFINITY), "times infinity that is NaN");
    Optimizer all = Optimizers.of("sgd", new TreeMap<>(Map.of("global_clipnorm", 2.0)));
    assertEquals(Optimizer.Norm.ALL, all.norm());
    assertEquals(0.5, all.normLeaves(16));
    assertEquals(Optimizer.Norm.NONE, Optimizers.of("sgd", new TreeMap<>()).norm());
  }

  /** One rate belongs to all steps of ftrl; the rates of piecewise are its values. */
  @Test
  void refusesSchedulesThatDoNotFit() {
    assertMessage(
        "its rate is one for all steps together, expected no schedule, found cosine",
        scheduled("ftrl", Map.of(), "cosine decay_steps=5"));
    String piecewise = "piecewise boundaries=10 values=0.5,0.1";
    assertMessage(
        "learning_rate is out of range, expected the first value of the schedule " + piecewise,
        scheduled("sgd", Map.of("learning_rate", 0.1), piecewise));
    assertMessage("weight_decay", scheduled("sgd", Map.of("weight_decay", 2.0), piecewise));
    assertEquals(
        0.5, Optimizers.of(scheduled("sgd", Map.of("learning_rate", 0.5), piecewise)).rate(0));
    assertEquals(
        Map.of("learning_rate", 0.5, "momentum", 0.0, "l1", 0.0, "l2", 0.0),
        Optimizers.of(scheduled("sgd", Map.of(), piecewise)).hyperparameters());
    assertMessage("unknown name", scheduled("sgd", Map.of(), "linear"));
  }

  private static OptimizerSpec scheduled(String name, Map<String, Double> values, String schedule) {
    return new OptimizerSpec(name, new TreeMap<>(values), Optional.of(schedule));
  }

  private static void assertMessage(String part, OptimizerSpec spec) {
    Exception e = assertThrows(IllegalArgumentException.class, () -> Optimizers.of(spec));
    String message = String.valueOf(e.getMessage());
    assertTrue(message.contains(part), message);
    assertTrue(message.startsWith("Cannot "), message);
  }

  /**
   * Hyperparameters that are off are left out: records from before there was the choice stay the
   * same.
   */
  @Test
  void recordsDefaults() {
    assertEquals(
        Map.of("learning_rate", 0.1, "initial_accumulator_value", 0.1, "l1", 0.5, "l2", 0.0),
        recorded("adagrad", Map.of("l1", 0.5, "epsilon", 0.0, "weight_decay", 0.0)));
    assertEquals(
        Map.of(
            "learning_rate",
            0.1,
            "initial_accumulator_value",
            0.1,
            "beta",
            1.0,
            "l1",
            0.0,
            "l2",
            0.0),
        recorded("ftrl", Map.of("dense_updates", 0.0)));
    assertEquals(
        Map.of(
            "learning_rate",
            0.001,
            "beta_1",
            0.9,
            "beta_2",
            0.999,
            "epsilon",
            1e-7,
            "l1",
            0.0,
            "l2",
            0.0,
            "weight_decay",
            0.004),
        recorded("adamw", Map.of("amsgrad", 0.0)));
    assertEquals(0.0, recorded("adamw", Map.of("weight_decay", 0.0)).get("weight_decay"));
    assertEquals(
        Map.of(
            "learning_rate",
            0.0001,
            "momentum",
            0.9,
            "nesterov",
            1.0,
            "clipvalue",
            2.0,
            "l1",
            0.0,
            "l2",
            0.0,
            "dense_updates",
            1.0),
        recorded(
            "sgd",
            Map.of("momentum", 0.9, "nesterov", 1.0, "clipvalue", 2.0, "dense_updates", 1.0)));
  }

  private static SortedMap<String, Double> recorded(String name, Map<String, Double> given) {
    return Optimizers.of(name, new TreeMap<>(given)).hyperparameters();
  }

  /** Another optimizer's state is not gone on with, whatever else is accepted. */
  @Test
  void tellsOtherStateFromItsOwn() {
    Optimizer sgd = Optimizers.of("sgd", new TreeMap<>());
    Optimizer adagrad = Optimizers.of("adagrad", new TreeMap<>(Map.of("learning_rate", 3.0)));
    assertEquals(Optional.empty(), sgd.otherState(sgd.spec()));
    assertEquals(
        Optional.empty(), adagrad.otherState(new OptimizerSpec("adagrad", new TreeMap<>())));
    assertEquals(
        "the optimizer's state: the checkpoint has slots accumulator (adagrad), expected none (sgd)",
        sgd.otherState(adagrad.spec()).orElseThrow());
    assertEquals(
        "the optimizer's state: the checkpoint has none (sgd), expected slots accumulator (adagrad)",
        adagrad.otherState(sgd.spec()).orElseThrow());
    assertTrue(sgd.otherState(new OptimizerSpec("lamb", new TreeMap<>())).isPresent());
  }

  private static OptimizerSpec with(OptimizerSpec all, Map<String, OptimizerSpec> others) {
    return all.withForVariables(new TreeMap<>(others));
  }

  /**
   * A choice that is made twice is one optimizer, and a choice that is that of all is not one of
   * its own.
   */
  @Test
  void variablesMayHaveOthers() {
    OptimizerSpec plain = new OptimizerSpec("adagrad", new TreeMap<>());
    OptimizerSpec adam = new OptimizerSpec("adam", new TreeMap<>(Map.of("clipnorm", 2.0)));
    Optimizer all = Optimizers.of(with(plain, Map.of("a", adam, "b", plain, "c", adam)));
    assertEquals("adam", all.of("a").name());
    assertSame(all.of("a"), all.of("c"));
    assertSame(all, all.of("b"));
    assertSame(all, all.of("d"));
    assertEquals(List.of("a", "c"), List.copyOf(all.spec().forVariables().keySet()));
    assertEquals(0.9, all.spec().forVariables().get("a").hyperparameters().get("beta_1"));
    assertTrue(all.limitsNorm());
    assertFalse(Optimizers.of(with(plain, Map.of("b", plain))).limitsNorm());
    assertEquals(
        Optimizers.of(plain).spec(), Optimizers.of(with(plain, Map.of("b", plain))).spec());
    all.checkVariables(List.of("a", "c"));
    Exception e = assertThrows(IllegalArgumentException.class, () -> all.checkVariables(List.of()));
    assertTrue(String.valueOf(e.getMessage()).contains("optimizer of a and c"), e.getMessage());
    OptimizerSpec bad = new OptimizerSpec("adam", new TreeMap<>(Map.of("rho", 2.0)));
    assertMessage("found rho (for b)", with(plain, Map.of("b", bad)));
    assertThrows(
        IllegalArgumentException.class,
        () -> with(plain, Map.of("b", with(plain, Map.of("c", bad)))));
  }

  /** State is that of each variable, and of the variables that have it together. */
  @Test
  void tellsOtherStateOfVariables() {
    OptimizerSpec plain = new OptimizerSpec("adagrad", new TreeMap<>());
    OptimizerSpec fast = new OptimizerSpec("adagrad", new TreeMap<>(Map.of("learning_rate", 1.0)));
    OptimizerSpec adam = new OptimizerSpec("adam", new TreeMap<>());
    Optimizer now = Optimizers.of(with(plain, Map.of("a", fast)));
    assertEquals(Optional.empty(), now.otherState(now.spec()));
    OptimizerSpec slower =
        new OptimizerSpec("adagrad", new TreeMap<>(Map.of("learning_rate", 0.5)));
    assertEquals(Optional.empty(), now.otherState(with(plain, Map.of("a", slower))));
    assertEquals(
        "the optimizer's state of a: the checkpoint has slots momentum and velocity (adam),"
            + " expected slots accumulator (adagrad)",
        now.otherState(with(plain, Map.of("a", adam))).orElseThrow());
    assertEquals(
        "the optimizer's state: the checkpoint has optimizers for [all others and a], expected"
            + " optimizers for [a, all others]",
        now.otherState(plain).orElseThrow());
    assertEquals(
        "the optimizer's state: the checkpoint has optimizers for [a and b, all others], expected"
            + " optimizers for [a, all others and b]",
        now.otherState(with(plain, Map.of("a", fast, "b", fast))).orElseThrow());
  }

  @Test
  void noOptimizerTrainsNothing() {
    Optimizer none = Optimizers.of(Optimizers.NONE, new TreeMap<>());
    assertFalse(none.trains());
    assertEquals(List.of(), none.slots());
    assertThrows(IllegalStateException.class, () -> none.at(0, true));
    assertTrue(Optimizers.of("sgd", new TreeMap<>()).trains());
    assertThrows(
        IllegalArgumentException.class, () -> Optimizers.training(none.spec()), "as unknown");
  }

  private static float[][] initialSlots(Optimizer optimizer, int elements) {
    float[][] slots = new float[optimizer.slots().size()][elements];
    for (int s = 0; s < slots.length; s++) {
      Arrays.fill(slots[s], optimizer.slots().get(s).initial());
    }
    return slots;
  }
}
