package dev.cairn.spark.host;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.cairn.spark.metrics.ExecutorMetrics;
import dev.cairn.spark.transport.Refusal;
import dev.cairn.spark.transport.ShardMessage;
import dev.cairn.spark.transport.ShardReply;
import dev.cairn.spark.transport.TransportException.Refused;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All shards of one model on one executor, in one generation, and the copy of the last committed
 * checkpoint that outlives generations. Thread-safe. No I/O under its lock.
 */
final class HostedModel {
  private static final Logger LOG = LoggerFactory.getLogger(HostedModel.class);

  private final String model;
  private final ExecutorMetrics metrics;

  @GuardedBy("this")
  private long generation = -1;

  @GuardedBy("this")
  private SortedMap<Integer, HostedShard> shards = new TreeMap<>();

  @GuardedBy("this")
  private List<CommittedCopy> copies = new ArrayList<>();

  @GuardedBy("this")
  private boolean restoring;

  HostedModel(String model, ExecutorMetrics metrics) {
    this.model = model;
    this.metrics = metrics;
  }

  synchronized int shardsHeld() {
    return shards.size();
  }

  synchronized long bytesHeld() {
    return shards.values().stream().mapToLong(HostedShard::bytes).sum();
  }

  /**
   * Takes a shard. The first one of a new generation ends the old one: when this returns no step is
   * applied there any more, so its arrays may be shared with the new shard.
   */
  void assign(ShardMessage.AssignShard message) throws Refused {
    List<HostedShard> before = List.of();
    synchronized (this) {
      boolean again = shards.containsKey(message.shard()) && message.generation() == generation;
      if (message.generation() < generation || again) {
        throw wrongGeneration(message.generation());
      }
      if (message.generation() > generation) {
        before = List.copyOf(shards.values());
        shards = new TreeMap<>();
        generation = message.generation();
        restoring = false;
      }
      shards.put(message.shard(), new HostedShard(message, metrics));
    }
    before.forEach(shard -> shard.close("generation " + message.generation() + " begins"));
    LOG.info(
        "Model {} generation {}: shard {} is here, blocks {} to {}",
        model,
        message.generation(),
        message.shard(),
        message.firstBlock(),
        message.endBlock());
  }

  @GuardedBy("this")
  private Refused wrongGeneration(long found) {
    return new Refused(
        Refusal.WRONG_GENERATION,
        String.format(
            Locale.ROOT,
            "Cannot answer for model %s: the generation is %d, the sender is of %d",
            model,
            generation,
            found));
  }

  /** The shard of a number, for a sender of its generation. */
  synchronized HostedShard shard(long itsGeneration, int shard) throws Refused {
    check(itsGeneration);
    HostedShard found = shards.get(shard);
    if (found == null) {
      throw new Refused(
          Refusal.UNKNOWN_MODEL,
          "Cannot answer: shard " + shard + " of model " + model + " is not here");
    }
    return found;
  }

  /** All shards, for a sender of their generation. */
  synchronized List<HostedShard> shards(long itsGeneration) throws Refused {
    check(itsGeneration);
    return List.copyOf(shards.values());
  }

  @GuardedBy("this")
  private void check(long itsGeneration) throws Refused {
    if (itsGeneration != generation) {
      throw wrongGeneration(itsGeneration);
    }
  }

  ShardReply initialise(ShardMessage.Initialise message) throws IOException {
    for (HostedShard shard : shards(message.generation())) {
      shard.initialise();
    }
    return new ShardReply.Done();
  }

  /** Fills all shards: from the copy in memory as far as that goes, the rest from storage. */
  ShardReply restore(ShardMessage.RestoreShard message, ShardStorage storage) throws IOException {
    List<HostedShard> mine;
    List<CommittedCopy> from;
    synchronized (this) {
      check(message.generation());
      if (restoring) {
        throw new Refused(
            Refusal.NOT_READY, "Cannot restore model " + model + ": that is under way already");
      }
      restoring = true;
      mine = List.copyOf(shards.values());
      from = List.copyOf(copies);
    }
    try {
      long memory = 0;
      long read = 0;
      for (HostedShard shard : mine) {
        memory += shard.adopt(from, message.path());
      }
      for (HostedShard shard : mine) {
        read += shard.restore(message, storage);
      }
      List<CommittedCopy> now = new ArrayList<>();
      for (HostedShard shard : message.keep() ? mine : List.<HostedShard>of()) {
        now.add(new CommittedCopy(message.path(), shard.frozen(message.step())));
      }
      replaceCopies(message.generation(), now);
      return new ShardReply.Restored(read, memory);
    } finally {
      synchronized (this) {
        if (generation == message.generation()) {
          restoring = false;
        }
      }
    }
  }

  /** Replaces the copies; those of a generation that is over come too late and are dropped. */
  private void replaceCopies(long itsGeneration, List<CommittedCopy> now) {
    List<CommittedCopy> old = now;
    synchronized (this) {
      if (generation == itsGeneration) {
        old = copies;
        copies = now;
      }
    }
    old.forEach(CommittedCopy::close);
  }

  ShardReply freeze(ShardMessage.Freeze message) throws Refused {
    List<HostedShard> mine = shards(message.generation());
    long bytes = 0;
    try {
      for (HostedShard shard : mine) {
        bytes += shard.freeze(message);
      }
    } catch (Refused e) {
      mine.forEach(shard -> shard.drop(message.saveId()));
      throw e;
    }
    return new ShardReply.Frozen(bytes);
  }

  /** Makes the frozen shards, which are committed now, the copy in place of the one before. */
  ShardReply committed(ShardMessage.Committed message) throws Refused {
    List<CommittedCopy> now = new ArrayList<>();
    for (HostedShard shard : shards(message.generation())) {
      shard
          .takeKept(message.saveId())
          .ifPresent(frozen -> now.add(new CommittedCopy(message.path(), frozen)));
    }
    if (!now.isEmpty()) {
      replaceCopies(message.generation(), now);
    }
    return new ShardReply.Done();
  }

  ShardReply drop(ShardMessage.DropFrozen message) throws Refused {
    shards(message.generation()).forEach(shard -> shard.drop(message.saveId()));
    return new ShardReply.Done();
  }

  /** Whether a sender of this generation may release the model. */
  synchronized void checkRelease(long itsGeneration) throws Refused {
    check(itsGeneration);
  }

  /** Fails everything that waits, and lets go of everything. */
  void close(String why) {
    List<HostedShard> mine;
    List<CommittedCopy> old;
    synchronized (this) {
      mine = List.copyOf(shards.values());
      old = copies;
      shards = new TreeMap<>();
      copies = new ArrayList<>();
    }
    mine.forEach(shard -> shard.close(why));
    old.forEach(CommittedCopy::close);
  }
}
