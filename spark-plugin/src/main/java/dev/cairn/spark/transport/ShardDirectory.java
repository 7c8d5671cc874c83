package dev.cairn.spark.transport;

import dev.cairn.spark.shard.ShardAssignment;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/**
 * The owners of shards in one generation of one model: all that a task needs to find a row.
 * Immutable, small (a few bytes a shard), made to travel in Spark's closures.
 *
 * @param model id of the model
 * @param assignment the rows and blocks of each shard; its generation fences every message
 * @param owners the address of each shard
 */
public record ShardDirectory(String model, ShardAssignment assignment, List<ShardAddress> owners)
    implements Serializable {

  /** Checks that every shard has an owner. */
  public ShardDirectory {
    Objects.requireNonNull(model, "model");
    // Not List.copyOf: the list travels in closures and must be readable by Kryo as well.
    owners = new ArrayList<>(owners);
    if (owners.size() != assignment.shards()) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "Cannot describe the owners of model %s: expected %d owners, one a shard, found %d",
              model,
              assignment.shards(),
              owners.size()));
    }
  }

  /** The address of each shard; do not change it. */
  @Override
  public List<ShardAddress> owners() {
    return Collections.unmodifiableList(owners);
  }

  /** The number of shards. */
  public int shards() {
    return owners.size();
  }

  /** The generation of the assignment. */
  public long generation() {
    return assignment.generation();
  }

  /** The address at which a shard answers. */
  public ShardAddress owner(int shard) {
    return owners.get(shard);
  }
}
