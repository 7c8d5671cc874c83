package dev.cairn.checkpoint.train;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.cairn.checkpoint.graph.Restoration;
import dev.cairn.checkpoint.model.CheckpointException.Mismatch;
import java.util.List;

/**
 * The status of a restore without a checkpoint, as on a program's first run: nothing was restored,
 * so every question but {@link #expectPartial} has a no for an answer. Immutable.
 */
public final class InitializationOnlyStatus implements LoadStatus {

  InitializationOnlyStatus() {}

  private static Mismatch nothing() {
    return new Mismatch(
        "Cannot say that anything was restored: restore was given no checkpoint; ask only where"
            + " there is one");
  }

  @Override
  @CanIgnoreReturnValue
  public InitializationOnlyStatus assertConsumed() throws Mismatch {
    throw nothing();
  }

  @Override
  @CanIgnoreReturnValue
  public InitializationOnlyStatus assertExistingObjectsMatched() throws Mismatch {
    throw nothing();
  }

  @Override
  @CanIgnoreReturnValue
  public InitializationOnlyStatus assertNontrivialMatch() throws Mismatch {
    throw nothing();
  }

  @Override
  @CanIgnoreReturnValue
  public InitializationOnlyStatus expectPartial() {
    return this;
  }

  @Override
  public Restoration.Report report() {
    return new Restoration.Report(
        List.of(), List.of(), List.of(), List.of(), List.of(), List.of(), List.of());
  }
}
