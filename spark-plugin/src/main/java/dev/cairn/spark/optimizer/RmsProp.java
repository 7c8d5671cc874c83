package dev.cairn.spark.optimizer;

import java.util.ArrayList;
import java.util.List;

/**
 * RMSprop: T. Tieleman, G. Hinton, "Lecture 6.5 - RMSprop", Coursera 2012; centred as in A. Graves,
 * "Generating Sequences With Recurrent Neural Networks", 2013, section 4.2, with momentum as Keras
 * has it:
 *
 * <pre>
 * n = rho n + (1 - rho) g^2
 * a = rho a + (1 - rho) g                    centered
 * d = sqrt(n + epsilon)                      plain
 * d = sqrt(max(n - a^2, 0) + epsilon)        centered
 * m = momentum m + learning_rate g / d
 * v = w - m
 * w = sign(v) max(|v| - r l1, 0) / (1 + r l2)    with r = learning_rate / (d (1 - momentum))
 * </pre>
 *
 * <p>The slots are {@code velocity}, n; {@code momentum}, m, if momentum is above 0; {@code
 * average_gradient}, a, if centered. All start with 0. Keras has no maximum with 0: there {@code n
 * - a^2} of a gradient that hardly changes is rounded to less than -epsilon, and its root is NaN.
 */
record RmsProp(double rho, double momentum, double epsilon, boolean centered)
    implements UpdateRule {
  static final OptimizerKind KIND = new OptimizerKind("rmsprop", 0.001, RmsProp::of);

  private static UpdateRule of(Hyperparameters read) {
    return new RmsProp(
        read.fraction("rho", 0.9),
        read.fraction("momentum", 0),
        read.positive("epsilon", 1e-7),
        read.flag("centered"));
  }

  @Override
  public List<SlotSpec> slots() {
    List<SlotSpec> slots = new ArrayList<>(List.of(SlotSpec.zero("velocity")));
    if (momentum > 0) {
      slots.add(SlotSpec.zero("momentum"));
    }
    if (centered) {
      slots.add(SlotSpec.zero("average_gradient"));
    }
    return List.copyOf(slots);
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
    double kept = step.kept();
    double inTheEnd = learningRate / (1 - momentum);
    float[] velocities = slots[0];
    boolean carries = momentum > 0;
    boolean centers = centered;
    float[] momentums = carries ? slots[1] : velocities;
    float[] averages = centers ? slots[slots.length - 1] : velocities;
    int spoiled = 0;
    for (int i = 0; i < count; i++) {
      int k = places[i];
      double g = gradients[i];
      float n = (float) (rho * velocities[k] + (1 - rho) * (g * g));
      velocities[k] = n;
      spoiled |= UpdateRule.notFinite(n);
      double square = n;
      if (centers) {
        float a = (float) (rho * averages[k] + (1 - rho) * g);
        averages[k] = a;
        spoiled |= UpdateRule.notFinite(a);
        square = Math.max(square - (double) a * a, 0);
      }
      double d = Math.sqrt(square + epsilon);
      double move = learningRate * g / d;
      if (carries) {
        float m = (float) (momentum * momentums[k] + move);
        momentums[k] = m;
        spoiled |= UpdateRule.notFinite(m);
        move = m;
      }
      float w = (float) step.shrunk(values[k] * kept - move, inTheEnd / d);
      values[k] = w;
      spoiled |= UpdateRule.notFinite(w);
    }
    return spoiled >= 0;
  }
}
