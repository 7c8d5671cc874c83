package dev.cairn.spark.optimizer;

import java.util.List;

/**
 * Stochastic gradient descent, with momentum if that is wanted: B. Polyak, "Some methods of
 * speeding up the convergence of iteration methods", 1964; in Nesterov's form as I. Sutskever and
 * others write it, "On the importance of initialization and momentum in deep learning", ICML 2013,
 * shifted by half a step as Keras has it:
 *
 * <pre>
 * m = momentum m - learning_rate g
 * v = w + m                                  plain
 * v = w + momentum m - learning_rate g       nesterov
 * w = sign(v) max(|v| - r l1, 0) / (1 + r l2)    with r = learning_rate / (1 - momentum)
 * </pre>
 *
 * <p>Slot {@code momentum} is m and starts with 0. Without momentum there is no slot, and v is
 * {@code w - learning_rate g}.
 *
 * <p>The rate is for sums: gradients are added up over the rows of a step, so Keras's rate, which
 * is for means over the batch, is this one times the rows of a step. The default of 0.0001 comes to
 * 0.4 there with steps of 4096 rows.
 */
record Sgd(double momentum, boolean nesterov) implements UpdateRule {
  static final OptimizerKind KIND = new OptimizerKind("sgd", 0.0001, Sgd::of);

  private static UpdateRule of(Hyperparameters read) {
    double momentum = read.fraction("momentum", 0);
    boolean nesterov = read.flag("nesterov");
    if (nesterov && momentum == 0) {
      throw read.bad("momentum", "above 0 for nesterov", momentum);
    }
    return new Sgd(momentum, nesterov);
  }

  @Override
  public List<SlotSpec> slots() {
    return momentum > 0 ? List.of(SlotSpec.zero("momentum")) : List.of();
  }

  @Override
  public Update at(StepContext step) {
    if (momentum == 0) {
      return (values, slots, places, count, gradients) ->
          plain(step, values, places, count, gradients);
    }
    return (values, slots, places, count, gradients) ->
        withMomentum(step, values, slots[0], places, count, gradients);
  }

  private static boolean plain(
      StepContext step, float[] values, int[] places, int count, double[] gradients) {
    double rate = step.rate();
    double kept = step.kept();
    int spoiled = 0;
    for (int i = 0; i < count; i++) {
      int k = places[i];
      float w = (float) step.shrunk(values[k] * kept - rate * gradients[i], rate);
      values[k] = w;
      spoiled |= UpdateRule.notFinite(w);
    }
    return spoiled >= 0;
  }

  private boolean withMomentum(
      StepContext step,
      float[] values,
      float[] momentums,
      int[] places,
      int count,
      double[] gradients) {
    double rate = step.rate();
    double kept = step.kept();
    double carried = momentum;
    double inTheEnd = rate / (1 - momentum);
    // The step is a m + b g: with (1, 0) m itself.
    double a = nesterov ? momentum : 1;
    double b = nesterov ? rate : 0;
    int spoiled = 0;
    for (int i = 0; i < count; i++) {
      int k = places[i];
      double g = gradients[i];
      float m = (float) (carried * momentums[k] - rate * g);
      momentums[k] = m;
      float w = (float) step.shrunk(values[k] * kept + (a * m - b * g), inTheEnd);
      values[k] = w;
      spoiled |= UpdateRule.notFinite(m) | UpdateRule.notFinite(w);
    }
    return spoiled >= 0;
  }
}
