package dev.cairn.spark.transport;

import java.io.Serializable;
import java.util.Locale;
import java.util.Objects;

/**
 * The address at which an executor answers shard messages. Immutable.
 *
 * @param executorId Spark's id of the executor; never used twice in one application
 * @param host the host that the executor's block manager advertises
 * @param port TCP port; 0 when it answers within its own JVM only
 */
public record ShardAddress(String executorId, String host, int port) implements Serializable {

  /** Checks the arguments. */
  public ShardAddress {
    Objects.requireNonNull(executorId, "executorId");
    Objects.requireNonNull(host, "host");
    if (port < 0 || port > 65_535) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "Cannot address executor %s: the port is wrong, expected 0 .. 65535, found %d",
              executorId,
              port));
    }
  }

  @Override
  public String toString() {
    return "executor " + executorId + " (" + (port == 0 ? "this JVM" : host + ":" + port) + ")";
  }
}
