package dev.cairn.spark.trainer;

import dev.cairn.checkpoint.CommittedCheckpoint;

/**
 * The result of training.
 *
 * @param checkpoint the one that holds the trained parameters
 * @param step the number of steps applied
 * @param complete whether the schedule's end was reached; false after a request to stop
 * @param epochLosses mean loss of the rows in each epoch that was ended here, in order
 */
public record Trained(
    CommittedCheckpoint checkpoint, long step, boolean complete, double[] epochLosses) {}
