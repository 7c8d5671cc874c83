package dev.cairn.spark.trainer;

import java.io.IOException;

/**
 * Thrown when the loss or a parameter is no longer a finite number: going on would only spoil the
 * parameters.
 */
public final class DivergedException extends IOException {
  private static final long serialVersionUID = 1L;

  DivergedException(String message) {
    super(message);
  }
}
