package dev.cairn.spark.host;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.cairn.checkpoint.model.ShardTarget;
import dev.cairn.spark.metrics.ExecutorMetrics;
import dev.cairn.spark.optimizer.Optimizers;
import dev.cairn.spark.shard.FrozenShard;
import dev.cairn.spark.shard.ModelGraph;
import dev.cairn.spark.shard.ParameterLayout;
import dev.cairn.spark.shard.ParameterShard;
import dev.cairn.spark.transport.Refusal;
import dev.cairn.spark.transport.ShardMessage;
import dev.cairn.spark.transport.ShardReply;
import dev.cairn.spark.transport.TransportException.Refused;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One shard of one model in one generation, on its executor. Thread-safe. No I/O under its lock:
 * {@link #initialise}, {@link #restore} and {@link #write} take long and run on the host's own
 * threads.
 */
final class HostedShard {
  private record Save(FrozenShard shard, boolean keep) {}

  private final ShardMessage.AssignShard assigned;
  private final ExecutorMetrics metrics;
  private final ParameterShard shard;
  private final ModelGraph graph;
  private final long bytes;

  /** The step clock; null until the shard has values. */
  @GuardedBy("this")
  private @Nullable StepGate gate;

  @GuardedBy("this")
  private boolean filling;

  @GuardedBy("this")
  private boolean closed;

  @GuardedBy("this")
  private final Map<Long, Save> saves = new HashMap<>();

  @GuardedBy("this")
  private long newestSave;

  HostedShard(ShardMessage.AssignShard assigned, ExecutorMetrics metrics) {
    this.assigned = assigned;
    this.metrics = metrics;
    var optimizer = Optimizers.of(assigned.optimizer());
    this.shard =
        ParameterShard.empty(
            assigned.layout(), assigned.firstBlock(), assigned.endBlock(), optimizer);
    this.graph = ModelGraph.parameters(assigned.layout(), optimizer);
    this.bytes =
        ParameterShard.stateBytes(
            assigned.layout(), assigned.firstBlock(), assigned.endBlock(), optimizer);
  }

  /** The bytes of weights and optimizer state. */
  long bytes() {
    return bytes;
  }

  /** Gives a shard its values; returns the number of bytes that were read for that. */
  private interface Filler {
    long fill() throws IOException;
  }

  /** Begins at step 0. */
  void initialise() throws IOException {
    var unused =
        fill(
            0,
            () -> {
              shard.initialise();
              return 0;
            });
  }

  /**
   * Takes over the blocks that copies of the wanted checkpoint have of this shard; returns their
   * bytes.
   */
  long adopt(List<CommittedCopy> copies, String path) {
    return copies.stream().mapToLong(copy -> copy.giveTo(shard, path)).sum();
  }

  /**
   * Reads from storage what the shard does not have yet. A failed restore can be tried again, from
   * elsewhere.
   *
   * @return the number of bytes read
   */
  long restore(ShardMessage.RestoreShard message, ShardStorage storage) throws IOException {
    return fill(
        message.step(),
        () -> {
          if (shard.missing().isEmpty()) {
            return 0; // a copy in memory has given all
          }
          if (!message.slots()) {
            shard.initialiseSlots();
          }
          return storage.restore(graph(message), shard, message.path(), message.hadoopProperties());
        });
  }

  /** What is wanted of a checkpoint, in the shapes that it has there. */
  private ModelGraph graph(ShardMessage.RestoreShard message) {
    ParameterLayout there = shard.layout().withRows(message.grown());
    return message.slots()
        ? message.grown().isEmpty() ? graph : ModelGraph.parameters(there, shard.optimizer())
        : ModelGraph.variables(there);
  }

  private long fill(long step, Filler filler) throws IOException {
    synchronized (this) {
      if (gate != null || filling) {
        throw new Refused(
            Refusal.NOT_READY,
            "Cannot fill the shard: it " + (filling ? "is being filled" : "has values already"));
      }
      filling = true;
    }
    boolean done = false;
    try {
      long read = filler.fill();
      done = true;
      return read;
    } catch (IOException e) {
      checkOpen();
      throw e;
    } finally {
      synchronized (this) {
        filling = false;
        if (done && !closed) {
          gate = new StepGate(shard, assigned.partitions(), step, metrics);
        }
      }
    }
  }

  /** The shard as it is now, which must be after a step. */
  synchronized FrozenShard frozen(long step) throws Refused {
    gate().checkCut(step);
    return shard.freeze();
  }

  /** The step clock of a shard that has values. */
  synchronized StepGate gate() throws Refused {
    StepGate there = gate;
    if (there == null) {
      throw new Refused(
          Refusal.NOT_READY, "Cannot use the shard: it was neither initialised nor restored");
    }
    return there;
  }

  /** Gives a segment up, if there is one. */
  void abandonSegment(long segment, String why) {
    StepGate there;
    synchronized (this) {
      there = gate;
    }
    if (there != null) {
      there.abandonSegment(segment, why);
    }
  }

  /**
   * Freezes the shard under an id; an earlier frozen version that was not committed is released.
   * Ids grow: a message that was overtaken by a later save's must not take that one's place.
   */
  long freeze(ShardMessage.Freeze message) throws Refused {
    Map<Long, Save> old;
    FrozenShard frozen;
    synchronized (this) {
      Save before = saves.get(message.saveId());
      if (before != null) {
        return before.shard().bytes();
      }
      if (message.saveId() <= newestSave) {
        throw new Refused(
            Refusal.UNKNOWN_SAVE,
            "Cannot freeze the shard: save "
                + message.saveId()
                + " is over, found save "
                + newestSave);
      }
      frozen = frozen(message.step());
      newestSave = message.saveId();
      old = new HashMap<>(saves);
      saves.clear();
      saves.put(message.saveId(), new Save(frozen, message.keep()));
    }
    old.values().forEach(save -> save.shard().close());
    return frozen.bytes();
  }

  /** Writes a frozen shard; a kept one stays until it is committed or dropped. */
  byte[] write(ShardMessage.WriteShard message, ShardTarget target, ShardStorage storage)
      throws IOException {
    Save save;
    synchronized (this) {
      checkOpen();
      save = saves.get(message.saveId());
    }
    if (save == null) {
      throw new Refused(
          Refusal.UNKNOWN_SAVE, "Cannot write the shard: there is no save " + message.saveId());
    }
    boolean done = false;
    try {
      byte[] report =
          storage
              .write(graph, save.shard(), save.keep(), target, message.hadoopProperties())
              .encode();
      done = true;
      return report;
    } catch (IOException e) {
      checkOpen();
      throw e;
    } finally {
      if (!done || !save.keep()) {
        drop(message.saveId());
      }
    }
  }

  /** Refuses work on a shard that was released; such a refusal is not a failure. */
  private synchronized void checkOpen() throws Refused {
    if (closed) {
      throw new Refused(
          Refusal.UNKNOWN_MODEL, "Cannot fill or write the shard: the executor has let go of it");
    }
  }

  /** Hands over the frozen version that was to be kept; its holder closes it. */
  synchronized Optional<FrozenShard> takeKept(long saveId) {
    Save save = saves.get(saveId);
    if (save == null || !save.keep()) {
      return Optional.empty();
    }
    saves.remove(saveId);
    return Optional.of(save.shard());
  }

  /** Releases a frozen shard; a write of it ends at its next block. */
  void drop(long saveId) {
    Save save;
    synchronized (this) {
      save = saves.remove(saveId);
    }
    if (save != null) {
      save.shard().close();
    }
  }

  float[] gather(ShardMessage.Gather message) throws Refused {
    var unused = gate(); // refuses when there are no values
    long count = assigned.layout().elements(message.rows(), message.from(), message.to());
    float[] values = new float[Math.toIntExact(count)];
    shard.gather(message.rows(), message.from(), message.to(), values, 0);
    return values;
  }

  ShardReply.Status status(long since) throws Refused {
    return gate().status(since, bytes);
  }

  /** Fails everything that waits and drops what is frozen. */
  void close(String why) {
    StepGate there;
    Map<Long, Save> left;
    synchronized (this) {
      closed = true;
      shard.release(); // a read that is under way makes no more arrays for it
      there = gate;
      gate = null;
      left = new HashMap<>(saves);
    }
    if (there != null) {
      there.abandon(why);
    }
    left.keySet().forEach(this::drop);
  }
}
