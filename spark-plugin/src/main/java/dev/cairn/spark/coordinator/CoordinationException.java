package dev.cairn.spark.coordinator;

import dev.cairn.spark.transport.Refusal;
import dev.cairn.spark.transport.TransportException;
import java.io.IOException;
import java.util.List;
import java.util.Set;

/**
 * Thrown when something that all shards had to do together was not done. The message names exactly
 * the participants that failed or did not answer in time; their errors are the cause and the
 * suppressed exceptions.
 */
public final class CoordinationException extends IOException {
  private static final long serialVersionUID = 1L;

  /** The answers of a host that is not a member any more, or has joined anew. */
  private static final Set<Refusal> NOT_A_MEMBER =
      Set.of(
          Refusal.CLOSED,
          Refusal.LEASE_OVER,
          Refusal.UNKNOWN_MODEL,
          Refusal.WRONG_GENERATION,
          Refusal.WRONG_SEGMENT,
          Refusal.ABANDONED);

  /** Makes an error without participants. */
  public CoordinationException(String message) {
    super(message);
  }

  /** Makes an error with the participants' errors, the first one leading. */
  public CoordinationException(String message, List<? extends Throwable> causes) {
    super(message, causes.isEmpty() ? null : causes.get(0));
    causes.stream().skip(1).forEach(this::addSuppressed);
  }

  /** Whether an executor that is gone, or fenced off, had a part in a failure. */
  public static boolean executorGone(Throwable failure) {
    if (failure instanceof CoordinationException all && all.getCause() != null) {
      boolean gone = gone(all.getCause());
      for (Throwable other : all.getSuppressed()) {
        gone |= gone(other);
      }
      return gone;
    }
    return gone(failure);
  }

  /** The message of an error, or its kind if it has none. */
  static String text(Throwable cause) {
    return cause.getMessage() == null ? cause.toString() : cause.getMessage();
  }

  private static boolean gone(Throwable failure) {
    return failure instanceof TransportException.PeerGone
        || (failure instanceof TransportException.Refused refused
            && NOT_A_MEMBER.contains(refused.reason()));
  }
}
