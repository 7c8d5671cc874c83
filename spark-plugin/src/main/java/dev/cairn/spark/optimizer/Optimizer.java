package dev.cairn.spark.optimizer;

import dev.cairn.checkpoint.model.OptimizerSpec;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Changes a model by gradients: a rule, the learning rate of each step, and what holds for every
 * rule: L1 and L2, weight decay, clipping. {@link Optimizers} makes one. A variable may have {@link
 * #of another one}. Immutable, thread-safe.
 *
 * <p>In a step the gradients are clipped first, then weight decay takes its part of the values,
 * then the rule changes them. To clip by a norm takes gradients of the whole model: {@link
 * #normLeaves} gives the factor, and the caller of an update multiplies. L1, L2 and weight decay
 * hold for variables that are regularised, which the intercept is not. Unless {@link #dense},
 * numbers without a gradient are left alone.
 */
public final class Optimizer {

  /**
   * The settings of every optimizer.
   *
   * @param learningRate the rate that the schedule starts from
   * @param weightDecay the part of each value that a step with a rate of 1 subtracts
   * @param clipvalue no gradient is farther from 0, infinite for none
   * @param clipnorm no variable's gradient has a larger norm, infinite for none
   * @param globalClipnorm the gradients of all variables together have no larger norm, infinite for
   *     none
   * @param dense whether a step changes numbers without a gradient, too
   */
  record Common(
      double learningRate,
      double l1,
      double l2,
      double weightDecay,
      double clipvalue,
      double clipnorm,
      double globalClipnorm,
      boolean dense) {

    /** Settings without limits, L1, L2 and weight decay. */
    static Common unclipped() {
      double none = Double.POSITIVE_INFINITY;
      return new Common(0, 0, 0, 0, none, none, none, false);
    }
  }

  /** The gradients that a limit of the norm is for. */
  public enum Norm {
    /** There is no limit. */
    NONE,
    /** The gradients of one variable: Keras's {@code clipnorm}. */
    VARIABLE,
    /** The gradients of all the optimizer's variables together: Keras's {@code global_clipnorm}. */
    ALL
  }

  private static final Optimizer NONE =
      new Optimizer(
          new OptimizerSpec(Optimizers.NONE, Collections.emptySortedMap()),
          new Untrained(),
          RateSchedule.constant(),
          Common.unclipped());

  private final OptimizerSpec spec;
  private final UpdateRule rule;
  private final RateSchedule schedule;
  private final Common common;
  private final List<SlotSpec> slots;

  /** The optimizers of variables that have another one, by the variables' names. */
  private final SortedMap<String, Optimizer> others;

  Optimizer(OptimizerSpec spec, UpdateRule rule, RateSchedule schedule, Common common) {
    this(spec, rule, schedule, common, Collections.emptySortedMap());
  }

  private Optimizer(
      OptimizerSpec spec,
      UpdateRule rule,
      RateSchedule schedule,
      Common common,
      SortedMap<String, Optimizer> others) {
    this.spec = spec;
    this.rule = rule;
    this.schedule = schedule;
    this.common = common;
    this.slots = rule.slots();
    this.others = others;
  }

  /** The same, with other optimizers for some variables. */
  Optimizer but(SortedMap<String, Optimizer> forVariables) {
    SortedMap<String, OptimizerSpec> specs = new TreeMap<>();
    forVariables.forEach((variable, other) -> specs.put(variable, other.spec()));
    return new Optimizer(
        spec.withForVariables(specs),
        rule,
        schedule,
        common,
        Collections.unmodifiableSortedMap(new TreeMap<>(forVariables)));
  }

  /**
   * The optimizer of a variable: this one, unless another was chosen. Variables for which the same
   * was chosen have the same object. All other methods are about this optimizer alone.
   */
  public Optimizer of(String variable) {
    return others.getOrDefault(variable, this);
  }

  /**
   * Checks that every variable that has another optimizer is there.
   *
   * @param variables the model's variables
   * @throws IllegalArgumentException if not
   */
  public void checkVariables(Collection<String> variables) {
    List<String> unknown =
        others.keySet().stream().filter(name -> !variables.contains(name)).toList();
    if (!unknown.isEmpty()) {
      throw new IllegalArgumentException(
          "Cannot set the optimizer of "
              + String.join(" and ", unknown)
              + ": expected a variable of the model, one of "
              + String.join(", ", variables)
              + ", found another name");
    }
  }

  /** The optimizer of a model that is read, not trained. */
  static Optimizer none() {
    return NONE;
  }

  /**
   * The record for checkpoints: name, hyperparameters with their defaults filled in, and schedule.
   */
  public OptimizerSpec spec() {
    return spec;
  }

  /** The name in a checkpoint's optimizer record, such as {@code adagrad}. */
  public String name() {
    return spec.name();
  }

  /**
   * Every hyperparameter with the value used; those that are off and have no value are left out.
   */
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
   * other; in a group those of the first variable, then those of the next.
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

  /** The gradients whose norm is limited. */
  public Norm norm() {
    if (common.clipnorm() < Double.POSITIVE_INFINITY) {
      return Norm.VARIABLE;
    }
    return common.globalClipnorm() < Double.POSITIVE_INFINITY ? Norm.ALL : Norm.NONE;
  }

  /**
   * Whether this or the optimizer of any variable limits a norm, so that a step takes two rounds.
   */
  public boolean limitsNorm() {
    return norm() != Norm.NONE || others.values().stream().anyMatch(Optimizer::limitsNorm);
  }

  /**
   * The factor for each gradient by which a limit of the norm holds: 1 if they are within the
   * limit, NaN if that is not known.
   *
   * @param squares sum of the squares of all gradients that the limit is for
   */
  public double normLeaves(double squares) {
    double limit = Math.min(common.clipnorm(), common.globalClipnorm());
    double found = Math.sqrt(squares);
    return found <= limit ? 1 : limit / found;
  }

  /**
   * The learning rate of a step.
   *
   * @param step the number of updates that were done before it
   */
  public double rate(long step) {
    return schedule.rate(common.learningRate(), step);
  }

  /**
   * The update of a step.
   *
   * @param step the number of updates that were done before it
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

  /** Clips gradients; NaN stays NaN, to be found by the rule. */
  private static void clip(double[] gradients, int count, double limit) {
    for (int i = 0; i < count; i++) {
      gradients[i] = Math.max(-limit, Math.min(gradients[i], limit));
    }
  }

  /**
   * The reason why training cannot go on with another optimizer's state, which is that their slots
   * differ; empty if it can.
   *
   * @param saved the optimizer that wrote the state
   */
  public Optional<String> otherState(OptimizerSpec saved) {
    Optimizer theirs;
    try {
      theirs = Optimizers.of(saved);
    } catch (IllegalArgumentException e) {
      return Optional.of("the optimizer's state: expected one that is known here, " + saved.name());
    }
    Set<String> named = new TreeSet<>(others.keySet());
    named.addAll(theirs.others.keySet());
    List<String> differences = new ArrayList<>();
    differs("", theirs, this).ifPresent(differences::add);
    for (String variable : named) {
      differs(" of " + variable, theirs.of(variable), of(variable)).ifPresent(differences::add);
    }
    if (differences.isEmpty() && !theirs.shares(named).equals(shares(named))) {
      differences.add(
          "the optimizer's state: the checkpoint has optimizers for "
              + theirs.shares(named)
              + ", expected optimizers for "
              + shares(named));
    }
    return differences.isEmpty() ? Optional.empty() : Optional.of(String.join("; ", differences));
  }

  /** The groups of variables that have an optimizer together, one of them with all others. */
  private List<String> shares(Set<String> named) {
    Map<Optimizer, List<String>> variables = new LinkedHashMap<>();
    variables.put(this, new ArrayList<>(List.of("all others")));
    named.forEach(v -> variables.computeIfAbsent(of(v), key -> new ArrayList<>()).add(v));
    return variables.values().stream().map(all -> String.join(" and ", all)).sorted().toList();
  }

  private static Optional<String> differs(String of, Optimizer saved, Optimizer present) {
    List<String> before = saved.slots.stream().map(SlotSpec::name).toList();
    List<String> now = present.slots.stream().map(SlotSpec::name).toList();
    return before.equals(now)
        ? Optional.empty()
        : Optional.of(
            "the optimizer's state"
                + of
                + ": the checkpoint has "
                + described(before, saved.name())
                + ", expected "
                + described(now, present.name()));
  }

  private static String described(List<String> slots, String optimizer) {
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
