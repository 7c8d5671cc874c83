package dev.cairn.spark.host;

import dev.cairn.checkpoint.CheckpointReader;
import dev.cairn.checkpoint.FolderOptions;
import dev.cairn.checkpoint.MemoryCheckpoints;
import dev.cairn.checkpoint.ShardWriter;
import dev.cairn.checkpoint.model.ShardReport;
import dev.cairn.checkpoint.model.ShardTarget;
import dev.cairn.checkpoint.store.CheckpointStore;
import dev.cairn.spark.shard.FrozenShard;
import dev.cairn.spark.shard.ModelGraph;
import dev.cairn.spark.shard.ParameterShard;
import java.io.IOException;
import java.util.SortedMap;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;
import java.util.function.UnaryOperator;

/** The real shard host, with the real reading and writing, over a simulated executor. */
public final class SimulatedHost {
  private SimulatedHost() {}

  /**
   * A host.
   *
   * @param readFrom which path is read when one is asked for: itself, unless a mistake is wanted
   */
  public static ShardHost create(
      CheckpointStore store,
      Executor storing,
      LongSupplier nanoTime,
      UnaryOperator<String> readFrom) {
    CheckpointShardStorage real =
        new CheckpointShardStorage(
            new CheckpointShardStorage.Files() {
              @Override
              public ShardWriter create(ShardTarget target, FolderOptions options)
                  throws IOException {
                return MemoryCheckpoints.writer(store, target);
              }

              @Override
              public CheckpointReader open(String path, FolderOptions options) throws IOException {
                return MemoryCheckpoints.reader(store, path);
              }
            },
            1);
    ShardStorage storage =
        new ShardStorage() {
          @Override
          public ShardReport write(
              ModelGraph graph,
              FrozenShard frozen,
              boolean keep,
              ShardTarget target,
              SortedMap<String, String> hadoopProperties)
              throws IOException {
            return real.write(graph, frozen, keep, target, hadoopProperties);
          }

          @Override
          public long restore(
              ModelGraph graph,
              ParameterShard shard,
              String path,
              SortedMap<String, String> hadoopProperties)
              throws IOException {
            return real.restore(graph, shard, readFrom.apply(path), hadoopProperties);
          }
        };
    return new ShardHost(storage, storing, nanoTime, () -> {});
  }
}
