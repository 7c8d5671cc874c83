package dev.cairn.spark.coordinator;

import dev.cairn.spark.transport.ShardAddress;
import java.io.Serializable;

/**
 * What an executor's plugin tells the driver's plugin: its shard host is ready.
 *
 * @param address where the host answers
 * @param memoryBytes the executor's largest heap
 */
public record Registration(ShardAddress address, long memoryBytes) implements Serializable {}
