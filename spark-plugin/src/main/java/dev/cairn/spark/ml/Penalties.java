package dev.cairn.spark.ml;

/**
 * The penalties that an optimizer adds to the sum of losses that it minimises: {@code l1 |w|_1 + l2
 * / 2 |w|^2}.
 *
 * @param l1 strength of L1 regularisation, 0 or greater
 * @param l2 strength of L2 regularisation, 0 or greater
 */
record Penalties(double l1, double l2) {
  static final Penalties NONE = new Penalties(0, 0);

  /**
   * Converts MLlib's terms, where the objective is the mean of the losses plus {@code strength
   * (share |w|_1 + (1 - share) / 2 |w|^2)}: these times the rows of the optimizer's sum.
   */
  static Penalties of(double strength, double share, double rows) {
    return new Penalties(strength * share * rows, strength * (1 - share) * rows);
  }
}
