package dev.cairn.spark.transport;

import dev.cairn.checkpoint.model.CheckpointException;
import dev.cairn.spark.transport.TransportException.Refused;
import java.io.IOException;
import java.util.Optional;

/**
 * Turns storage's typed errors into refusals, and back: the type must survive the way to the
 * driver.
 */
public final class StorageRefusals {
  private StorageRefusals() {}

  /** The refusal with the storage's error. */
  public static Refused refused(IOException e) {
    return new Refused(reason(e), String.valueOf(e.getMessage()));
  }

  private static Refusal reason(IOException e) {
    if (e instanceof CheckpointException.Corrupt) {
      return Refusal.STORAGE_CORRUPT;
    } else if (e instanceof CheckpointException.NotFound) {
      return Refusal.STORAGE_NOT_FOUND;
    } else if (e instanceof CheckpointException.UnsupportedVersion) {
      return Refusal.STORAGE_VERSION;
    } else if (e instanceof CheckpointException.Conflict) {
      return Refusal.STORAGE_CONFLICT;
    } else if (e instanceof CheckpointException.StateUnknown) {
      return Refusal.STORAGE_STATE_UNKNOWN;
    } else if (e instanceof CheckpointException.Mismatch) {
      return Refusal.STORAGE_MISMATCH;
    }
    return Refusal.STORAGE_FAILED;
  }

  /** Storage's error in a refusal, empty when it has another reason. */
  public static Optional<CheckpointException> exception(Refused refused) {
    String message = String.valueOf(refused.getMessage());
    return Optional.ofNullable(
        switch (refused.reason()) {
          case STORAGE_CORRUPT -> new CheckpointException.Corrupt(message, refused);
          case STORAGE_NOT_FOUND -> new CheckpointException.NotFound(message, refused);
          case STORAGE_VERSION -> new CheckpointException.UnsupportedVersion(message);
          case STORAGE_CONFLICT -> new CheckpointException.Conflict(message, refused);
          case STORAGE_STATE_UNKNOWN -> new CheckpointException.StateUnknown(message, refused);
          case STORAGE_MISMATCH -> new CheckpointException.Mismatch(message);
          case STORAGE_FAILED -> new CheckpointException.Failed(message, refused);
          default -> null;
        });
  }
}
