package dev.cairn.spark.host;

import dev.cairn.checkpoint.model.ShardReport;
import dev.cairn.checkpoint.model.ShardTarget;
import dev.cairn.spark.shard.FrozenShard;
import dev.cairn.spark.shard.ModelGraph;
import dev.cairn.spark.shard.ParameterShard;
import java.io.IOException;
import java.util.SortedMap;

/** Writes and reads an executor's shards; tests inject faults here. */
interface ShardStorage {

  /**
   * Writes a frozen shard; when this returns the bytes are durable.
   *
   * @param graph the model's graph, with the keys of its variables
   * @param keep whether the frozen shard stays as it is; else each block is released when written
   */
  ShardReport write(
      ModelGraph graph,
      FrozenShard frozen,
      boolean keep,
      ShardTarget target,
      SortedMap<String, String> hadoopProperties)
      throws IOException;

  /**
   * Reads what a shard does not have yet, values and slots: all of it, or nothing if anything does
   * not fit.
   *
   * @param graph what is wanted, in the shapes that it has on storage; where a variable has fewer
   *     rows there than in the shard, a row begins as the one of its number modulo that
   * @return the number of bytes read from storage
   */
  long restore(
      ModelGraph graph,
      ParameterShard shard,
      String path,
      SortedMap<String, String> hadoopProperties)
      throws IOException;
}
