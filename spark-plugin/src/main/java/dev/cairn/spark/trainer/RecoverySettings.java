package dev.cairn.spark.trainer;

import java.time.Duration;

/**
 * The settings for going on when executors are lost, join or end.
 *
 * @param executors the number that the application was asked to have
 * @param maxRecoveries recoveries without a new committed step that training survives
 * @param replacementWait the time that a recovery waits for replacements before the survivors take
 *     over
 * @param membersTimeout the time to wait for executors when there are none
 * @param stall the time that a run may take no step
 * @param memoryCopy whether executors keep a copy of the committed state in memory
 * @param rebalance whether executors that join get shards
 * @param dataCopies the number of executors that keep each packed partition
 */
public record RecoverySettings(
    int executors,
    int maxRecoveries,
    Duration replacementWait,
    Duration membersTimeout,
    Duration stall,
    boolean memoryCopy,
    boolean rebalance,
    int dataCopies) {}
