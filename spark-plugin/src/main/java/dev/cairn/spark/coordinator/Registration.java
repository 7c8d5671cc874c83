package dev.cairn.spark.coordinator;

import dev.cairn.spark.transport.ShardAddress;
import java.io.Serializable;

/**
 * The message of an executor's plugin to the driver's plugin: its shard host is ready.
 *
 * @param address the address at which the host answers
 * @param memoryBytes the executor's largest heap
 */
public record Registration(ShardAddress address, long memoryBytes) implements Serializable {}
