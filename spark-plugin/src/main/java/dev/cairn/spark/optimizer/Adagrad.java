package dev.cairn.spark.optimizer;

import java.util.List;

/**
 * Adagrad with diagonal matrices and the composite mirror descent (proximal) treatment of L1 and
 * L2: J. Duchi, E. Hazan, Y. Singer, "Adaptive Subgradient Methods for Online Learning and
 * Stochastic Optimization", JMLR 12 (2011) 2121-2159, section 5. The order of steps is that of
 * TensorFlow's SparseApplyProximalAdagrad:
 *
 * <pre>
 * n = n + g^2
 * r = learning_rate / sqrt(n + epsilon)
 * v = w - r g
 * w = sign(v) max(|v| - r l1, 0) / (1 + r l2)
 * </pre>
 *
 * <p>Slot {@code accumulator} is n, and starts with {@code initial_accumulator_value}. Keras has an
 * {@code epsilon} of 1e-7; here it is 0 unless it is given, since n is never 0: it starts above 0
 * and only grows.
 */
record Adagrad(float initialAccumulator, double epsilon) implements UpdateRule {
  static final OptimizerKind KIND = new OptimizerKind("adagrad", 0.1, Adagrad::of);

  private static UpdateRule of(Hyperparameters read) {
    float initial = (float) read.positive("initial_accumulator_value", 0.1);
    if (initial < Float.MIN_NORMAL) {
      throw read.bad("initial_accumulator_value", "at least " + Float.MIN_NORMAL, initial);
    }
    return new Adagrad(initial, read.option("epsilon", 0));
  }

  @Override
  public List<SlotSpec> slots() {
    return List.of(new SlotSpec("accumulator", initialAccumulator));
  }

  @Override
  public Update at(StepContext step) {
    return (values, slots, places, count, gradients) ->
        apply(step, values, slots[0], places, count, gradients);
  }

  private boolean apply(
      StepContext step,
      float[] values,
      float[] accumulator,
      int[] places,
      int count,
      double[] gradients) {
    double learningRate = step.rate();
    double kept = step.kept();
    double more = epsilon;
    int spoiled = 0;
    for (int i = 0; i < count; i++) {
      int k = places[i];
      double g = gradients[i];
      float n = (float) (accumulator[k] + g * g);
      accumulator[k] = n;
      double rate = learningRate / Math.sqrt(n + more);
      float w = (float) step.shrunk(values[k] * kept - rate * g, rate);
      values[k] = w;
      spoiled |= UpdateRule.notFinite(n) | UpdateRule.notFinite(w);
    }
    return spoiled >= 0;
  }
}
