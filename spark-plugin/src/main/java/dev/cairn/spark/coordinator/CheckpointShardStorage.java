package dev.cairn.spark.coordinator;

import dev.cairn.checkpoint.model.CheckpointException;
import dev.cairn.checkpoint.model.ShardReport;
import dev.cairn.checkpoint.model.ShardTarget;
import dev.cairn.spark.shard.FrozenShard;
import dev.cairn.spark.shard.ParameterShard;
import java.io.IOException;
import java.util.SortedMap;

/** Shards in Cairn's checkpoints. */
final class CheckpointShardStorage implements ShardStorage {

  @Override
  public ShardReport write(
      FrozenShard frozen, long step, ShardTarget target, SortedMap<String, String> hadoopProperties)
      throws IOException {
    throw new CheckpointException.Failed("Cannot write a shard: not built in yet", null);
  }

  @Override
  public long restore(ParameterShard shard, String path, SortedMap<String, String> hadoop)
      throws IOException {
    throw new CheckpointException.Failed("Cannot read a shard: not built in yet", null);
  }
}
