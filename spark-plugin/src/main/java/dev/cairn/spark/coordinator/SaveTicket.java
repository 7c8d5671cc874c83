package dev.cairn.spark.coordinator;

import dev.cairn.checkpoint.CommittedCheckpoint;
import java.util.concurrent.CompletableFuture;

/**
 * A save that was begun. It has two moments, always completed in this order, also on failure.
 *
 * @param step the step that is saved
 * @param captured completes when every shard holds its state of that step: training may go on
 * @param durable completes when the checkpoint is committed
 */
public record SaveTicket(
    long step, CompletableFuture<Void> captured, CompletableFuture<CommittedCheckpoint> durable) {}
