package dev.cairn.spark.optimizer;

/**
 * The step that a rule takes.
 *
 * @param step the number of updates that were done before this one: Keras's {@code iterations}
 * @param rate the learning rate of this step
 * @param kept the part of every value that weight decay leaves in this step, 1 without it
 * @param l1 strength of L1 regularisation, 0 for variables that are not regularised
 * @param l2 strength of L2 regularisation, 0 for variables that are not regularised
 */
record StepContext(long step, double rate, double kept, double l1, double l2) {

  /**
   * The rest that L1 and L2 leave of a value: the proximal step, which is exact. The number that
   * minimises {@code (x - v)^2 / (2 r) + l1 |x| + l2 / 2 x^2} is {@code sign(v) max(|v| - r l1, 0)
   * / (1 + r l2)}, so a weight that L1 removes is 0 and not nearly so.
   *
   * <p>The caller's r is what a gradient of 1 that lasts moves the number by in the end, momentum
   * included. Training then rests where loss and penalty together are smallest.
   *
   * @param v the value after the step that the gradient alone makes
   * @param r the rate of this number
   */
  double shrunk(double v, double r) {
    double left = v;
    if (l1 > 0) {
      // Adding 0 makes -0 a 0: a weight that L1 removed has one form.
      left = Math.copySign(Math.max(Math.abs(left) - r * l1, 0), left) + 0.0;
    }
    if (l2 > 0) {
      left /= 1 + r * l2;
    }
    return left;
  }
}
