package dev.cairn.spark.coordinator;

import dev.cairn.spark.transport.NamedThreads;
import dev.cairn.spark.transport.Refusal;
import dev.cairn.spark.transport.ShardMessage;
import dev.cairn.spark.transport.ShardReply;
import dev.cairn.spark.transport.ShardService;
import dev.cairn.spark.transport.TransportException.Refused;
import java.io.IOException;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The shards of one executor, at most one for each model, and the answers to what they are asked.
 * Thread-safe. Messages that take long, restoring and writing, run on threads of its own.
 */
public final class ShardHost implements ShardService, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ShardHost.class);

  private interface Answer {
    ShardReply get() throws IOException;
  }

  private final ShardStorage storage;
  private final ExecutorService storing;
  private final Map<String, HostedShard> shards = new HashMap<>();
  private volatile boolean closed;

  /**
   * A host without shards, which reads and writes checkpoints.
   *
   * @param threads how many shards it reads or writes at once
   */
  public static ShardHost create(int threads) {
    return new ShardHost(new CheckpointShardStorage(), threads);
  }

  /**
   * A host without shards.
   *
   * @param threads how many shards it reads or writes at once
   */
  ShardHost(ShardStorage storage, int threads) {
    this.storage = storage;
    this.storing = NamedThreads.fixed("cairn-shard-storage", threads);
  }

  @Override
  public CompletableFuture<ShardReply> handle(ShardMessage message) {
    try {
      if (closed) {
        throw new Refused(Refusal.CLOSED, "Cannot answer: this executor shuts down");
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
      return find(m.model(), m.generation()).gate().exchange(m);
    } else if (message instanceof ShardMessage.RestoreShard m) {
      HostedShard shard = find(m.model(), m.generation());
      return later(() -> new ShardReply.Restored(shard.restore(m, storage)));
    } else if (message instanceof ShardMessage.WriteShard m) {
      HostedShard shard = find(m.model(), m.generation());
      return later(() -> new ShardReply.Written(shard.write(m, storage)));
    }
    return CompletableFuture.completedFuture(answerNow(message));
  }

  private ShardReply answerNow(ShardMessage message) throws Refused {
    if (message instanceof ShardMessage.Gather m) {
      return new ShardReply.Values(0, find(m.model(), m.generation()).gather(m));
    } else if (message instanceof ShardMessage.AskStatus m) {
      return find(m.model(), m.generation()).status(m.sinceStep());
    } else if (message instanceof ShardMessage.Freeze m) {
      return new ShardReply.Frozen(find(m.model(), m.generation()).freeze(m));
    } else if (message instanceof ShardMessage.AssignShard m) {
      assign(m);
    } else if (message instanceof ShardMessage.Initialise m) {
      find(m.model(), m.generation()).initialise();
    } else if (message instanceof ShardMessage.OpenRun m) {
      find(m.model(), m.generation()).gate().openRun(m.run(), m.step());
    } else if (message instanceof ShardMessage.AbandonRun m) {
      find(m.model(), m.generation()).gate().abandonRun(m.run(), m.why());
    } else if (message instanceof ShardMessage.DropFrozen m) {
      find(m.model(), m.generation()).drop(m.saveId());
    } else if (message instanceof ShardMessage.ReleaseShard m) {
      release(m);
    }
    return new ShardReply.Done(); // a ping needs nothing else
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
            } catch (Throwable e) { // also an OutOfMemoryError is an answer
              LOG.warn("Cannot read or write a shard", e);
              reply.complete(internal(e));
            }
          });
    } catch (RejectedExecutionException e) {
      reply.complete(new ShardReply.Refused(Refusal.CLOSED, "This executor shuts down"));
    }
    return reply;
  }

  private void assign(ShardMessage.AssignShard message) throws Refused {
    HostedShard before;
    synchronized (shards) {
      before = shards.get(message.model());
      if (before != null && before.assigned().generation() >= message.generation()) {
        throw wrongGeneration(message.model(), before, message.generation());
      }
      shards.put(message.model(), new HostedShard(message));
    }
    if (before != null) {
      before.close("generation " + message.generation() + " begins");
    }
    LOG.info(
        "Model {} generation {}: shard {} is here, blocks {} to {}",
        message.model(),
        message.generation(),
        message.shard(),
        message.firstBlock(),
        message.endBlock());
  }

  private void release(ShardMessage.ReleaseShard message) throws Refused {
    HostedShard shard;
    synchronized (shards) {
      shard = shards.get(message.model());
      if (shard == null) {
        return;
      }
      if (shard.assigned().generation() != message.generation()) {
        throw wrongGeneration(message.model(), shard, message.generation());
      }
      shards.remove(message.model());
    }
    shard.close("the model was released");
  }

  private HostedShard find(String model, long generation) throws Refused {
    HostedShard shard;
    synchronized (shards) {
      shard = shards.get(model);
    }
    if (shard == null) {
      throw new Refused(
          Refusal.UNKNOWN_MODEL, "Cannot answer: this executor has no shard of model " + model);
    }
    if (shard.assigned().generation() != generation) {
      throw wrongGeneration(model, shard, generation);
    }
    return shard;
  }

  private static Refused wrongGeneration(String model, HostedShard shard, long found) {
    return new Refused(
        Refusal.WRONG_GENERATION,
        String.format(
            Locale.ROOT,
            "Cannot answer for model %s: the generation is %d, the sender is of %d",
            model,
            shard.assigned().generation(),
            found));
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
    Map<String, HostedShard> all;
    synchronized (shards) {
      all = new HashMap<>(shards);
      shards.clear();
    }
    all.values().forEach(shard -> shard.close("the executor shuts down"));
    storing.shutdownNow();
  }
}
