package dev.cairn.spark.coordinator;

import dev.cairn.spark.transport.ShardMessage;
import dev.cairn.spark.transport.ShardReply;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** The shards of one model and generation, to be called one by one. */
interface Shards {

  /** Id of the model. */
  String model();

  /** The generation that messages must name. */
  long generation();

  /** For each shard, who owns it, for error messages. */
  List<?> names();

  /** Asks one shard. */
  <R extends ShardReply> CompletableFuture<R> call(int shard, ShardMessage message, Class<R> type);
}
