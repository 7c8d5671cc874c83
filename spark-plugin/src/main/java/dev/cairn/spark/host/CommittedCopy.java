package dev.cairn.spark.host;

import dev.cairn.spark.shard.FrozenShard;
import dev.cairn.spark.shard.ParameterShard;

/**
 * A shard as it is in a committed checkpoint, in memory: recovery goes back to it without reading
 * storage. Training keeps the old values of the numbers that it changes: they take as much memory
 * as the steps since the checkpoint have touched, and the shard's size once more where that is
 * nearly everything.
 *
 * @param path the checkpoint's directory
 * @param frozen the shard; closed with this
 */
record CommittedCopy(String path, FrozenShard frozen) implements AutoCloseable {

  /** Gives a shard all of its blocks that are here, if this is the wanted checkpoint. */
  long giveTo(ParameterShard shard, String wanted) {
    return wanted.equals(path) ? shard.adopt(frozen) : 0;
  }

  @Override
  public void close() {
    frozen.close();
  }
}
