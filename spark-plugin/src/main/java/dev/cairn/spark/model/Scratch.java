package dev.cairn.spark.model;

/** Helps kernels to keep memory from batch to batch. */
final class Scratch {
  private Scratch() {}

  /** The array that is held, or one with room for more numbers than that, all 0. */
  static double[] room(double[] held, int numbers) {
    return held.length >= numbers ? held : new double[roomier(numbers)];
  }

  /** A little more than a number, up to the longest array: batches differ by little. */
  static int roomier(int numbers) {
    return (int) Math.min(Integer.MAX_VALUE - 16L, numbers + numbers / 8L);
  }

  /** Rounds the first {@code count} sums to gradients, and makes them 0 for the next batch. */
  static void drain(double[] sums, float[] gradients, int count) {
    for (int i = 0; i < count; i++) {
      gradients[i] = (float) sums[i];
      sums[i] = 0;
    }
  }
}
