package dev.cairn.spark.trainer;

import dev.cairn.checkpoint.CommittedCheckpoint;
import dev.cairn.checkpoint.model.TestFigures;
import dev.cairn.checkpoint.model.TrainingState;
import dev.cairn.spark.coordinator.ShardGroup;
import dev.cairn.spark.listener.TrainingListener;
import java.io.IOException;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Does a run's work at the end of each epoch: judges the parameters on the held-out rows, if there
 * are any, keeps them if they are the best so far, and decides whether to go on.
 *
 * <p>The loss of the training rows decides, too, if a tolerance is set ({@link TrainingLosses}).
 * Test rows decide nothing: parameters that may be the result are judged on them before they are
 * saved, so that their checkpoint has the figures.
 *
 * <p>Epochs are judged, not checkpoints: so the end of training depends on data, configuration and
 * seed, not on how often it is saved. A run that ends within an epoch is judged there, too, but
 * that judgement decides on its result only: it does not count for a run that goes on. For use by
 * the thread that trains.
 */
final class EpochEnds {
  /** The name of a changed set of held-out rows. */
  static final String DATA = "validation.data";

  private static final String LOSS = "validation.loss";

  private final Schedule schedule;
  private final long samples;
  private final StoppingSettings settings;
  private final Judging judge;
  private final TrainingListener listener;
  private HeldOutLosses losses = HeldOutLosses.NONE;
  private TrainingLosses training = TrainingLosses.NONE;
  private long judgedStep = -1;
  private double judgedLoss = Double.NaN;
  private long testedStep = -1;
  private @Nullable TestFigures tested;

  /** Judges parameters; {@link Judge} is one. */
  interface Judging {
    /** The mean held-out loss of the parameters that shards have at a step. */
    double loss(ShardGroup group, long step) throws IOException, InterruptedException;

    /** The fingerprint of the held-out rows; null if there are none. */
    @Nullable String fingerprint();

    /** Whether there are test rows. */
    boolean tests();

    /** The figures on the test rows of the parameters that shards have at a step. */
    TestFigures test(ShardGroup group, long step) throws IOException, InterruptedException;
  }

  /**
   * Makes the ends of a run's epochs.
   *
   * @param samples the number of samples of an epoch
   * @param judge the judge on held-out rows and test rows, if there are any
   */
  EpochEnds(
      Schedule schedule,
      long samples,
      StoppingSettings settings,
      Judging judge,
      TrainingListener listener) {
    this.schedule = schedule;
    this.samples = samples;
    this.settings = settings;
    this.judge = judge;
    this.listener = listener;
  }

  /** The next step after {@code step} at which there is something to do, or the run's end. */
  long next(long step) {
    boolean nothing = judge.fingerprint() == null && settings.tol() == 0;
    return nothing ? schedule.endStep() : schedule.epochEnd(step);
  }

  /**
   * Called when training has come to a step: if it is one of these, does the work.
   *
   * @param units the losses of the batches since the last call, as {@link TrainingLosses} counts,
   *     by epoch
   */
  void reached(ShardGroup group, long step, long[] units) throws IOException, InterruptedException {
    boolean epoch = schedule.batch(step) == 0;
    long ended = schedule.epoch(step) - units.length + (epoch ? 0 : 1);
    for (int i = 0; i < units.length; i++) {
      training = training.plus(units[i]);
      if (epoch || i + 1 < units.length) {
        ended++;
        training = training.epochEnded(samples);
        listener.epochTrained(ended, schedule.step(ended), training.last());
      }
    }
    boolean last = step == schedule.endStep();
    if (judge.fingerprint() != null && (epoch || last)) {
      validate(group, step, epoch);
    }
    if (last || over() || keep(step)) {
      test(group, step);
    }
  }

  /**
   * Judges parameters that may be the run's result on the test rows, if there are any, before they
   * are saved.
   */
  void test(ShardGroup group, long step) throws IOException, InterruptedException {
    if (judge.tests() && testedStep != step) {
      TestFigures figures = judge.test(group, step);
      tested = figures;
      testedStep = step;
      listener.tested(step, figures);
    }
  }

  /** The figures of a step's parameters on the test rows, if they were judged. */
  Optional<TestFigures> testFigures(long step) {
    return step == testedStep ? Optional.of(Objects.requireNonNull(tested)) : Optional.empty();
  }

  private void validate(ShardGroup group, long step, boolean epoch)
      throws IOException, InterruptedException {
    double loss = judge.loss(group, step);
    if (epoch) {
      losses = losses.after(step, loss, settings.validationTol());
    }
    judgedStep = step;
    judgedLoss = loss;
    listener.validated(
        new TrainingListener.Validation(
            step,
            schedule.epoch(step) + (double) schedule.batch(step) / schedule.batchesPerEpoch(),
            loss,
            losses.bestStep(),
            losses.best()));
  }

  /** Whether the parameters of a step must be saved, since they are the best. */
  boolean keep(long step) {
    return step == losses.bestStep() && step == judgedStep && settings.restoreBest();
  }

  /** Whether training is over before its last step. */
  boolean over() {
    boolean waitedEnough = settings.patience() > 0 && losses.waited() >= settings.patience();
    return waitedEnough || (settings.tol() > 0 && training.settled(settings.tol()));
  }

  /** The step whose parameters are the result of a run that has ended at {@code step}. */
  long result(long step) {
    boolean last =
        judge.fingerprint() == null
            || !settings.restoreBest()
            || losses.bestStep() < 0
            || (judgedStep == step && judgedLoss < losses.best());
    return last ? step : losses.bestStep();
  }

  /** Adds the losses so far to the metrics of a checkpoint of a step. */
  void addTo(Map<String, Double> metrics, long step) {
    training.addTo(metrics);
    if (judge.fingerprint() == null) {
      return;
    }
    losses.addTo(metrics, settings.restoreBest());
    if (judgedStep == step) {
      metrics.put(LOSS, judgedLoss);
    }
  }

  /**
   * Called when training begins, or goes on, from a checkpoint; null for the start from nothing.
   */
  void goBack(@Nullable CommittedCheckpoint to) {
    losses = HeldOutLosses.NONE;
    training = TrainingLosses.NONE;
    judgedStep = -1;
    testedStep = -1;
    TrainingState state = to == null ? null : to.manifest().training().orElse(null);
    if (to == null || state == null) {
      return;
    }
    if (to.step() > schedule.epochStart()) { // else it was trained on other data
      training = TrainingLosses.of(state.metrics());
    }
    String heldOut = judge.fingerprint();
    if (heldOut == null || !heldOut.equals(state.configuration().get(DATA))) {
      return; // losses on other rows cannot be compared
    }
    losses = HeldOutLosses.of(state.metrics());
    Double loss = state.metrics().get(LOSS);
    if (loss != null) {
      judgedStep = to.step();
      judgedLoss = loss;
    }
  }
}
