package dev.cairn.spark.trainer;

import java.io.IOException;

/** Training data that was computed again after a loss is not what it was. */
public final class DataChangedException extends IOException {
  private static final long serialVersionUID = 1L;

  /** The partition. */
  public DataChangedException(String message) {
    super(message);
  }
}
