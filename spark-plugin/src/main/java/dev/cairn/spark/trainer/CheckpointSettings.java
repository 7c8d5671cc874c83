package dev.cairn.spark.trainer;

import java.time.Duration;

/**
 * The settings of a run's saves.
 *
 * @param directory folder of the run's checkpoints
 * @param keep number of newest checkpoints kept, 0 for all
 * @param async whether training goes on while a save is being written
 * @param waitInFlight whether a save that falls due while another is being written waits for it;
 *     else it is skipped
 * @param toleratedFailures failed saves in a row that training survives
 * @param captureTimeout the time that freezing all shards may take
 * @param timeout the time that a save may take until it is durable
 */
public record CheckpointSettings(
    String directory,
    int keep,
    boolean async,
    boolean waitInFlight,
    int toleratedFailures,
    Duration captureTimeout,
    Duration timeout) {}
