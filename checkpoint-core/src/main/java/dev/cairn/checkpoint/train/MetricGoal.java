package dev.cairn.checkpoint.train;

/** Which value of a metric is the better one. NaN is never good. */
public enum MetricGoal {
  /** The smaller one, as of a loss. */
  MIN,
  /** The larger one, as of an accuracy. */
  MAX
}
