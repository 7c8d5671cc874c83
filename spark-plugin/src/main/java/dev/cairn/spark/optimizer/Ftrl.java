package dev.cairn.spark.optimizer;

import java.util.List;
import java.util.Set;
import java.util.SortedMap;

/**
 * FTRL-proximal with per-coordinate rates: H. B. McMahan and others, "Ad Click Prediction: a View
 * from the Trenches", KDD 2013, algorithm 1:
 *
 * <pre>
 * s = (sqrt(n + g^2) - sqrt(n)) / learning_rate
 * z = z + g - s w
 * n = n + g^2
 * w = 0 if |z| &lt;= l1, else -(z - sign(z) l1) / ((beta + sqrt(n)) / learning_rate + l2)
 * </pre>
 *
 * <p>The slots have the names of TensorFlow's Ftrl: {@code accumulator} is n and starts with {@code
 * initial_accumulator_value}, {@code linear} is z and starts with 0. TensorFlow's {@code l2} is
 * half of the one here. The algorithm supposes that w starts with 0.
 *
 * <p>s is computed from n as it is stored, rounded to float, so that the s of all steps add up to
 * {@code sqrt(n) / learning_rate} however long the run.
 */
record Ftrl(
    double learningRate,
    double beta,
    float initialAccumulator,
    double l1,
    double l2,
    SortedMap<String, Double> hyperparameters)
    implements RowOptimizer {
  static final String NAME = "ftrl";

  static Ftrl of(SortedMap<String, Double> given) {
    Hyperparameters read =
        new Hyperparameters(
            NAME, given, Set.of("learning_rate", "beta", "initial_accumulator_value", "l1", "l2"));
    double rate = read.positive("learning_rate", 0.1);
    double beta = read.notNegative("beta", 1);
    float initial = (float) read.notNegative("initial_accumulator_value", 0);
    if (beta < Float.MIN_NORMAL && initial < Float.MIN_NORMAL) {
      throw read.bad("beta", "greater than 0 unless initial_accumulator_value is", beta);
    }
    return new Ftrl(
        rate, beta, initial, read.notNegative("l1", 0), read.notNegative("l2", 0), read.used());
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public List<String> slots() {
    return List.of("accumulator", "linear");
  }

  @Override
  public float slotInitial(int slot) {
    return slot == 0 ? initialAccumulator : 0;
  }

  @Override
  public RowOptimizer withoutRegularization() {
    return new Ftrl(learningRate, beta, initialAccumulator, 0, 0, hyperparameters);
  }

  @Override
  public boolean apply(
      float[] values, float[][] slots, int[] places, int count, double[] gradients) {
    float[] accumulator = slots[0];
    float[] linear = slots[1];
    int spoiled = 0;
    for (int i = 0; i < count; i++) {
      int k = places[i];
      double g = gradients[i];
      float before = accumulator[k];
      float n = (float) (before + g * g);
      accumulator[k] = n;
      double root = Math.sqrt(n);
      double sigma = (root - Math.sqrt(before)) / learningRate;
      float z = (float) (linear[k] + g - sigma * values[k]);
      linear[k] = z;
      double shrunk = Math.copySign(l1, z) - z;
      float w = Math.abs(z) <= l1 ? 0 : (float) (shrunk / ((beta + root) / learningRate + l2));
      values[k] = w;
      spoiled |= RowOptimizer.notFinite(n) | RowOptimizer.notFinite(z) | RowOptimizer.notFinite(w);
    }
    return spoiled >= 0;
  }
}
