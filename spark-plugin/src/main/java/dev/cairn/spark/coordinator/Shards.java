package dev.cairn.spark.coordinator;

import dev.cairn.checkpoint.graph.ObjectGraph;
import dev.cairn.spark.transport.ShardAddress;
import dev.cairn.spark.transport.ShardMessage;
import dev.cairn.spark.transport.ShardReply;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** The shards of one model and generation, as a save sees them. */
interface Shards {

  /** Id of the model. */
  String model();

  /** The generation that messages must name. */
  long generation();

  /** For each shard, who owns it. */
  List<ShardAddress> owners();

  /** All that a checkpoint of a step has, with the counters' values. */
  ObjectGraph graph(long step);

  /** All owners, each once. */
  List<ShardAddress> hosts();

  /** Asks one host. */
  <R extends ShardReply> CompletableFuture<R> call(
      ShardAddress host, ShardMessage message, Class<R> type);
}
