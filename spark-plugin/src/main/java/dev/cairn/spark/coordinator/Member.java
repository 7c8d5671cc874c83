package dev.cairn.spark.coordinator;

import dev.cairn.spark.transport.ShardAddress;
import java.io.Serializable;

/**
 * An executor that can hold shards.
 *
 * @param address the address at which it answers
 * @param cores the number of cores that Spark gives to its tasks
 * @param memoryBytes its largest heap
 */
public record Member(ShardAddress address, int cores, long memoryBytes) implements Serializable {

  /** Spark's id of the executor. */
  public String executorId() {
    return address.executorId();
  }

  /** Its host, as Spark's scheduler names it. */
  public String host() {
    return address.host();
  }
}
