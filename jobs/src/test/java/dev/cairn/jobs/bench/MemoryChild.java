package dev.cairn.jobs.bench;

import dev.cairn.checkpoint.CheckpointFolder;
import dev.cairn.checkpoint.FolderOptions;
import dev.cairn.checkpoint.PendingCheckpoint;
import dev.cairn.checkpoint.model.OptimizerSpec;
import dev.cairn.checkpoint.model.ShardReport;
import dev.cairn.spark.host.ShardHost;
import dev.cairn.spark.shard.ParameterLayout;
import dev.cairn.spark.shard.ParameterVariable;
import dev.cairn.spark.transport.ShardMessage;
import dev.cairn.spark.transport.ShardReply;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** An executor's shard host in a tight heap: restores a shard and saves it. */
final class MemoryChild {
  private static final String MODEL = "weights";
  private static final TreeMap<String, String> NO_PROPERTIES = new TreeMap<>();

  private MemoryChild() {}

  /**
   * Arguments: folder of the checkpoints, checkpoint. Prints KiB of growth, and of other objects.
   */
  public static void main(String[] arguments) throws Exception {
    try (ShardHost host = ShardHost.create(2);
        CheckpointFolder folder =
            CheckpointFolder.open(
                arguments[0], FolderOptions.defaults().withApplicationId("bench"))) {
      // A tiny model first: what classes and threads take is not the state's.
      BenchState tiny = new BenchState(8, 1, true);
      String seed = tiny.save(folder, 2);
      restore(host, tiny, "tiny", seed, 2);
      save(host, folder, "tiny", 2, 3);
      ask(host, new ShardMessage.ReleaseShard("tiny", 1));
      tiny = null;

      BenchState state = new BenchState(BenchOptions.memoryMib(), 1, false);
      long before = ProcessMemory.resetPeak();
      restore(host, state, MODEL, arguments[1], 1);
      long restored = ProcessMemory.peak() - before;
      before = ProcessMemory.resetPeak();
      save(host, folder, MODEL, 1, 4);
      long saved = ProcessMemory.peak() - before;
      // What stays besides the state is the JVM's own: classes, clients, caches.
      long own = (ProcessMemory.live() - state.bytes()) >> 10;
      System.out.println("@memory " + restored + " " + saved + " " + own);
    }
    System.exit(0);
  }

  private static void restore(
      ShardHost host, BenchState state, String model, String checkpoint, long step)
      throws Exception {
    ParameterLayout layout =
        new ParameterLayout(
            List.of(
                ParameterVariable.table(
                    "weights", (int) state.variables[0].shape().rows(), BenchState.WIDTH)));
    ask(
        host,
        new ShardMessage.AssignShard(
            model,
            1,
            0,
            0,
            layout.blocks(),
            layout,
            new OptimizerSpec("adagrad", new TreeMap<>(Map.of("learning_rate", 0.1))),
            1));
    ask(
        host,
        new ShardMessage.RestoreShard(model, 1, step, checkpoint, true, false, NO_PROPERTIES));
  }

  private static void save(
      ShardHost host, CheckpointFolder folder, String model, long step, long as) throws Exception {
    PendingCheckpoint pending = folder.begin(as, 1);
    ask(host, new ShardMessage.Freeze(model, 1, step, 1, false));
    ShardReply reply =
        ask(
            host,
            new ShardMessage.WriteShard(model, 1, 1, pending.target(0).encode(), NO_PROPERTIES));
    pending.report(ShardReport.decode(((ShardReply.Written) reply).report()));
    pending.commit(null, "bench", new TreeMap<>());
  }

  private static ShardReply ask(ShardHost host, ShardMessage message) throws Exception {
    ShardReply reply = host.handle(message).get();
    if (reply instanceof ShardReply.Refused refused) {
      throw new IllegalStateException(refused.toString());
    }
    return reply;
  }
}
