package dev.cairn.spark.trainer;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Thrown when a segment did not get to its end; the shards hold no usable state. */
public final class SegmentFailedException extends IOException {
  private static final long serialVersionUID = 1L;

  SegmentFailedException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
