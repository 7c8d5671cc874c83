package dev.cairn.spark.trainer;

import java.io.IOException;

/**
 * Thrown when data or configuration differ from the checkpoint's and the settings do not accept
 * that.
 */
public final class ResumeRefusedException extends IOException {
  private static final long serialVersionUID = 1L;

  ResumeRefusedException(String message) {
    super(message);
  }
}
