package dev.cairn.checkpoint.train;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.cairn.checkpoint.graph.Restoration;
import dev.cairn.checkpoint.model.CheckpointException.Mismatch;
import java.io.IOException;

/**
 * What came of a restore, and the questions that one may ask of it; each looks at the program as it
 * is then, and first restores what has come since. Each returns the status, to ask more. As
 * TensorFlow's load status, but that every difference is listed. Not thread-safe.
 */
public sealed interface LoadStatus
    permits CheckpointLoadStatus, NameBasedSaverStatus, InitializationOnlyStatus {

  /**
   * Passes if the program has all that the checkpoint has, and the other way round.
   *
   * @throws Mismatch listing every difference
   */
  @CanIgnoreReturnValue
  LoadStatus assertConsumed() throws IOException;

  /**
   * Passes if all that the program has is in the checkpoint.
   *
   * @throws Mismatch listing what is not
   */
  @CanIgnoreReturnValue
  LoadStatus assertExistingObjectsMatched() throws IOException;

  /**
   * Passes if anything of the program but the counter of saves is in the checkpoint. (TensorFlow
   * counts that one, too, so after {@code restore} its question has but one answer.)
   *
   * @throws Mismatch if nothing is
   */
  @CanIgnoreReturnValue
  LoadStatus assertNontrivialMatch() throws IOException;

  /** Says that differences are meant to be: then none is logged. */
  @CanIgnoreReturnValue
  LoadStatus expectPartial();

  /** What matched, what is missing, left over, shared otherwise: as the program is now. */
  Restoration.Report report() throws IOException;
}
