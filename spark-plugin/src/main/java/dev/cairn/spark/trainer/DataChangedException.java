package dev.cairn.spark.trainer;

import java.io.IOException;

/** Thrown when training data that was computed again after a loss differs from what it was. */
public final class DataChangedException extends IOException {
  private static final long serialVersionUID = 1L;

  /** Makes an error with this message. */
  public DataChangedException(String message) {
    super(message);
  }
}
