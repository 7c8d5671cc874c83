package dev.cairn.spark.transport;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A call to a shard did not bring the wanted reply. */
public abstract sealed class TransportException extends IOException {
  private static final long serialVersionUID = 1L;

  private TransportException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  /** The peer answered, and said no. */
  public static final class Refused extends TransportException {
    private static final long serialVersionUID = 1L;

    private final Refusal reason;

    /** A refusal. */
    public Refused(Refusal reason, String message) {
      super(message, null);
      this.reason = reason;
    }

    /** Why. */
    public Refusal reason() {
      return reason;
    }
  }

  /** The peer cannot be reached, has died, fell silent, or did not accept our credentials. */
  public static final class PeerGone extends TransportException {
    private static final long serialVersionUID = 1L;

    /** A peer that is gone. */
    public PeerGone(String message, @Nullable Throwable cause) {
      super(message, cause);
    }
  }

  /** Bytes that are not a message of the protocol. */
  public static final class Malformed extends TransportException {
    private static final long serialVersionUID = 1L;

    /** Bad bytes. */
    public Malformed(String message) {
      super(message, null);
    }
  }
}
