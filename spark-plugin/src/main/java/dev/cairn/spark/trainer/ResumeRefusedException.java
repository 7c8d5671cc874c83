package dev.cairn.spark.trainer;

import java.io.IOException;

/** Data or configuration differ from the checkpoint's and nobody said that this is meant. */
public final class ResumeRefusedException extends IOException {
  private static final long serialVersionUID = 1L;

  ResumeRefusedException(String message) {
    super(message);
  }
}
