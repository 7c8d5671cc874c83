package dev.cairn.spark.data;

/**
 * A row of the training data that cannot be trained on; the message says which, why, and the mend.
 */
public final class InvalidRowException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  /** Such a row. */
  public InvalidRowException(String message) {
    super(message);
  }
}
