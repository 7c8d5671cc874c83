package dev.cairn.spark.trainer;

import java.util.Collections;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The settings of resuming: whether a run goes on, and from which checkpoint.
 *
 * @param on whether it goes on from its folder's checkpoints; if not, a folder that holds
 *     checkpoints is refused, never written over
 * @param from the checkpoint to go on from: the name of one in the run's folder, which must be its
 *     newest, or the path of another run's, from which a run in an empty folder then begins; empty
 *     for the newest one of the folder
 * @param accepted names of configuration entries, or {@code data}, that may differ from the
 *     checkpoint's
 * @param initial the model that a run begins with if its folder holds nothing; empty for the
 *     model's own start
 */
public record ResumeSettings(
    boolean on, String from, Set<String> accepted, Optional<InitialModel> initial) {

  /** Goes on from the newest checkpoint, of exactly this data and these settings. */
  public static final ResumeSettings DEFAULT = new ResumeSettings(true, "", Set.of());

  /** Makes settings without an initial model. */
  public ResumeSettings(boolean on, String from, Set<String> accepted) {
    this(on, from, accepted, Optional.empty());
  }

  /** Copies the names. */
  public ResumeSettings {
    Objects.requireNonNull(initial, "initial");
    accepted = Collections.unmodifiableSet(new TreeSet<>(accepted));
  }
}
