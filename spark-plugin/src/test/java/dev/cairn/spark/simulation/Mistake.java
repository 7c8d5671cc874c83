package dev.cairn.spark.simulation;

import dev.cairn.checkpoint.Checkpoint;
import dev.cairn.spark.transport.ShardMessage;
import java.util.List;

/** A deliberate mistake, put in at a seam: this one is none. One object serves one schedule. */
class Mistake {

  /** What a host does instead of handling a message: handle these, the last one's answer counts. */
  List<ShardMessage> handled(Executor host, ShardMessage message) {
    return List.of(message);
  }

  /** What a host reads when it is to read a checkpoint. */
  String read(Executor host, String path) {
    return path;
  }

  /** What the driver asks instead. */
  ShardMessage asked(ShardMessage message) {
    return message;
  }

  /** Which of the checkpoints a driver starts from: the last one, and what it believes its step. */
  long start(Checkpoint checkpoint) {
    return checkpoint.step();
  }

  /** The batch that belongs to a step, when epochs began at a step. */
  long batch(long step, long epochStart) {
    return step - epochStart;
  }

  /** Whether an executor answers that a shard is written before it is. */
  boolean writtenTooEarly() {
    return false;
  }

  /** Whether lost updates are forgiven: a recovery that the driver leaves out. */
  boolean leavesRecoveryOut() {
    return false;
  }
}
