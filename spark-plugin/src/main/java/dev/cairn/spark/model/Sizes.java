package dev.cairn.spark.model;

/** Checks the sizes of models. */
final class Sizes {
  private static final int LARGEST = Integer.MAX_VALUE - 16;

  private Sizes() {}

  /**
   * Checks a number of features.
   *
   * @param rowsOfOne the number of rows of a feature in all variables together
   * @param others the number of rows that belong to no feature
   */
  static void checkFeatures(int features, int rowsOfOne, int others) {
    check("features", features, 1, (LARGEST - others) / rowsOfOne);
  }

  /** Checks a number of something. */
  static void check(String what, int found, int least, int most) {
    if (found < least || found > most) {
      throw new IllegalArgumentException(
          "Cannot lay out a model: expected "
              + least
              + " to "
              + most
              + " "
              + what
              + ", found "
              + found);
    }
  }
}
