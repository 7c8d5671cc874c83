package dev.cairn.spark.coordinator;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Thrown when training cannot go on by itself; the last checkpoint is intact. The message names
 * every loss.
 */
public final class RecoveryFailedException extends IOException {
  private static final long serialVersionUID = 1L;

  /** Makes an error with the failure that was one too many. */
  public RecoveryFailedException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
