package dev.cairn.spark.transport;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Thrown when a call to a shard did not bring the wanted reply. */
public abstract sealed class TransportException extends IOException {
  private static final long serialVersionUID = 1L;

  private TransportException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  /** Thrown when the peer refused. */
  public static final class Refused extends TransportException {
    private static final long serialVersionUID = 1L;

    private final Refusal reason;

    /** Makes an error of a refusal. */
    public Refused(Refusal reason, String message) {
      super(message, null);
      this.reason = reason;
    }

    /** The reason of the refusal. */
    public Refusal reason() {
      return reason;
    }
  }

  /**
   * Thrown when the peer cannot be reached, has died, fell silent, or did not accept our
   * credentials.
   */
  public static final class PeerGone extends TransportException {
    private static final long serialVersionUID = 1L;

    /** Makes an error of a peer that is gone. */
    public PeerGone(String message, @Nullable Throwable cause) {
      super(message, cause);
    }
  }

  /** Thrown for bytes that are not a message of the protocol. */
  public static final class Malformed extends TransportException {
    private static final long serialVersionUID = 1L;

    /** Makes an error of bad bytes. */
    public Malformed(String message) {
      super(message, null);
    }
  }
}
