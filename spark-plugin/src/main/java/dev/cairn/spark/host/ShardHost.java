package dev.cairn.spark.host;

import dev.cairn.checkpoint.concurrent.NamedThreads;
import dev.cairn.checkpoint.model.ShardTarget;
import dev.cairn.spark.metrics.ExecutorMetrics;
import dev.cairn.spark.transport.Refusal;
import dev.cairn.spark.transport.ShardMessage;
import dev.cairn.spark.transport.ShardReply;
import dev.cairn.spark.transport.ShardService;
import dev.cairn.spark.transport.StorageRefusals;
import dev.cairn.spark.transport.TransportException.Refused;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The shards of one executor, and the answers to messages for them. Thread-safe. Messages that take
 * long, restoring and writing, run on threads of its own.
 *
 * <p>It serves while it holds a lease, which every heartbeat of the driver renews. Fenced off, it
 * drops everything and is as good as new.
 */
public final class ShardHost implements ShardService, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ShardHost.class);

  private interface Answer {
    ShardReply get() throws IOException;
  }

  private record Lease(long from, long nanos) {}

  private final ShardStorage storage;
  private final Executor storing;
  private final LongSupplier nanoTime;
  private final Runnable atClose;
  private final ExecutorMetrics metrics = new ExecutorMetrics();
  private final Map<String, HostedModel> models = new HashMap<>();
  private final AtomicLong lastFence = new AtomicLong();

  /** The lease; null before the first heartbeat. */
  private volatile @Nullable Lease lease;

  private volatile boolean closed;
  private volatile Runnable holdingChanged = () -> {};

  /**
   * Makes a host without shards, which reads and writes checkpoints.
   *
   * @param threads the number of shards that it reads or writes at once
   */
  public static ShardHost create(int threads) {
    return create(new CheckpointShardStorage(), threads);
  }

  static ShardHost create(ShardStorage storage, int threads) {
    ExecutorService storing = NamedThreads.fixed("cairn-shard-storage", threads);
    return new ShardHost(storage, storing, System::nanoTime, storing::shutdownNow);
  }

  /** Makes a host without shards, with its own clock and its own way to run background work. */
  ShardHost(ShardStorage storage, Executor storing, LongSupplier nanoTime, Runnable atClose) {
    this.storage = storage;
    this.storing = storing;
    this.nanoTime = nanoTime;
    this.atClose = atClose;
  }

  /** Calls the listener whenever {@link #holdsShards} may have changed; it must return at once. */
  public void onHoldingChanged(Runnable listener) {
    holdingChanged = listener;
  }

  /** Whether shards of any model are here. */
  public boolean holdsShards() {
    synchronized (models) {
      return !models.isEmpty();
    }
  }

  /** The figures of this executor for operators. */
  public ExecutorMetrics metrics() {
    return metrics;
  }

  /** The number of shards that are here now. */
  public int shardsHeld() {
    return all().stream().mapToInt(HostedModel::shardsHeld).sum();
  }

  /** The bytes of their weights and optimizer state. */
  public long bytesHeld() {
    return all().stream().mapToLong(HostedModel::bytesHeld).sum();
  }

  private List<HostedModel> all() {
    synchronized (models) {
      return List.copyOf(models.values());
    }
  }

  @Override
  public CompletableFuture<ShardReply> handle(ShardMessage message) {
    try {
      if (closed) {
        return CompletableFuture.completedFuture(shutsDown());
      }
      return answer(message);
    } catch (Refused e) {
      return CompletableFuture.completedFuture(refusal(e));
    } catch (RuntimeException e) {
      LOG.warn("Cannot answer {}", message.getClass().getSimpleName(), e);
      return CompletableFuture.completedFuture(internal(e));
    }
  }

  private CompletableFuture<ShardReply> answer(ShardMessage message) throws Refused {
    if (message instanceof ShardMessage.Exchange m) {
      checkLease();
      metrics.exchanged();
      return find(m.model()).shard(m.generation(), m.shard()).gate().exchange(m);
    } else if (message instanceof ShardMessage.Norms m) {
      checkLease();
      return find(m.model()).shard(m.generation(), m.shard()).gate().norms(m);
    } else if (message instanceof ShardMessage.Heartbeat m) {
      lease = new Lease(nanoTime.getAsLong(), m.leaseMillis() * 1_000_000);
      return done();
    } else if (message instanceof ShardMessage.Fence m) {
      fence(m);
      return done();
    } else if (message instanceof ShardMessage.Ping) {
      return done();
    }
    checkLease();
    if (message instanceof ShardMessage.RestoreShard m) {
      HostedModel model = find(m.model());
      return later(() -> model.restore(m, storage));
    } else if (message instanceof ShardMessage.Initialise m) {
      HostedModel model = find(m.model());
      return later(() -> model.initialise(m)); // gigabytes of arrays take longer than a lease
    } else if (message instanceof ShardMessage.WriteShard m) {
      ShardTarget target = ShardTarget.decode(m.target());
      HostedShard shard = find(m.model()).shard(m.generation(), target.shard());
      return later(() -> new ShardReply.Written(shard.write(m, target, storage)));
    }
    return CompletableFuture.completedFuture(answerNow(message));
  }

  private static CompletableFuture<ShardReply> done() {
    return CompletableFuture.completedFuture(new ShardReply.Done());
  }

  private ShardReply answerNow(ShardMessage message) throws Refused {
    if (message instanceof ShardMessage.Gather m) {
      HostedShard shard = find(m.model()).shard(m.generation(), m.shard());
      return new ShardReply.Values(0, shard.gather(m));
    } else if (message instanceof ShardMessage.AskStatus m) {
      return find(m.model()).shard(m.generation(), m.shard()).status(m.sinceStep());
    } else if (message instanceof ShardMessage.Freeze m) {
      metrics.froze();
      return find(m.model()).freeze(m);
    } else if (message instanceof ShardMessage.Committed m) {
      return find(m.model()).committed(m);
    } else if (message instanceof ShardMessage.DropFrozen m) {
      return find(m.model()).drop(m);
    } else if (message instanceof ShardMessage.AssignShard m) {
      findOrMake(m.model()).assign(m);
    } else if (message instanceof ShardMessage.OpenSegment m) {
      for (HostedShard shard : find(m.model()).shards(m.generation())) {
        shard.gate().openSegment(m.segment(), m.step());
      }
    } else if (message instanceof ShardMessage.AbandonSegment m) {
      for (HostedShard shard : find(m.model()).shards(m.generation())) {
        shard.abandonSegment(m.segment(), m.why());
      }
    } else if (message instanceof ShardMessage.ReleaseShard m) {
      release(m);
    }
    return new ShardReply.Done();
  }

  private void checkLease() throws Refused {
    Lease held = lease;
    if (held != null && nanoTime.getAsLong() - held.from() > held.nanos()) {
      throw new Refused(
          Refusal.LEASE_OVER,
          "Cannot answer: this executor has not heard of the driver for "
              + held.nanos() / 1_000_000
              + " ms, others may own its shards by now");
    }
  }

  private void fence(ShardMessage.Fence message) {
    long before = lastFence.getAndAccumulate(message.number(), Math::max);
    if (message.number() <= before) {
      return;
    }
    lease = null;
    int dropped = closeAll("this executor was fenced off");
    LOG.warn(
        "This executor was counted as lost while it was held up: it has dropped {} models and"
            + " joins anew",
        dropped);
  }

  private int closeAll(String why) {
    Map<String, HostedModel> all;
    synchronized (models) {
      all = new HashMap<>(models);
      models.clear();
    }
    all.values().forEach(model -> model.close(why));
    holdingChanged.run();
    return all.size();
  }

  private CompletableFuture<ShardReply> later(Answer answer) {
    CompletableFuture<ShardReply> reply = new CompletableFuture<>();
    try {
      storing.execute(
          () -> {
            try {
              reply.complete(answer.get());
            } catch (Refused e) {
              reply.complete(refusal(e));
            } catch (IOException e) {
              reply.complete(refusal(StorageRefusals.refused(e)));
            } catch (Throwable e) { // an OutOfMemoryError is an answer, too
              LOG.warn("Cannot fill or write a shard", e);
              reply.complete(internal(e));
            }
          });
    } catch (RejectedExecutionException e) {
      reply.complete(shutsDown());
    }
    return reply;
  }

  private static ShardReply shutsDown() {
    return new ShardReply.Refused(Refusal.CLOSED, "Cannot answer: this executor shuts down");
  }

  private void release(ShardMessage.ReleaseShard message) throws Refused {
    HostedModel model;
    synchronized (models) {
      model = models.get(message.model());
      if (model == null) {
        return;
      }
      model.checkRelease(message.generation());
      models.remove(message.model());
    }
    model.close("the model was released");
    holdingChanged.run();
  }

  private HostedModel findOrMake(String model) {
    HostedModel found;
    synchronized (models) {
      found = models.computeIfAbsent(model, name -> new HostedModel(name, metrics));
    }
    holdingChanged.run();
    return found;
  }

  private HostedModel find(String model) throws Refused {
    HostedModel found;
    synchronized (models) {
      found = models.get(model);
    }
    if (found == null) {
      throw new Refused(
          Refusal.UNKNOWN_MODEL, "Cannot answer: this executor has no shard of model " + model);
    }
    return found;
  }

  static ShardReply refusal(Refused e) {
    return new ShardReply.Refused(e.reason(), String.valueOf(e.getMessage()));
  }

  private static ShardReply internal(Throwable e) {
    return new ShardReply.Refused(Refusal.INTERNAL, "Cannot answer: " + e);
  }

  /** Fails what waits and forgets all shards. May be called often. */
  @Override
  public void close() {
    closed = true;
    var unused = closeAll("the executor shuts down");
    atClose.run();
  }
}
