package dev.cairn.spark.optimizer;

import dev.cairn.checkpoint.model.OptimizerSpec;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;

/**
 * How gradients change a model: a rule, the learning rate of each step, and what holds for every
 * rule: L1 and L2, weight decay, clipping. {@link Optimizers} makes one. Immutable, thread-safe.
 *
 * <p>In a step the gradients are clipped first, then weight decay takes its part of the values,
 * then the rule changes them. L1, L2 and weight decay hold for variables that are regularised; the
 * intercept is none. Unless {@link #dense}, numbers without a gradient are left alone.
 */
public final class Optimizer {

  /**
   * What every optimizer has.
   *
   * @param learningRate the rate that the schedule starts from
   * @param weightDecay the part of each value that a step with a rate of 1 takes
   * @param clipvalue no gradient is farther from 0, infinite for none
   * @param dense whether a step changes numbers without a gradient, too
   */
  record Common(
      double learningRate,
      double l1,
      double l2,
      double weightDecay,
      double clipvalue,
      boolean dense) {}

  private static final Optimizer NONE =
      new Optimizer(
          new OptimizerSpec(Optimizers.NONE, Collections.emptySortedMap()),
          new Untrained(),
          RateSchedule.constant(),
          new Common(0, 0, 0, 0, Double.POSITIVE_INFINITY, false));

  private final OptimizerSpec spec;
  private final UpdateRule rule;
  private final RateSchedule schedule;
  private final Common common;
  private final List<SlotSpec> slots;

  Optimizer(OptimizerSpec spec, UpdateRule rule, RateSchedule schedule, Common common) {
    this.spec = spec;
    this.rule = rule;
    this.schedule = schedule;
    this.common = common;
    this.slots = rule.slots();
  }

  /** The optimizer of a model that is read, not trained. */
  static Optimizer none() {
    return NONE;
  }

  /** Name, hyperparameters with their defaults filled in, and schedule: what checkpoints record. */
  public OptimizerSpec spec() {
    return spec;
  }

  /** Name as in a checkpoint's optimizer record, such as {@code adagrad}. */
  public String name() {
    return spec.name();
  }

  /** Every hyperparameter with the value used; what is off and has no value is not there. */
  public SortedMap<String, Double> hyperparameters() {
    return spec.hyperparameters();
  }

  /** Whether it takes gradients at all; a model that is only read has one that does not. */
  public boolean trains() {
    return this != NONE;
  }

  /** The slot variables of each variable, in the order of the arrays handed to an update. */
  public List<SlotSpec> slots() {
    return slots;
  }

  /**
   * The same slots as Keras 3's optimizer of that name lists its variables: one group after the
   * other; of a group those of the first variable, then those of the next.
   */
  public List<List<SlotSpec>> slotGroups() {
    return rule.slotGroups();
  }

  /**
   * Whether a step changes every number of every variable, with a gradient of 0 where there is
   * none, as Keras's optimizers do if they have momentum. A step then touches the whole model.
   */
  public boolean dense() {
    return common.dense();
  }

  /**
   * The learning rate of a step.
   *
   * @param step how many updates were done before it
   */
  public double rate(long step) {
    return schedule.rate(common.learningRate(), step);
  }

  /**
   * What a step does.
   *
   * @param step how many updates were done before it
   * @param regularised whether L1, L2 and weight decay hold for the variable
   */
  public Update at(long step, boolean regularised) {
    double rate = rate(step);
    StepContext context =
        regularised
            ? new StepContext(step, rate, 1 - common.weightDecay() * rate, common.l1(), common.l2())
            : new StepContext(step, rate, 1, 0, 0);
    Update update = rule.at(context);
    double limit = common.clipvalue();
    if (limit == Double.POSITIVE_INFINITY) {
      return update;
    }
    return (values, slots, places, count, gradients) -> {
      clip(gradients, count, limit);
      return update.apply(values, slots, places, count, gradients);
    };
  }

  /** NaN stays NaN, to be found by the rule. */
  private static void clip(double[] gradients, int count, double limit) {
    for (int i = 0; i < count; i++) {
      gradients[i] = Math.max(-limit, Math.min(gradients[i], limit));
    }
  }

  /**
   * Why another optimizer's state cannot be gone on with, empty if it can: their slots differ.
   *
   * @param saved the optimizer that wrote the state
   */
  public Optional<String> otherState(OptimizerSpec saved) {
    List<SlotSpec> theirs;
    try {
      theirs = Optimizers.of(saved).slots();
    } catch (IllegalArgumentException e) {
      return Optional.of("the optimizer's state: expected one that is known here, " + saved.name());
    }
    List<String> before = theirs.stream().map(SlotSpec::name).toList();
    List<String> now = slots.stream().map(SlotSpec::name).toList();
    return before.equals(now)
        ? Optional.empty()
        : Optional.of(
            "the optimizer's state: the checkpoint has "
                + named(before, saved.name())
                + ", expected "
                + named(now, name()));
  }

  private static String named(List<String> slots, String optimizer) {
    return (slots.isEmpty() ? "none" : "slots " + String.join(" and ", slots))
        + " ("
        + optimizer
        + ")";
  }

  /** No rule at all. */
  private record Untrained() implements UpdateRule {
    @Override
    public List<SlotSpec> slots() {
      return List.of();
    }

    @Override
    public Update at(StepContext step) {
      throw new IllegalStateException(
          "Cannot apply gradients: this model was opened for reading, without an optimizer");
    }
  }
}
