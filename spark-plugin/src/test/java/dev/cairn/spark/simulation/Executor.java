package dev.cairn.spark.simulation;

import dev.cairn.checkpoint.MemoryStore;
import dev.cairn.checkpoint.store.CheckpointStore;
import dev.cairn.spark.host.ShardHost;
import dev.cairn.spark.host.SimulatedHost;
import dev.cairn.spark.transport.ShardAccess;
import dev.cairn.spark.transport.ShardAddress;
import dev.cairn.spark.transport.ShardMessage;
import dev.cairn.spark.transport.ShardReply;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;

/**
 * A simulated executor: the real shard host, and a guard of invariant I4 in front of it: a message
 * of an older generation must not change what can be seen of the newer one.
 */
final class Executor extends World.Process {
  final Driver driver;
  final ShardAddress address;
  final int cores;
  final ShardAccess access;

  /** Whether it is gone without anybody's connection breaking, as when a machine loses power. */
  boolean silent;

  private final Simulation sim;
  private final ShardHost host;

  /** The newest generation that the host has taken, and its shards. */
  private long generation = -1;

  private final SortedMap<Integer, ShardMessage.AssignShard> shards = new TreeMap<>();

  Executor(Simulation sim, Driver driver, String id, int port, int cores) {
    super("executor-" + id);
    this.sim = sim;
    this.driver = driver;
    this.cores = cores;
    this.address = new ShardAddress(id, "host", port);
    CheckpointStore store = sim.store.view(sim.hook(this));
    this.host =
        SimulatedHost.create(
            store,
            task -> {
              var unused = sim.world.at(sim.storageDelay(), this, task);
            },
            sim.world::now,
            path -> sim.mistake.read(this, path));
    this.access = new ShardAccess(sim.network.port(this, broken -> {}));
  }

  /** Handles a message, under guard. */
  CompletableFuture<ShardReply> handle(ShardMessage message) {
    long its = Simulation.generation(message);
    boolean old = its >= 0 && its < generation;
    String before = old ? state() : "";
    CompletableFuture<ShardReply> reply = null;
    for (ShardMessage handled : sim.mistake.handled(this, message)) {
      reply = host.handle(handled);
    }
    if (old) {
      String after = state();
      boolean taken = reply.isDone() && !(reply.join() instanceof ShardReply.Refused);
      if (!before.equals(after) || taken) {
        sim.world.fail(
            name
                + " of generation "
                + generation
                + " took a message of an older one: "
                + Simulation.text(message)
                + " -> "
                + (taken ? reply.join() : "")
                + "\n  before "
                + before
                + "\n  after  "
                + after,
            null);
      }
    }
    note(message, reply);
    return reply;
  }

  /** Handles a message of a mistake's own. */
  ShardReply ask(ShardMessage message) {
    return host.handle(message).getNow(new ShardReply.Done());
  }

  private void note(ShardMessage message, CompletableFuture<ShardReply> reply) {
    boolean done = reply.isDone() && reply.join() instanceof ShardReply.Done;
    if (message instanceof ShardMessage.AssignShard m && done && m.generation() >= generation) {
      if (m.generation() > generation) {
        shards.clear();
      }
      generation = m.generation();
      shards.put(m.shard(), m);
    } else if (message instanceof ShardMessage.ReleaseShard && done
        || message instanceof ShardMessage.Fence) {
      if (!has()) {
        generation = -1;
        shards.clear();
      }
    }
  }

  private boolean has() {
    return shards.values().stream()
        .anyMatch(
            m ->
                !(ask(new ShardMessage.AskStatus(m.model(), m.generation(), m.shard(), 0))
                        instanceof ShardReply.Refused refused)
                    || refused.reason() != dev.cairn.spark.transport.Refusal.UNKNOWN_MODEL);
  }

  /** All that can be seen of the newest generation. */
  private String state() {
    StringBuilder state = new StringBuilder();
    for (ShardMessage.AssignShard m : shards.values()) {
      ShardReply status = ask(new ShardMessage.AskStatus(m.model(), m.generation(), m.shard(), 0));
      state.append(m.shard()).append(": ");
      if (status instanceof ShardReply.Status s) {
        int first = first(m, m.firstBlock());
        int[] rows = IntStream.range(first, first(m, m.endBlock())).toArray();
        ShardReply values =
            ask(
                new ShardMessage.Gather(
                    m.model(), m.generation(), m.shard(), rows, 0, rows.length));
        state.append("step ").append(s.step()).append(" segment ").append(s.segment());
        state.append(" waiting ").append(s.waiting()).append(" rows ");
        state.append(values instanceof ShardReply.Values v ? Arrays.hashCode(v.values()) : values);
      } else {
        state.append(status);
      }
      state.append("; ");
    }
    return state.toString();
  }

  private static int first(ShardMessage.AssignShard m, int block) {
    return block == m.layout().blocks()
        ? m.layout().totalRows()
        : m.layout().block(block).firstGlobalRow();
  }

  /** The shards of the newest generation. */
  List<ShardMessage.AssignShard> shards() {
    return List.copyOf(shards.values());
  }

  /** The files in the run's folder. */
  List<String> folder() {
    return sim.store.names(Simulation.FOLDER);
  }

  /** An orderly end. */
  void close() {
    host.close();
  }

  /** A hook for the store that does nothing. */
  static MemoryStore.Hook none() {
    return new MemoryStore.Hook() {};
  }
}
