package dev.cairn.spark.coordinator;

import dev.cairn.checkpoint.graph.ObjectGraph;
import dev.cairn.spark.transport.ShardAddress;
import dev.cairn.spark.transport.ShardMessage;
import dev.cairn.spark.transport.ShardReply;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** The shards of one model and generation, as a save needs them. */
interface Shards {

  /** Id of the model. */
  String model();

  /** The generation that messages must name. */
  long generation();

  /** The owner of each shard. */
  List<ShardAddress> owners();

  /** The object graph of a step's checkpoint, with the counters' values. */
  ObjectGraph graph(long step);

  /** All owners, each once. */
  List<ShardAddress> hosts();

  /** Sends one host a message. */
  <R extends ShardReply> CompletableFuture<R> call(
      ShardAddress host, ShardMessage message, Class<R> type);
}
