package dev.cairn.spark.optimizer;

import java.util.List;

/**
 * Adam: D. P. Kingma, J. Ba, "Adam: A Method for Stochastic Optimization", ICLR 2015, in the form
 * before its section 2.1; amsgrad: S. J. Reddi, S. Kale, S. Kumar, "On the Convergence of Adam and
 * Beyond", ICLR 2018:
 *
 * <pre>
 * c = sqrt(1 - beta_2^t) / (1 - beta_1^t)    in step t, the first of which is 1
 * m = m + (g - m) (1 - beta_1)
 * n = n + (g^2 - n) (1 - beta_2)
 * h = max(h, n)                              amsgrad, else n
 * v = w - learning_rate c m / (sqrt(h) + epsilon)
 * w = sign(v) max(|v| - r l1, 0) / (1 + r l2)
 *     with r = learning_rate sqrt(1 - beta_2^t) / (sqrt(h) + epsilon)
 * </pre>
 *
 * <p>The slots are {@code momentum}, m; {@code velocity}, n; {@code velocity_hat}, h, if amsgrad.
 * All start with 0. t counts the steps of the run, also for rows that few of them touch.
 */
record Adam(double beta1, double beta2, double epsilon, boolean amsgrad) implements UpdateRule {
  static final OptimizerKind KIND = new OptimizerKind("adam", 0.001, Adam::of);

  static UpdateRule of(Hyperparameters read) {
    return new Adam(
        read.fraction("beta_1", 0.9),
        read.fraction("beta_2", 0.999),
        read.positive("epsilon", 1e-7),
        read.flag("amsgrad"));
  }

  @Override
  public List<SlotSpec> slots() {
    SlotSpec momentum = SlotSpec.zero("momentum");
    SlotSpec velocity = SlotSpec.zero("velocity");
    return amsgrad
        ? List.of(momentum, velocity, SlotSpec.zero("velocity_hat"))
        : List.of(momentum, velocity);
  }

  @Override
  public List<List<SlotSpec>> slotGroups() {
    List<SlotSpec> slots = slots();
    return amsgrad ? List.of(slots.subList(0, 2), slots.subList(2, 3)) : List.of(slots);
  }

  @Override
  public Update at(StepContext step) {
    double t = step.step() + 1.0;
    double root = step.rate() * Math.sqrt(1 - StrictMath.pow(beta2, t));
    double alpha = root / (1 - StrictMath.pow(beta1, t));
    return (values, slots, places, count, gradients) ->
        apply(step, root, alpha, values, slots, places, count, gradients);
  }

  private boolean apply(
      StepContext step,
      double root,
      double alpha,
      float[] values,
      float[][] slots,
      int[] places,
      int count,
      double[] gradients) {
    double kept = step.kept();
    double of1 = 1 - beta1;
    double of2 = 1 - beta2;
    double more = epsilon;
    float[] momentums = slots[0];
    float[] velocities = slots[1];
    boolean keepsMost = amsgrad;
    float[] most = keepsMost ? slots[2] : velocities;
    int spoiled = 0;
    for (int i = 0; i < count; i++) {
      int k = places[i];
      double g = gradients[i];
      float m = (float) (momentums[k] + (g - momentums[k]) * of1);
      momentums[k] = m;
      float n = (float) (velocities[k] + (g * g - velocities[k]) * of2);
      velocities[k] = n;
      spoiled |= UpdateRule.notFinite(m) | UpdateRule.notFinite(n);
      if (keepsMost) {
        n = Math.max(most[k], n);
        most[k] = n;
      }
      double d = Math.sqrt(n) + more;
      float w = (float) step.shrunk(values[k] * kept - alpha * m / d, root / d);
      values[k] = w;
      spoiled |= UpdateRule.notFinite(w);
    }
    return spoiled >= 0;
  }
}
