package dev.cairn.spark.coordinator;

import dev.cairn.checkpoint.model.CheckpointException;
import dev.cairn.spark.transport.ShardAddress;
import dev.cairn.spark.transport.ShardClient;
import dev.cairn.spark.transport.ShardDirectory;
import dev.cairn.spark.transport.ShardMessage;
import dev.cairn.spark.transport.ShardReply;
import dev.cairn.spark.transport.TransportException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The shards of one model in one generation, as the driver sees them. What is asked of all shards
 * is asked in parallel. Thread-safe.
 */
public final class ShardGroup implements Shards, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ShardGroup.class);

  private final ShardClient client;
  private final ModelSpec spec;
  private final ShardDirectory directory;
  private final Duration callTimeout;
  private final Duration restoreTimeout;
  private final AtomicLong runs = new AtomicLong();

  ShardGroup(
      ShardClient client,
      ModelSpec spec,
      ShardDirectory directory,
      Duration callTimeout,
      Duration restoreTimeout) {
    this.client = client;
    this.spec = spec;
    this.directory = directory;
    this.callTimeout = callTimeout;
    this.restoreTimeout = restoreTimeout;
  }

  /** What is trained. */
  public ModelSpec spec() {
    return spec;
  }

  /** Who owns what: hand this to the tasks. */
  public ShardDirectory directory() {
    return directory;
  }

  void assign() throws IOException, InterruptedException {
    all(
        "assign the shards",
        s ->
            new ShardMessage.AssignShard(
                spec.model(),
                directory.generation(),
                s,
                directory.assignment().firstBlock(s),
                directory.assignment().endBlock(s),
                spec.layout(),
                spec.optimizer().name(),
                spec.optimizer().hyperparameters(),
                spec.partitions()),
        ShardReply.Done.class,
        callTimeout);
  }

  /** Starts all shards from zero, at step 0. */
  public void initialise() throws IOException, InterruptedException {
    all(
        "initialise the shards",
        s -> new ShardMessage.Initialise(spec.model(), directory.generation()),
        ShardReply.Done.class,
        callTimeout);
  }

  /**
   * Fills all shards from a checkpoint, each reading only what it owns.
   *
   * @param step the step that the checkpoint holds
   * @return bytes read from storage in all
   * @throws CheckpointException when storage refused: fall back to an older one if it is Corrupt.
   *     Nothing is trained then; restore can be called again.
   * @throws CoordinationException when shards failed otherwise
   */
  public long restore(String path, long step, SortedMap<String, String> hadoopProperties)
      throws IOException, InterruptedException {
    long start = System.nanoTime();
    try {
      long bytes =
          all(
                  "restore the shards from " + path,
                  s ->
                      new ShardMessage.RestoreShard(
                          spec.model(), directory.generation(), step, path, hadoopProperties),
                  ShardReply.Restored.class,
                  restoreTimeout)
              .stream()
              .mapToLong(ShardReply.Restored::bytesRead)
              .sum();
      LOG.info(
          "Restored model {} at step {} onto {} shards: {} bytes in {} ms",
          spec.model(),
          step,
          directory.shards(),
          bytes,
          (System.nanoTime() - start) / 1_000_000);
      return bytes;
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
   * Opens a run of steps: exchanges of older ones are refused from now on.
   *
   * @param step the step that all shards must be at
   * @return the run's number, for the tasks' exchanges
   */
  public long openRun(long step) throws IOException, InterruptedException {
    long run = runs.incrementAndGet();
    all(
        "open run " + run + " at step " + step,
        s -> new ShardMessage.OpenRun(spec.model(), directory.generation(), run, step),
        ShardReply.Done.class,
        callTimeout);
    return run;
  }

  /**
   * Gives a run up: everything that waits in it fails at once. Tells every shard, waits for none: a
   * shard that cannot be told has nobody left who waits.
   *
   * @return completes when all have answered or failed
   */
  public CompletableFuture<Void> abandonRun(long run, String why) {
    return ask(s -> new ShardMessage.AbandonRun(spec.model(), directory.generation(), run, why));
  }

  /** Status of every shard, with the losses of the steps after one. */
  public List<ShardReply.Status> statuses(long sinceStep) throws IOException, InterruptedException {
    return all(
        "ask for the shards' status",
        s -> new ShardMessage.AskStatus(spec.model(), directory.generation(), sinceStep),
        ShardReply.Status.class,
        callTimeout);
  }

  /** Status of the first shard: every task talks to every shard, so one knows the progress. */
  public CompletableFuture<ShardReply.Status> progress(long sinceStep) {
    return client.call(
        directory.owner(0),
        new ShardMessage.AskStatus(spec.model(), directory.generation(), sinceStep),
        ShardReply.Status.class);
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
  public List<?> names() {
    return directory.owners();
  }

  @Override
  public <R extends ShardReply> CompletableFuture<R> call(
      int shard, ShardMessage message, Class<R> type) {
    return client.call(directory.owner(shard), message, type);
  }

  /** Tells all shards, without waiting; failures are not heard of. */
  CompletableFuture<Void> ask(IntFunction<ShardMessage> message) {
    List<CompletableFuture<ShardReply>> answers = new ArrayList<>();
    for (int s = 0; s < directory.shards(); s++) {
      answers.add(client.call(directory.owner(s), message.apply(s)).exceptionally(e -> null));
    }
    return CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new));
  }

  private <R extends ShardReply> List<R> all(
      String what, IntFunction<ShardMessage> message, Class<R> type, Duration timeout)
      throws CoordinationException, InterruptedException {
    List<CompletableFuture<R>> answers = new ArrayList<>();
    for (int s = 0; s < directory.shards(); s++) {
      answers.add(call(s, message.apply(s), type));
    }
    List<ShardAddress> owners = directory.owners();
    return Fanout.await(what + " of model " + spec.model(), owners, answers, timeout);
  }

  /** Releases the shards, as far as they can be reached; does not wait. May be called often. */
  @Override
  public void close() {
    var unused = ask(s -> new ShardMessage.ReleaseShard(spec.model(), directory.generation()));
  }
}
