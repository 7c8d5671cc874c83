package dev.cairn.spark.optimizer;

import java.util.List;
import java.util.Set;
import java.util.SortedMap;

/**
 * Adagrad with diagonal matrices and the composite mirror descent (proximal) treatment of L1 and
 * L2: J. Duchi, E. Hazan, Y. Singer, "Adaptive Subgradient Methods for Online Learning and
 * Stochastic Optimization", JMLR 12 (2011) 2121-2159, section 5. Sparse: rows without a gradient
 * are left alone, their regularization too. The order of steps is that of TensorFlow's
 * SparseApplyProximalAdagrad:
 *
 * <pre>
 * n = n + g^2
 * r = learning_rate / sqrt(n)
 * v = w - r g
 * w = sign(v) max(|v| - r l1, 0) / (1 + r l2)
 * </pre>
 *
 * <p>Slot {@code accumulator} is n, and starts with {@code initial_accumulator_value}.
 */
record Adagrad(
    double learningRate,
    float initialAccumulator,
    double l1,
    double l2,
    SortedMap<String, Double> hyperparameters)
    implements RowOptimizer {
  static final String NAME = "adagrad";

  static Adagrad of(SortedMap<String, Double> given) {
    Hyperparameters read =
        new Hyperparameters(
            NAME, given, Set.of("learning_rate", "initial_accumulator_value", "l1", "l2"));
    double rate = read.positive("learning_rate", 0.1);
    float initial = (float) read.positive("initial_accumulator_value", 0.1);
    if (initial < Float.MIN_NORMAL) {
      throw read.bad("initial_accumulator_value", "at least " + Float.MIN_NORMAL, initial);
    }
    return new Adagrad(
        rate, initial, read.notNegative("l1", 0), read.notNegative("l2", 0), read.used());
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public List<String> slots() {
    return List.of("accumulator");
  }

  @Override
  public float slotInitial(int slot) {
    return initialAccumulator;
  }

  @Override
  public RowOptimizer withoutRegularization() {
    return new Adagrad(learningRate, initialAccumulator, 0, 0, hyperparameters);
  }

  @Override
  public boolean apply(
      float[] values, float[][] slots, int[] places, int count, double[] gradients) {
    float[] accumulator = slots[0];
    int spoiled = 0;
    for (int i = 0; i < count; i++) {
      int k = places[i];
      double g = gradients[i];
      float n = (float) (accumulator[k] + g * g);
      accumulator[k] = n;
      double rate = learningRate / Math.sqrt(n);
      double v = values[k] - rate * g;
      if (l1 > 0) {
        // Adding 0 makes -0 a 0: a weight that L1 removed has one form.
        v = Math.copySign(Math.max(Math.abs(v) - rate * l1, 0), v) + 0.0;
      }
      if (l2 > 0) {
        v /= 1 + rate * l2;
      }
      float w = (float) v;
      values[k] = w;
      spoiled |= RowOptimizer.notFinite(n) | RowOptimizer.notFinite(w);
    }
    return spoiled >= 0;
  }
}
