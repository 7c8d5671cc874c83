package dev.cairn.spark.optimizer;

import java.util.List;

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
 * <p>The slots have the names of Keras's Ftrl: {@code accumulator} is n and starts with {@code
 * initial_accumulator_value}, {@code linear} is z and starts with 0. Keras's {@code
 * l2_regularization_strength} is half of {@code l2} here. The algorithm supposes that w starts with
 * 0.
 *
 * <p>s is computed from n as it is stored, rounded to float, so that the s of all steps add up to
 * {@code sqrt(n) / learning_rate} however long the run. For the same reason there is one rate for
 * all steps, and no weight decay: w follows from the sums z and n and the rate alone, so a smaller
 * rate would pull every weight that is touched towards 0.
 */
record Ftrl(double beta, float initialAccumulator) implements UpdateRule {
  static final OptimizerKind KIND = new OptimizerKind("ftrl", 0.1, 0, true, Ftrl::of);

  private static UpdateRule of(Hyperparameters read) {
    double beta = read.notNegative("beta", 1);
    float initial = (float) read.notNegative("initial_accumulator_value", 0.1);
    if (beta < Float.MIN_NORMAL && initial < Float.MIN_NORMAL) {
      throw read.bad("beta", "greater than 0 unless initial_accumulator_value is", beta);
    }
    return new Ftrl(beta, initial);
  }

  @Override
  public List<SlotSpec> slots() {
    return List.of(new SlotSpec("accumulator", initialAccumulator), SlotSpec.zero("linear"));
  }

  @Override
  public List<List<SlotSpec>> slotGroups() {
    return List.of(slots());
  }

  @Override
  public Update at(StepContext step) {
    return (values, slots, places, count, gradients) ->
        apply(step, values, slots, places, count, gradients);
  }

  private boolean apply(
      StepContext step,
      float[] values,
      float[][] slots,
      int[] places,
      int count,
      double[] gradients) {
    double learningRate = step.rate();
    double l1 = step.l1();
    double l2 = step.l2();
    double damping = beta;
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
      float w = Math.abs(z) <= l1 ? 0 : (float) (shrunk / ((damping + root) / learningRate + l2));
      values[k] = w;
      spoiled |= UpdateRule.notFinite(n) | UpdateRule.notFinite(z) | UpdateRule.notFinite(w);
    }
    return spoiled >= 0;
  }
}
