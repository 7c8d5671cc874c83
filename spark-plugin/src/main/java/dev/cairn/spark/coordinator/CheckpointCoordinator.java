package dev.cairn.spark.coordinator;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.cairn.checkpoint.Checkpoint;
import dev.cairn.checkpoint.CheckpointManager;
import dev.cairn.checkpoint.PendingCheckpoint;
import dev.cairn.checkpoint.ReportResult;
import dev.cairn.checkpoint.model.ShardReport;
import dev.cairn.checkpoint.model.TrainingState;
import dev.cairn.spark.transport.NamedThreads;
import dev.cairn.spark.transport.ShardMessage;
import dev.cairn.spark.transport.ShardReply;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes checkpoints at cuts: all shards are frozen at the same step while nothing trains
 * (captured), then written in the background while training goes on, and committed (durable). One
 * save is in flight at a time. Thread-safe.
 *
 * <p>A save that fails in any way, on any shard, in any phase, leaves nothing behind: the frozen
 * shards are released and the attempt is aborted. It fails its ticket and is counted; when more
 * fail in a row than are tolerated, the next {@link #save} or {@link #close} throws.
 */
public final class CheckpointCoordinator implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(CheckpointCoordinator.class);

  /** Save ids are distinct among all coordinators of this driver. */
  private static final AtomicLong SAVE_IDS = new AtomicLong();

  private final Shards shards;
  private final CheckpointManager manager;
  private final SaveSettings settings;
  private final SaveFailures failures;
  private final ExecutorService background = NamedThreads.fixed("cairn-save", 1);

  @GuardedBy("this")
  private @Nullable SaveTicket last;

  @GuardedBy("this")
  private boolean closed;

  /** Saves the shards of a group through a manager, which stays the caller's to close. */
  public CheckpointCoordinator(ShardGroup group, CheckpointManager manager, SaveSettings settings) {
    this((Shards) group, manager, settings);
  }

  CheckpointCoordinator(Shards shards, CheckpointManager manager, SaveSettings settings) {
    this.shards = shards;
    this.manager = manager;
    this.settings = settings;
    this.failures = new SaveFailures(settings.toleratedFailures());
  }

  /**
   * Saves the state that all shards are in now. Call it at a cut, when no run is under way; when it
   * returns the state is captured (or the save has failed) and training may go on.
   *
   * @param state what belongs to this step
   * @return the save, or empty when it was left out because another is in flight
   * @throws IOException when more saves failed in a row than are tolerated
   */
  public synchronized Optional<SaveTicket> save(TrainingState state)
      throws IOException, InterruptedException {
    if (closed) {
      throw new IllegalStateException("Cannot save: this coordinator is closed");
    }
    SaveTicket before = last;
    if (before != null && !before.durable().isDone()) {
      if (settings.skipWhileInFlight()) {
        LOG.warn("Left out the save of step {}: step {} is in flight", state.step(), before.step());
        return Optional.empty();
      }
      LOG.info("The save of step {} waits for the one of step {}", state.step(), before.step());
      awaitEnd(before);
    }
    failures.throwIfTooMany();
    SaveTicket ticket =
        new SaveTicket(state.step(), new CompletableFuture<>(), new CompletableFuture<>());
    last = ticket;
    begin(state, ticket);
    return Optional.of(ticket);
  }

  private void begin(TrainingState state, SaveTicket ticket) throws InterruptedException {
    long saveId = SAVE_IDS.incrementAndGet();
    long start = System.nanoTime();
    try {
      all(
          "freeze step " + state.step(),
          s -> new ShardMessage.Freeze(shards.model(), shards.generation(), state.step(), saveId),
          ShardReply.Frozen.class,
          settings.captureTimeout());
    } catch (IOException | RuntimeException e) {
      fail(ticket, saveId, e);
      return;
    } catch (InterruptedException e) {
      fail(ticket, saveId, e);
      throw e;
    }
    long captured = System.nanoTime();
    ticket.captured().complete(null);
    background.execute(() -> finish(state, ticket, saveId, start, captured));
  }

  private void finish(
      TrainingState state, SaveTicket ticket, long saveId, long start, long captured) {
    try {
      Checkpoint checkpoint = write(state, saveId, start, captured);
      failures.succeeded();
      LOG.info(
          "Saved step {} from {} shards in {} ms: {}",
          state.step(),
          shards.names().size(),
          millis(start, System.nanoTime()),
          checkpoint.path());
      ticket.durable().complete(checkpoint);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      fail(ticket, saveId, e);
    } catch (IOException | RuntimeException e) {
      fail(ticket, saveId, e);
    }
  }

  private Checkpoint write(TrainingState state, long saveId, long start, long captured)
      throws IOException, InterruptedException {
    PendingCheckpoint pending = manager.begin(state.step(), shards.names().size());
    try {
      List<ShardReply.Written> written =
          all(
              "write step " + state.step(),
              s ->
                  new ShardMessage.WriteShard(
                      shards.model(),
                      shards.generation(),
                      saveId,
                      pending.target(s).encode(),
                      settings.hadoopProperties()),
              ShardReply.Written.class,
              settings.timeout());
      for (ShardReply.Written reply : written) {
        ShardReport report = ShardReport.decode(reply.report());
        ReportResult result = pending.report(report);
        if (result != ReportResult.ACCEPTED) {
          throw new CoordinationException(
              String.format(
                  Locale.ROOT,
                  "Cannot save step %d: a report of shard %d is %s",
                  state.step(),
                  report.shard(),
                  result));
        }
      }
      SortedMap<String, Long> phases = new TreeMap<>();
      phases.put("capture", millis(start, captured));
      phases.put("write", millis(captured, System.nanoTime()));
      return pending.commit(state, settings.applicationId(), phases);
    } catch (IOException | InterruptedException | RuntimeException e) {
      try {
        pending.abort();
      } catch (IOException | RuntimeException suppressed) {
        e.addSuppressed(suppressed);
      }
      throw e;
    }
  }

  /** Releases what is frozen, counts, and tells: captured first, also now. */
  private void fail(SaveTicket ticket, long saveId, Throwable cause) {
    for (int s = 0; s < shards.names().size(); s++) {
      var unused =
          shards.call(
              s,
              new ShardMessage.DropFrozen(shards.model(), shards.generation(), saveId),
              ShardReply.Done.class);
    }
    failures.failed(ticket.step(), cause);
    ticket.captured().completeExceptionally(cause);
    ticket.durable().completeExceptionally(cause);
  }

  private <R extends ShardReply> List<R> all(
      String what, IntFunction<ShardMessage> message, Class<R> type, Duration timeout)
      throws CoordinationException, InterruptedException {
    List<CompletableFuture<R>> answers = new ArrayList<>();
    for (int s = 0; s < shards.names().size(); s++) {
      answers.add(shards.call(s, message.apply(s), type));
    }
    return Fanout.await(what + " of model " + shards.model(), shards.names(), answers, timeout);
  }

  private static long millis(long from, long to) {
    return (to - from) / 1_000_000;
  }

  private static void awaitEnd(SaveTicket ticket) throws InterruptedException {
    try {
      ticket.durable().get();
    } catch (ExecutionException e) {
      // Told and counted already.
    }
  }

  /** Saves that failed since this was made. */
  public long failed() {
    return failures.total();
  }

  /** Waits until nothing is in flight; throws when more saves failed than are tolerated. */
  public void await() throws IOException, InterruptedException {
    SaveTicket ticket;
    synchronized (this) {
      ticket = last;
    }
    if (ticket != null) {
      awaitEnd(ticket);
    }
    failures.throwIfTooMany();
  }

  /**
   * Waits for the save in flight, bounded by its timeout. May be called often.
   *
   * @throws IOException when more saves failed in a row than are tolerated, once
   */
  @Override
  public void close() throws IOException {
    synchronized (this) {
      closed = true;
    }
    background.shutdown();
    try {
      await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
