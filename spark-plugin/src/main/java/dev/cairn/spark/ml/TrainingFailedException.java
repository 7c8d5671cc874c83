package dev.cairn.spark.ml;

import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * Thrown when training could not go on, or a stage could not be read or written; the cause says why
 * and what to do. After a fit that has failed the newest committed checkpoint is intact: the next
 * fit goes on from there.
 */
public final class TrainingFailedException extends UncheckedIOException {
  private static final long serialVersionUID = 1L;

  TrainingFailedException(IOException cause) {
    super(String.valueOf(cause.getMessage()), cause);
  }
}
