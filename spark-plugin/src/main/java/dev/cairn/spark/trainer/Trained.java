package dev.cairn.spark.trainer;

/**
 * What training came to.
 *
 * @param checkpoint path of the checkpoint that holds the trained parameters
 * @param step steps applied
 * @param complete whether the schedule's end was reached; false after a request to stop
 */
public record Trained(String checkpoint, long step, boolean complete) {}
