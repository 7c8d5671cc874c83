package dev.cairn.spark.trainer;

import java.time.Duration;

/**
 * How a run goes on when executors are lost, join or end.
 *
 * @param executors how many the application was asked to have
 * @param maxRecoveries recoveries without a new committed step that training survives
 * @param replacementWait how long a recovery waits for replacements before the survivors take over
 * @param membersTimeout how long to wait for executors when there are none
 * @param stall how long a run may take no step
 * @param memoryCopy whether executors keep a copy of the committed state in memory
 * @param rebalance whether executors that join get shards
 * @param dataCopies how many executors keep each packed partition
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
