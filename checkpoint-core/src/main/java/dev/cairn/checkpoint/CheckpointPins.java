package dev.cairn.checkpoint;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.HashMap;
import java.util.Map;

/**
 * The checkpoints that are being read in this JVM: the retention of this JVM's checkpoint folders
 * leaves them alone until they are not read any more. They are deleted at the first commit after
 * that.
 *
 * <p>Pins are not written to storage: another program that trains in the same folder, {@code rm},
 * and {@code gc} do not respect them. A program that needs a model for longer copies it to a folder
 * of its own.
 *
 * <p>Thread-safe.
 */
public final class CheckpointPins {
  @GuardedBy("PINS")
  private static final Map<String, Integer> PINS = new HashMap<>();

  /** Ends a pin. */
  public interface Pin extends AutoCloseable {
    /** Lets the checkpoint expire from now on. A second call does nothing. */
    @Override
    void close();
  }

  private CheckpointPins() {}

  /**
   * Keeps a checkpoint until the pin is closed.
   *
   * @param path its directory, as {@link CommittedCheckpoint#path} says it
   */
  public static Pin pin(String path) {
    synchronized (PINS) {
      PINS.merge(path, 1, Integer::sum);
    }
    return new Pin() {
      private boolean closed;

      @Override
      public synchronized void close() {
        if (!closed) {
          closed = true;
          unpin(path);
        }
      }
    };
  }

  private static void unpin(String path) {
    synchronized (PINS) {
      PINS.computeIfPresent(path, (key, count) -> count == 1 ? null : count - 1);
    }
  }

  /**
   * Whether a checkpoint must stay.
   *
   * @param path as it was pinned
   */
  public static boolean pinned(String path) {
    synchronized (PINS) {
      return PINS.containsKey(path);
    }
  }
}
