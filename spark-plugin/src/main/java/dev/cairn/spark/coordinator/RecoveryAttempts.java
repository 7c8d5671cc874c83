package dev.cairn.spark.coordinator;

import dev.cairn.checkpoint.model.CheckpointException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * Counts a run's recoveries since its last committed step, with their reasons. Too many end the
 * run, and every error that ends it lists all that happened. For one thread at a time.
 */
final class RecoveryAttempts {
  private final int most;
  private final List<String> history = new ArrayList<>();
  private int count;
  private long committedStep = Long.MIN_VALUE;

  /**
   * Makes one without attempts.
   *
   * @param most the most tries without a new committed step; one more is refused
   */
  RecoveryAttempts(int most) {
    this.most = most;
  }

  /**
   * Counts one more, of a run whose shards are not filled for the first time yet.
   *
   * @throws RecoveryFailedException if that is too many
   */
  void beforeFirstStep(List<Loss> lost, Throwable cause) throws RecoveryFailedException {
    add(lost, cause, "before the first step", "What the run's folder holds is as it was");
  }

  /**
   * Counts one more, of a run that goes back to a committed step. The count begins anew with a
   * newer step than before.
   *
   * @throws RecoveryFailedException if that is too many
   */
  void from(Recovery.Base base, List<Loss> lost, Throwable cause) throws RecoveryFailedException {
    if (base.step() > committedStep) {
      committedStep = base.step();
      count = 0;
      history.clear();
    }
    add(
        lost,
        cause,
        "from step " + base.step() + " without a new checkpoint",
        "The last checkpoint is intact: "
            + (base.path().isEmpty() ? "none yet" : base.path())
            + ". Save more often (checkpoint.every-steps) if executors are lost this often");
  }

  private void add(List<Loss> lost, Throwable cause, String when, String whatIsLeft)
      throws RecoveryFailedException {
    count++;
    history.add(
        lost.isEmpty()
            ? CoordinationException.text(cause)
            : lost.stream().map(Loss::describe).collect(Collectors.joining(" and ")));
    if (count > most) {
      throw new RecoveryFailedException(
          String.format(
              Locale.ROOT,
              "Cannot go on training: too many recoveries %s, expected at most %d"
                  + " (spark.cairn.recovery.max, train.max-recoveries in a file), found %d. What"
                  + " happened: %s. %s. Start again to go on from there",
              when,
              most,
              count,
              whatHappened(),
              whatIsLeft),
          cause);
    }
  }

  /** The error of a run whose last checkpoint cannot be restored. */
  RecoveryFailedException unreadable(Recovery.Base base, CheckpointException why) {
    return new RecoveryFailedException(
        String.format(
            Locale.ROOT,
            "Cannot go on training from step %d: its checkpoint is damaged or gone since it was"
                + " committed, expected %s to be as it was. What happened: %s; %s. Start again to go"
                + " on from the newest checkpoint that is good",
            base.step(),
            base.path(),
            whatHappened(),
            why.getMessage()),
        why);
  }

  /** The error of a run that needs executors which do not come. */
  RecoveryFailedException nobodyCame(String need, Duration waited, Throwable cause) {
    return new RecoveryFailedException(
        String.format(
            Locale.ROOT,
            "Cannot go on training: %s. Nobody has come for %d s (spark.cairn.members.timeout)."
                + " What happened: %s. Start again to go on from the last checkpoint",
            need,
            waited.toSeconds(),
            whatHappened()),
        cause);
  }

  private String whatHappened() {
    return String.join("; ", history);
  }
}
