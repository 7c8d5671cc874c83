package dev.cairn.spark.optimizer;

import dev.cairn.checkpoint.model.OptimizerSpec;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SortedMap;
import java.util.TreeMap;

/** Builds optimizers from their recorded name, hyperparameters and schedule. */
public final class Optimizers {
  /** The name of no optimizer: parameters that are only read, without slots. */
  public static final String NONE = "none";

  /** All kinds of optimizers. */
  private static final List<OptimizerKind> KINDS =
      List.of(Adagrad.KIND, Adam.KIND, AdamW.KIND, Ftrl.KIND, RmsProp.KIND, Sgd.KIND);

  private Optimizers() {}

  /** The names of all optimizers. */
  public static List<String> names() {
    return KINDS.stream().map(OptimizerKind::name).toList();
  }

  /** Does the same as {@link #of(OptimizerSpec)}, with one learning rate for all steps. */
  public static Optimizer of(String name, SortedMap<String, Double> hyperparameters) {
    return of(new OptimizerSpec(name, hyperparameters));
  }

  /**
   * The optimizer of that name. Every one has {@code learning_rate}, {@code l1} (0), {@code l2}
   * (0), one of {@code clipvalue}, {@code clipnorm} and {@code global_clipnorm} (none), {@code
   * dense_updates} (0), and all but ftrl {@code weight_decay} (0) and schedules; the classes of the
   * rules describe all others.
   *
   * <p>Variables for which the same is chosen have the same optimizer, and a choice that is that of
   * all counts as none.
   *
   * <p>Gradients are sums over the rows of a step, so rates and limits for sums are meant. {@link
   * #NONE} has no slots and refuses gradients.
   *
   * @param spec hyperparameters that are missing take the optimizer's default
   * @throws IllegalArgumentException for an unknown name, an unknown hyperparameter or a bad value
   */
  public static Optimizer of(OptimizerSpec spec) {
    return spec.name().equals(NONE) ? Optimizer.none() : training(spec);
  }

  /**
   * Does the same as {@link #of(OptimizerSpec)}, but {@link #NONE} is a name like any other unknown
   * one.
   */
  public static Optimizer training(OptimizerSpec spec) {
    Optimizer ofAll = alone(spec);
    Map<OptimizerSpec, Optimizer> made = new HashMap<>(Map.of(ofAll.spec(), ofAll));
    SortedMap<String, Optimizer> others = new TreeMap<>();
    spec.forVariables()
        .forEach(
            (variable, chosen) -> {
              Optimizer one = forVariable(variable, chosen);
              Optimizer shared = made.computeIfAbsent(one.spec(), key -> one);
              if (shared != ofAll) {
                others.put(variable, shared);
              }
            });
    return others.isEmpty() ? ofAll : ofAll.but(others);
  }

  private static Optimizer forVariable(String variable, OptimizerSpec chosen) {
    try {
      return alone(chosen);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(e.getMessage() + " (for " + variable + ")", e);
    }
  }

  /** Makes an optimizer without the choices for variables. */
  private static Optimizer alone(OptimizerSpec spec) {
    OptimizerKind kind =
        KINDS.stream()
            .filter(known -> known.name().equals(spec.name()))
            .findFirst()
            .orElseThrow(() -> unknown(spec.name()));
    RateSchedule schedule = RateSchedule.parse(spec.schedule().orElse(RateSchedule.CONSTANT_NAME));
    Hyperparameters read = new Hyperparameters(kind.name(), spec.hyperparameters());
    Optimizer.Common common = common(kind, read, schedule);
    UpdateRule rule = kind.rule().apply(read);
    read.refuseOthers();
    Optional<String> recorded =
        schedule.equals(RateSchedule.constant()) ? Optional.empty() : Optional.of(schedule.text());
    return new Optimizer(
        new OptimizerSpec(kind.name(), read.used(), recorded), rule, schedule, common);
  }

  private static Optimizer.Common common(
      OptimizerKind kind, Hyperparameters read, RateSchedule schedule) {
    if (kind.oneRate() && !schedule.equals(RateSchedule.constant())) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "Cannot create optimizer %s: its rate is one for all steps together, expected no"
                  + " schedule, found %s",
              kind.name(),
              schedule.text()));
    }
    double learningRate = learningRate(kind, read, schedule);
    double weightDecay = kind.oneRate() ? 0 : read.option("weight_decay", kind.weightDecay());
    double highest = schedule.highest(learningRate);
    if (weightDecay * highest >= 1) {
      throw read.bad("weight_decay", "below 1 / learning rate, which is " + highest, weightDecay);
    }
    double l1 = read.notNegative("l1", 0);
    double l2 = read.notNegative("l2", 0);
    double clipvalue = read.limit("clipvalue");
    double clipnorm = read.limit("clipnorm");
    double globalClipnorm = read.limit("global_clipnorm");
    read.atMostOne("clipvalue", "clipnorm", "global_clipnorm");
    return new Optimizer.Common(
        learningRate,
        l1,
        l2,
        weightDecay,
        clipvalue,
        clipnorm,
        globalClipnorm,
        read.flag("dense_updates"));
  }

  private static double learningRate(
      OptimizerKind kind, Hyperparameters read, RateSchedule schedule) {
    OptionalDouble fixed = schedule.ownRate();
    double rate = read.positive("learning_rate", fixed.orElse(kind.learningRate()));
    if (fixed.isPresent() && fixed.getAsDouble() != rate) {
      throw read.bad(
          "learning_rate",
          "the first value of the schedule " + schedule.text() + ", or none",
          rate);
    }
    return rate;
  }

  private static IllegalArgumentException unknown(String name) {
    return new IllegalArgumentException(
        String.format(
            Locale.ROOT,
            "Cannot create optimizer: unknown name, expected one of %s, found %s",
            String.join(", ", names()),
            name));
  }
}
