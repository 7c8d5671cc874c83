package dev.cairn.jobs.config;

/**
 * An error that its user can mend: the message alone says what, where, what was expected, what was
 * found and what to do. The command line prints it on one line without a stack trace.
 */
public final class JobException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Makes an error with this message. */
  public JobException(String message) {
    super(message);
  }

  /** Makes an error with this message, and a cause for {@code --debug} to show. */
  public JobException(String message, Throwable cause) {
    super(message, cause);
  }
}
