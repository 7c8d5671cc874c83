package dev.cairn.spark.columns;

import dev.cairn.spark.data.InvalidRowException;

/** Finds the reason why packing the rows failed. */
public final class BadRows {
  private BadRows() {}

  /**
   * The bad row that an executor found, as the caller's own error; else the failure as it is.
   *
   * @return never: for {@code throw}
   */
  public static RuntimeException named(Exception failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof InvalidRowException) {
        throw new IllegalArgumentException(String.valueOf(cause.getMessage()), failure);
      }
    }
    BadRows.<RuntimeException>rethrow(failure);
    throw new AssertionError("the line above throws", failure);
  }

  /** Throws a checked exception undeclared, since Spark does so, too. */
  @SuppressWarnings("unchecked")
  private static <E extends Exception> void rethrow(Exception failure) throws E {
    throw (E) failure;
  }
}
