package dev.cairn.spark.coordinator;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.cairn.checkpoint.model.CheckpointException;
import java.io.IOException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs and counts failed saves. A success begins the count anew; one more failure in a row than is
 * tolerated is an error. Thread-safe.
 */
final class SaveFailures {
  private static final Logger LOG = LoggerFactory.getLogger(SaveFailures.class);

  private final int tolerated;

  @GuardedBy("this")
  private int inARow;

  @GuardedBy("this")
  private long total;

  /** The failure that must be thrown at the next occasion, once. */
  @GuardedBy("this")
  private @Nullable IOException due;

  SaveFailures(int tolerated) {
    this.tolerated = tolerated;
  }

  synchronized void succeeded() {
    inARow = 0;
  }

  synchronized void failed(long step, Throwable cause) {
    inARow++;
    total++;
    String message =
        String.format(
            Locale.ROOT,
            "Cannot save step %d: failure %d in a row, %d are tolerated: %s",
            step,
            inARow,
            tolerated,
            CoordinationException.text(cause));
    LOG.warn(message, cause);
    if (cause instanceof CheckpointException.Fenced fenced) {
      due = fenced;
    } else if (inARow > tolerated) {
      due = new IOException(message, cause);
    }
  }

  /** Throws the failure that is too many, once. */
  synchronized void throwIfTooMany() throws IOException {
    IOException now = due;
    due = null;
    if (now != null) {
      throw now;
    }
  }

  synchronized long total() {
    return total;
  }

  synchronized int inARow() {
    return inARow;
  }
}
