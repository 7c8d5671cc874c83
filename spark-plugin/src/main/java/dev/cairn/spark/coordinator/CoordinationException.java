package dev.cairn.spark.coordinator;

import java.io.IOException;
import java.util.List;

/**
 * Something that all shards had to do together was not done. The message names exactly the
 * participants that failed or did not answer in time; their errors are the cause and the suppressed
 * exceptions.
 */
public final class CoordinationException extends IOException {
  private static final long serialVersionUID = 1L;

  /** Without participants. */
  public CoordinationException(String message) {
    super(message);
  }

  /** With what the participants said, the first one leading. */
  public CoordinationException(String message, List<? extends Throwable> causes) {
    super(message, causes.isEmpty() ? null : causes.get(0));
    causes.stream().skip(1).forEach(this::addSuppressed);
  }
}
