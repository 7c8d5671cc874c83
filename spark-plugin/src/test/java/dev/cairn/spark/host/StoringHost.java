package dev.cairn.spark.host;

import dev.cairn.checkpoint.model.ShardReport;
import dev.cairn.checkpoint.model.ShardTarget;
import dev.cairn.spark.shard.FrozenShard;
import dev.cairn.spark.shard.ModelGraph;
import dev.cairn.spark.shard.ParameterShard;
import java.io.IOException;
import java.util.SortedMap;

/** The real shard host with the real storage, which asks a test before it writes. */
public final class StoringHost {
  private StoringHost() {}

  /** An action before a shard is written. */
  public interface BeforeWrite {
    /** Comes back, or fails as storage would. */
    void accept(ShardTarget target) throws IOException;
  }

  /** A host that reads and writes one shard at a time. */
  public static ShardHost create(BeforeWrite before) {
    ShardStorage files = new CheckpointShardStorage();
    return ShardHost.create(
        new ShardStorage() {
          @Override
          public ShardReport write(
              ModelGraph graph,
              FrozenShard frozen,
              boolean keep,
              ShardTarget target,
              SortedMap<String, String> properties)
              throws IOException {
            before.accept(target);
            return files.write(graph, frozen, keep, target, properties);
          }

          @Override
          public long restore(
              ModelGraph graph,
              ParameterShard shard,
              String path,
              SortedMap<String, String> properties)
              throws IOException {
            return files.restore(graph, shard, path, properties);
          }
        },
        1);
  }
}
