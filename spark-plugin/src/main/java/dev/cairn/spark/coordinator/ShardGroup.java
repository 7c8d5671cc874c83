package dev.cairn.spark.coordinator;

import dev.cairn.checkpoint.graph.ObjectGraph;
import dev.cairn.checkpoint.model.CheckpointException;
import dev.cairn.spark.transport.ShardAddress;
import dev.cairn.spark.transport.ShardCalls;
import dev.cairn.spark.transport.ShardDirectory;
import dev.cairn.spark.transport.ShardMessage;
import dev.cairn.spark.transport.ShardReply;
import dev.cairn.spark.transport.StorageRefusals;
import dev.cairn.spark.transport.TransportException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The driver's view of the shards of one model in one generation. Calls to all shards go out in
 * parallel. Thread-safe.
 */
public final class ShardGroup implements Shards, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ShardGroup.class);

  private final ShardCalls calls;
  private final Clock clock;
  private final ModelSpec spec;
  private final ShardDirectory directory;
  private final List<ShardAddress> hosts;
  private final Duration callTimeout;
  private final Duration restoreTimeout;
  private final Consumer<ShardDirectory> closed;
  private final AtomicLong segments = new AtomicLong();

  ShardGroup(
      ShardCalls calls,
      Clock clock,
      ModelSpec spec,
      ShardDirectory directory,
      Duration callTimeout,
      Duration restoreTimeout,
      Consumer<ShardDirectory> closed) {
    this.calls = calls;
    this.clock = clock;
    this.spec = spec;
    this.directory = directory;
    this.hosts = directory.owners().stream().distinct().toList();
    this.callTimeout = callTimeout;
    this.restoreTimeout = restoreTimeout;
    this.closed = closed;
  }

  /** The model that is trained. */
  public ModelSpec spec() {
    return spec;
  }

  /** The owners of rows: hand this to the tasks. */
  public ShardDirectory directory() {
    return directory;
  }

  void assign() throws IOException, InterruptedException {
    List<CompletableFuture<ShardReply.Done>> answers = new ArrayList<>();
    for (int s = 0; s < directory.shards(); s++) {
      answers.add(
          call(
              s,
              new ShardMessage.AssignShard(
                  spec.model(),
                  directory.generation(),
                  s,
                  directory.assignment().firstBlock(s),
                  directory.assignment().endBlock(s),
                  spec.layout(),
                  spec.optimizer(),
                  spec.partitions()),
              ShardReply.Done.class));
    }
    var unused = await("assign the shards", directory.owners(), answers, callTimeout);
  }

  /** Starts all shards from zero, at step 0. */
  public void initialise() throws IOException, InterruptedException {
    all(
        "initialise the shards",
        new ShardMessage.Initialise(spec.model(), directory.generation()),
        ShardReply.Done.class,
        restoreTimeout);
  }

  /**
   * Fills all shards from a checkpoint, each taking only what it owns: from the copy of it in
   * memory, where there is one, else from storage.
   *
   * @param base the checkpoint
   * @param keep whether the executors keep a copy in memory for recovery to go back to
   * @return the numbers of bytes that came from memory and from storage
   * @throws CheckpointException when storage refused: fall back to an older one if it is Corrupt.
   *     Nothing is trained then.
   * @throws CoordinationException when shards failed otherwise
   */
  public ShardReply.Restored restore(
      Recovery.Base base, boolean keep, SortedMap<String, String> hadoopProperties)
      throws IOException, InterruptedException {
    long start = clock.nanoTime();
    try {
      long storage = 0;
      long memory = 0;
      for (ShardReply.Restored restored :
          all(
              "restore the shards from " + base.path(),
              new ShardMessage.RestoreShard(
                  spec.model(),
                  directory.generation(),
                  base.step(),
                  base.path(),
                  base.slots(),
                  keep,
                  base.grown(),
                  hadoopProperties),
              ShardReply.Restored.class,
              restoreTimeout)) {
        storage += restored.storageBytes();
        memory += restored.memoryBytes();
      }
      LOG.info(
          "Restored model {} at step {} onto {} shards: {} bytes from storage, {} from memory, {}"
              + " ms",
          spec.model(),
          base.step(),
          directory.shards(),
          storage,
          memory,
          (clock.nanoTime() - start) / 1_000_000);
      return new ShardReply.Restored(storage, memory);
    } catch (CoordinationException e) {
      throw storageErrorOf(e).orElse(e);
    }
  }

  private static Optional<IOException> storageErrorOf(CoordinationException e) {
    if (e.getCause() instanceof TransportException.Refused refused) {
      Optional<CheckpointException> storage = StorageRefusals.exception(refused);
      storage.ifPresent(found -> found.addSuppressed(e));
      return storage.map(found -> found);
    }
    return Optional.empty();
  }

  /**
   * Opens a segment: exchanges of older ones are refused from now on.
   *
   * @param step the step that all shards must be at
   * @return the segment's number, for the tasks' exchanges
   */
  public long openSegment(long step) throws IOException, InterruptedException {
    long segment = segments.incrementAndGet();
    all(
        "open segment " + segment + " at step " + step,
        new ShardMessage.OpenSegment(spec.model(), directory.generation(), segment, step),
        ShardReply.Done.class,
        callTimeout);
    return segment;
  }

  /**
   * Gives a segment up: everything that waits in it fails at once. It tells every shard and waits
   * for none: nothing waits any more at a shard that cannot be reached.
   *
   * @return completes when all have answered or failed
   */
  public CompletableFuture<Void> abandonSegment(long segment, String why) {
    return ask(new ShardMessage.AbandonSegment(spec.model(), directory.generation(), segment, why));
  }

  /** The status of every shard, with the losses of the steps after one. */
  public List<ShardReply.Status> statuses(long sinceStep) throws IOException, InterruptedException {
    List<CompletableFuture<ShardReply.Status>> answers = new ArrayList<>();
    for (int s = 0; s < directory.shards(); s++) {
      answers.add(status(s, sinceStep));
    }
    return await("ask for the shards' status", directory.owners(), answers, callTimeout);
  }

  private CompletableFuture<ShardReply.Status> status(int shard, long sinceStep) {
    return call(
        shard,
        new ShardMessage.AskStatus(spec.model(), directory.generation(), shard, sinceStep),
        ShardReply.Status.class);
  }

  /**
   * The status of the first shard: every task exchanges with every shard, so one has the progress
   * of all.
   */
  public CompletableFuture<ShardReply.Status> progress(long sinceStep) {
    return status(0, sinceStep);
  }

  @Override
  public String model() {
    return spec.model();
  }

  @Override
  public long generation() {
    return directory.generation();
  }

  @Override
  public List<ShardAddress> owners() {
    return directory.owners();
  }

  @Override
  public ObjectGraph graph(long step) {
    return spec.graph(step);
  }

  @Override
  public List<ShardAddress> hosts() {
    return hosts;
  }

  @Override
  public <R extends ShardReply> CompletableFuture<R> call(
      ShardAddress host, ShardMessage message, Class<R> type) {
    return calls.call(host, message, type);
  }

  private <R extends ShardReply> CompletableFuture<R> call(
      int shard, ShardMessage message, Class<R> type) {
    return calls.call(directory.owner(shard), message, type);
  }

  /**
   * Sends a message to all hosts, without waiting; the future completes when all have answered or
   * failed.
   */
  private CompletableFuture<Void> ask(ShardMessage message) {
    List<CompletableFuture<ShardReply>> answers = new ArrayList<>();
    for (ShardAddress host : hosts) {
      answers.add(calls.call(host, message).exceptionally(e -> null));
    }
    return CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new));
  }

  private <R extends ShardReply> List<R> all(
      String what, ShardMessage message, Class<R> type, Duration timeout)
      throws CoordinationException, InterruptedException {
    List<CompletableFuture<R>> answers = new ArrayList<>();
    for (ShardAddress host : hosts) {
      answers.add(call(host, message, type));
    }
    return await(what, hosts, answers, timeout);
  }

  private <R> List<R> await(
      String what, List<ShardAddress> names, List<CompletableFuture<R>> answers, Duration timeout)
      throws CoordinationException, InterruptedException {
    return Fanout.await(clock, what + " of model " + spec.model(), names, answers, timeout);
  }

  /** Ends this group; its executors keep what they have for the next generation. */
  void forget() {
    closed.accept(directory);
  }

  /** Releases this generation on all hosts but those on which the next one is in place. */
  void releaseAllBut(List<ShardAddress> others) {
    forget();
    for (ShardAddress host : hosts) {
      if (!others.contains(host)) {
        var unused =
            calls.call(host, new ShardMessage.ReleaseShard(spec.model(), directory.generation()));
      }
    }
  }

  /** Releases the shards, as far as they can be reached; does not wait. May be called often. */
  @Override
  public void close() {
    closed.accept(directory);
    var unused = ask(new ShardMessage.ReleaseShard(spec.model(), directory.generation()));
  }
}
