package dev.cairn.spark.optimizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Each optimizer against two independent calculations: the formulas of its paper written out below
 * in double, and numbers that TensorFlow computed.
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
    check(FTRL_PLAIN, "ftrl", Map.of());
    check(
        FTRL_L1_L2,
        "ftrl",
        Map.of("beta", 0.5, "initial_accumulator_value", 0.1, "l1", 0.3, "l2", 0.7));
  }

  private static void check(double[][] recorded, String name, Map<String, Double> parameters) {
    RowOptimizer optimizer = Optimizers.of(name, new TreeMap<>(parameters));
    float[] value = new float[1];
    float[][] slots = initialSlots(optimizer, 1);
    for (int step = 0; step < GRADIENTS.length; step++) {
      optimizer.apply(value, slots, new int[] {0}, 1, new double[] {GRADIENTS[step]});
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
    RowOptimizer adagrad = Optimizers.of("adagrad", new TreeMap<>(Map.of("l1", l1, "l2", l2)));
    RowOptimizer ftrl = Optimizers.of("ftrl", new TreeMap<>(Map.of("l1", l1, "l2", l2)));
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
      adagrad.apply(a, aSlots, places, width, g);
      ftrl.apply(f, fSlots, places, width, g);
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

  /** Gradients that values of 1e18 and more bring; the numbers that are stored tell. */
  @ParameterizedTest
  @CsvSource({"adagrad, 1e20", "adagrad, NaN", "adagrad, -Infinity", "ftrl, 1e20", "ftrl, NaN"})
  void tellsWhenNumbersAreNotFinite(String name, double gradient) {
    RowOptimizer optimizer = Optimizers.of(name, new TreeMap<>());
    float[] values = new float[3];
    float[][] slots = initialSlots(optimizer, 3);
    int[] places = {0, 1, 2};
    assertTrue(optimizer.apply(values, slots, places, 3, new double[] {1e18, -1e18, 0}));
    assertFalse(optimizer.apply(values, slots, places, 3, new double[] {1, gradient, 1}));
    assertTrue(optimizer.apply(values, slots, new int[] {0}, 1, new double[] {1}));
    values[2] = Float.NaN;
    assertFalse(optimizer.apply(values, slots, new int[] {2}, 1, new double[] {0}));
  }

  @Test
  void leavesOtherRowsAlone() {
    for (String name : new String[] {"adagrad", "ftrl"}) {
      RowOptimizer optimizer = Optimizers.of(name, new TreeMap<>(Map.of("l1", 0.1, "l2", 0.1)));
      float[] values = {1, 2, 3, 4, 5, 6};
      float[][] slots = initialSlots(optimizer, 6);
      optimizer.apply(values, slots, new int[] {2, 3}, 2, new double[] {1, -1});
      assertArrayEquals(
          new float[] {1, 2, 5, 6}, new float[] {values[0], values[1], values[4], values[5]});
      assertTrue(values[2] != 3 && values[3] != 4, name);
      assertEquals(optimizer.slotInitial(0), slots[0][0]);
      assertEquals(optimizer.slotInitial(0), slots[0][4]);
    }
  }

  @Test
  void l1MakesExactZeros() {
    RowOptimizer ftrl = Optimizers.of("ftrl", new TreeMap<>(Map.of("l1", 1.0)));
    float[] value = new float[1];
    float[][] slots = initialSlots(ftrl, 1);
    ftrl.apply(value, slots, new int[] {0}, 1, new double[] {0.9});
    assertEquals(0f, value[0]);
    ftrl.apply(value, slots, new int[] {0}, 1, new double[] {0.9});
    assertTrue(value[0] < 0);
  }

  @Test
  void refusesWhatItDoesNotKnow() {
    assertMessage("learning_rate is out of range", "adagrad", Map.of("learning_rate", 0.0));
    assertMessage("found NaN", "adagrad", Map.of("learning_rate", Double.NaN));
    assertMessage("found Infinity", "ftrl", Map.of("l2", Double.POSITIVE_INFINITY));
    assertMessage("initial_accumulator_value", "adagrad", Map.of("initial_accumulator_value", 0.0));
    assertMessage("found -1.0", "ftrl", Map.of("l1", -1.0));
    assertMessage("beta", "ftrl", Map.of("beta", 0.0));
    assertMessage("found beta", "adagrad", Map.of("beta", 1.0));
    assertMessage("found adam", "adam", Map.of());
  }

  private static void assertMessage(String part, String name, Map<String, Double> parameters) {
    Exception e =
        assertThrows(
            IllegalArgumentException.class, () -> Optimizers.of(name, new TreeMap<>(parameters)));
    assertTrue(e.getMessage().contains(part), e.getMessage());
  }

  @Test
  void recordsDefaults() {
    assertEquals(
        Map.of("learning_rate", 0.1, "initial_accumulator_value", 0.1, "l1", 0.5, "l2", 0.0),
        Optimizers.of("adagrad", new TreeMap<>(Map.of("l1", 0.5))).hyperparameters());
  }

  private static float[][] initialSlots(RowOptimizer optimizer, int elements) {
    float[][] slots = new float[optimizer.slots().size()][elements];
    for (int s = 0; s < slots.length; s++) {
      java.util.Arrays.fill(slots[s], optimizer.slotInitial(s));
    }
    return slots;
  }
}
