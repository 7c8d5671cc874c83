package dev.cairn.spark.data;

/** Thrown for a row that cannot be trained on; the message says which row, why, and what to do. */
public final class InvalidRowException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  /** Makes an error with this message. */
  public InvalidRowException(String message) {
    super(message);
  }
}
