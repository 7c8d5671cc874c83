package dev.cairn.spark.simulation;

import dev.cairn.spark.transport.ShardMessage;
import java.util.List;

/**
 * A deliberate mistake, put in at a seam: this one is none. One object serves one schedule. {@code
 * MistakesTest} has them all, and sees each caught.
 */
class Mistake {

  /** The messages that a host handles instead of one; the last one's answer counts. */
  List<ShardMessage> handled(Executor host, ShardMessage message) {
    return List.of(message);
  }

  /** The checkpoint that a host reads when it is to read this one. */
  String read(Executor host, String path) {
    return path;
  }

  /** The step at which the first epoch began, as a resumed run understands its checkpoint. */
  long resumed(long epochStart) {
    return epochStart;
  }

  /** The step whose data position is saved with a step. */
  long position(long step) {
    return step;
  }

  /** The arrival of bytes that storage has acknowledged. */
  void written(World.Process writer, World world, Runnable arrival) {
    arrival.run();
  }

  /** The path at which a file is created that is to be created at this one. */
  String created(World.Process writer, Simulation sim, String path) {
    return path;
  }

  /** The path that is renamed when this one is to be. */
  String renamed(Simulation sim, String from, String to) {
    return from;
  }
}
