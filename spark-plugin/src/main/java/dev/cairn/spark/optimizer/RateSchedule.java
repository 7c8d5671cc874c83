package dev.cairn.spark.optimizer;

import java.util.Collections;
import java.util.List;
import java.util.OptionalDouble;

/**
 * The learning rate of each step: a pure function of the step. Schedules, and their arguments, are
 * Keras's of that name (keras.optimizers.schedules), and are written as text:
 *
 * <pre>
 * constant
 * inverse-time decay_steps=10 decay_rate=0.5 [staircase=true]
 * cosine decay_steps=1000 [alpha=0.1] [warmup_steps=100 [warmup_target=0.5]]
 * piecewise boundaries=10,30 values=0.1,0.05,0.01
 * </pre>
 *
 * <p>Keras's {@code initial_learning_rate} is the optimizer's learning rate, but where a warm-up
 * has no target: it then goes from 0 to the optimizer's rate, so that this is the highest one. The
 * values of piecewise are rates themselves.
 *
 * <p>Everything is computed in double and with StrictMath, so the bits do not depend on the
 * machine. Immutable, thread-safe.
 */
public sealed interface RateSchedule {
  /** The name of the schedule that changes nothing. */
  String CONSTANT_NAME = "constant";

  /**
   * The rate of a step.
   *
   * @param learningRate the optimizer's learning rate
   * @param step the number of updates that were done before it
   */
  double rate(double learningRate, long step);

  /** The highest rate that any step has. */
  double highest(double learningRate);

  /** The first rate, for schedules that do not follow the optimizer's. */
  default OptionalDouble ownRate() {
    return OptionalDouble.empty();
  }

  /** One rate for all steps. */
  static RateSchedule constant() {
    return new Constant();
  }

  /**
   * The text from which {@link #parse} makes this; arguments that have their default are left out.
   */
  String text();

  /**
   * Reads a text.
   *
   * @throws IllegalArgumentException for a text that is not a schedule; the message says what is
   *     wrong with it
   */
  static RateSchedule parse(String text) {
    ScheduleText read = new ScheduleText(text);
    RateSchedule schedule =
        switch (read.name()) {
          case CONSTANT_NAME -> constant();
          case InverseTime.NAME -> InverseTime.of(read);
          case Cosine.NAME -> Cosine.of(read);
          case Piecewise.NAME -> Piecewise.of(read);
          default ->
              throw read.bad(
                  "unknown name",
                  "one of constant, inverse-time, cosine, piecewise",
                  '"' + read.name() + '"');
        };
    read.refuseOthers();
    return schedule;
  }

  /** One rate for all steps. */
  record Constant() implements RateSchedule {
    @Override
    public double rate(double learningRate, long step) {
      return learningRate;
    }

    @Override
    public double highest(double learningRate) {
      return learningRate;
    }

    @Override
    public String text() {
      return CONSTANT_NAME;
    }
  }

  /**
   * The rate divided by {@code 1 + decay_rate step / decay_steps}.
   *
   * @param decaySteps 1 or more
   * @param decayRate 0 or greater
   * @param staircase whether the quotient of the steps is rounded down
   */
  record InverseTime(long decaySteps, double decayRate, boolean staircase) implements RateSchedule {
    private static final String NAME = "inverse-time";

    private static RateSchedule of(ScheduleText read) {
      return new InverseTime(
          read.steps("decay_steps", 1),
          read.number("decay_rate", 0, Float.MAX_VALUE),
          read.flag("staircase"));
    }

    @Override
    public double rate(double learningRate, long step) {
      double passed = (double) step / decaySteps;
      return learningRate / (1 + decayRate * (staircase ? Math.floor(passed) : passed));
    }

    @Override
    public double highest(double learningRate) {
      return learningRate;
    }

    @Override
    public String text() {
      return NAME
          + " decay_steps="
          + decaySteps
          + " decay_rate="
          + decayRate
          + (staircase ? " staircase=true" : "");
    }
  }

  /**
   * A rate that goes down to a part of it along half a cosine, and before that, if there is a
   * warm-up, up along a straight line.
   *
   * @param decaySteps the steps of the way down, 1 or more
   * @param alpha the part of the rate that is left in the end, 0 to 1
   * @param warmupSteps the steps of the way up, 0 for none
   * @param warmupTarget the end of the way up from the optimizer's rate; if there is none the way
   *     goes from 0 to the optimizer's rate
   */
  record Cosine(long decaySteps, double alpha, long warmupSteps, OptionalDouble warmupTarget)
      implements RateSchedule {
    private static final String NAME = "cosine";

    private static RateSchedule of(ScheduleText read) {
      long decaySteps = read.steps("decay_steps", 1);
      double alpha = read.has("alpha") ? read.number("alpha", 0, 1) : 0;
      long warmupSteps = read.has("warmup_steps") ? read.steps("warmup_steps", 0) : 0;
      OptionalDouble target =
          read.has("warmup_target")
              ? OptionalDouble.of(read.number("warmup_target", Float.MIN_VALUE, Float.MAX_VALUE))
              : OptionalDouble.empty();
      if (target.isPresent() && warmupSteps == 0) {
        throw read.bad("warmup_steps", "1 or more where there is a warmup_target", "0");
      }
      return new Cosine(decaySteps, alpha, warmupSteps, target);
    }

    @Override
    public double rate(double learningRate, long step) {
      double top = warmupTarget.orElse(learningRate);
      if (step < warmupSteps) {
        double from = warmupTarget.isPresent() ? learningRate : 0;
        return (top - from) * ((double) step / warmupSteps) + from;
      }
      double passed = (double) Math.min(step - warmupSteps, decaySteps) / decaySteps;
      double left = 0.5 * (1 + StrictMath.cos(Math.PI * passed));
      return top * ((1 - alpha) * left + alpha);
    }

    @Override
    public double highest(double learningRate) {
      return Math.max(learningRate, warmupTarget.orElse(learningRate));
    }

    @Override
    public String text() {
      StringBuilder text = new StringBuilder(NAME + " decay_steps=" + decaySteps);
      if (alpha != 0) {
        text.append(" alpha=").append(alpha);
      }
      if (warmupSteps != 0) {
        text.append(" warmup_steps=").append(warmupSteps);
      }
      warmupTarget.ifPresent(target -> text.append(" warmup_target=").append(target));
      return text.toString();
    }
  }

  /**
   * Rates by number of step: the first value up to and with the first boundary, then the second
   * one, and so on.
   *
   * @param boundaries ascending, 0 or more
   * @param values one more than boundaries, each above 0
   */
  record Piecewise(List<Long> boundaries, List<Double> values) implements RateSchedule {
    private static final String NAME = "piecewise";

    private static RateSchedule of(ScheduleText read) {
      List<Long> boundaries = read.ascending("boundaries");
      List<Double> values = read.numbers("values");
      if (values.size() != boundaries.size() + 1) {
        throw read.bad(
            "values", boundaries.size() + 1 + " of them, one more than boundaries", values + "");
      }
      return new Piecewise(List.copyOf(boundaries), List.copyOf(values));
    }

    @Override
    public double rate(double learningRate, long step) {
      int at = Collections.binarySearch(boundaries, step);
      return values.get(at < 0 ? -at - 1 : at);
    }

    @Override
    public double highest(double learningRate) {
      return Collections.max(values);
    }

    @Override
    public OptionalDouble ownRate() {
      return OptionalDouble.of(values.get(0));
    }

    @Override
    public String text() {
      return NAME + " boundaries=" + joined(boundaries) + " values=" + joined(values);
    }

    private static String joined(List<?> numbers) {
      return String.join(",", numbers.stream().map(String::valueOf).toList());
    }
  }
}
