package dev.cairn.spark.coordinator;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.cairn.checkpoint.CheckpointFolder;
import dev.cairn.checkpoint.CommittedCheckpoint;
import dev.cairn.checkpoint.PendingCheckpoint;
import dev.cairn.checkpoint.ReportResult;
import dev.cairn.checkpoint.ShardWriter;
import dev.cairn.checkpoint.model.ShardReport;
import dev.cairn.checkpoint.model.TrainingState;
import dev.cairn.spark.transport.ShardAddress;
import dev.cairn.spark.transport.ShardMessage;
import dev.cairn.spark.transport.ShardReply;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
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
 * fail in a row than are tolerated, the next {@link #save} or {@link #close} throws. A failure
 * because an executor is gone is not counted: recovery handles that.
 */
public final class CheckpointCoordinator implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(CheckpointCoordinator.class);

  /** The last save id; ids are distinct among all coordinators of this driver. */
  private static final AtomicLong SAVE_IDS = new AtomicLong();

  private final CheckpointFolder folder;
  private final Clock clock;
  private final SaveSettings settings;
  private final SaveFailures failures;

  @GuardedBy("this")
  private Shards shards;

  @GuardedBy("this")
  private @Nullable Flight last;

  @GuardedBy("this")
  private boolean closed;

  /** A save under way: its shards, and whether all of its files are written. */
  private static final class Flight {
    final Shards shards;
    final TrainingState state;
    final SaveTicket ticket;
    final long saveId = SAVE_IDS.incrementAndGet();
    final long start;
    volatile long captured;
    volatile boolean committing;
    volatile boolean givenUp;

    Flight(Shards shards, TrainingState state, long start) {
      this.shards = shards;
      this.state = state;
      this.start = start;
      this.ticket =
          new SaveTicket(state.step(), new CompletableFuture<>(), new CompletableFuture<>());
    }

    /** Sends every host a message, without waiting for answers. */
    void tell(ShardMessage message) {
      for (ShardAddress host : shards.hosts()) {
        var unused = shards.call(host, message, ShardReply.Done.class);
      }
    }

    void drop() {
      tell(new ShardMessage.DropFrozen(shards.model(), shards.generation(), saveId));
    }

    String what(String verb) {
      return verb + " step " + state.step() + " of model " + shards.model();
    }
  }

  /** Makes one that saves the shards of a group in a folder, which the caller closes. */
  public CheckpointCoordinator(
      ShardGroup group, CheckpointFolder folder, Clock clock, SaveSettings settings) {
    this((Shards) group, folder, clock, settings);
  }

  CheckpointCoordinator(
      Shards shards, CheckpointFolder folder, Clock clock, SaveSettings settings) {
    this.shards = shards;
    this.folder = folder;
    this.clock = clock;
    this.settings = settings;
    this.failures = new SaveFailures(settings.toleratedFailures());
  }

  /** Saves the shards of another generation from now on; no save may be in flight. */
  public synchronized void use(ShardGroup group) {
    shards = group;
  }

  /**
   * Saves the state that all shards are in now. Call it at a cut, when no segment is under way;
   * when it returns the state is captured (or the save has failed) and training may go on.
   *
   * @param state the training state of this step
   * @return the save, or empty when it was left out because another is in flight
   * @throws IOException when more saves failed in a row than are tolerated
   */
  public Optional<SaveTicket> save(TrainingState state) throws IOException, InterruptedException {
    SaveTicket before = inFlight();
    if (before != null) {
      if (settings.skipWhileInFlight()) {
        LOG.warn("Left out the save of step {}: step {} is in flight", state.step(), before.step());
        return Optional.empty();
      }
      LOG.info("The save of step {} waits for the one of step {}", state.step(), before.step());
      clock.await(before.durable());
    }
    failures.throwIfTooMany();
    Flight flight;
    synchronized (this) {
      if (closed) {
        throw new IllegalStateException("Cannot save: this coordinator is closed");
      }
      flight = new Flight(shards, state, clock.nanoTime());
      last = flight;
    }
    capture(flight);
    return Optional.of(flight.ticket);
  }

  private synchronized @Nullable SaveTicket inFlight() {
    Flight flight = last;
    return flight == null || flight.ticket.durable().isDone() ? null : flight.ticket;
  }

  private void capture(Flight flight) throws InterruptedException {
    Shards of = flight.shards;
    List<CompletableFuture<ShardReply.Frozen>> answers = new ArrayList<>();
    for (ShardAddress host : of.hosts()) {
      answers.add(
          of.call(
              host,
              new ShardMessage.Freeze(
                  of.model(),
                  of.generation(),
                  flight.state.step(),
                  flight.saveId,
                  settings.keepInMemory()),
              ShardReply.Frozen.class));
    }
    try {
      var unused =
          Fanout.await(
              clock, flight.what("freeze"), of.hosts(), answers, settings.captureTimeout());
    } catch (IOException | RuntimeException e) {
      fail(flight, e);
      return;
    } catch (InterruptedException e) {
      fail(flight, e);
      throw e;
    }
    flight.captured = clock.nanoTime();
    flight.ticket.captured().complete(null);
    clock.execute(() -> write(flight));
  }

  /**
   * Has the shards written and writes everything else, in the background, and goes on when all of
   * it is done.
   */
  private void write(Flight flight) {
    PendingCheckpoint pending;
    try {
      pending = folder.begin(flight.state.step(), flight.shards.owners().size() + 1);
    } catch (IOException | RuntimeException e) {
      fail(flight, e);
      return;
    }
    Shards of = flight.shards;
    List<ShardAddress> owners = of.owners();
    List<CompletableFuture<ShardReply.Written>> answers = new ArrayList<>();
    for (int s = 0; s < owners.size(); s++) {
      answers.add(
          of.call(
              owners.get(s),
              new ShardMessage.WriteShard(
                  of.model(),
                  of.generation(),
                  flight.saveId,
                  pending.target(s).encode(),
                  settings.hadoopProperties()),
              ShardReply.Written.class));
    }
    answers.add(writeGraph(flight, pending, owners.size()));
    List<Object> names = new ArrayList<>(owners);
    names.add("the driver");
    var unused =
        Fanout.gather(clock, flight.what("write"), names, answers, settings.timeout())
            .whenComplete(
                (written, failure) ->
                    clock.execute(() -> finish(flight, pending, written, failure)));
  }

  /**
   * Writes the file after all shards' files: the object graph, the driver's counters, and the
   * position in the data.
   */
  private static CompletableFuture<ShardReply.Written> writeGraph(
      Flight flight, PendingCheckpoint pending, int shard) {
    try (ShardWriter writer = pending.writer(shard)) {
      writer.write(flight.shards.graph(flight.state.step()));
      writer.write(flight.state.position());
      return CompletableFuture.completedFuture(new ShardReply.Written(writer.finish().encode()));
    } catch (IOException | RuntimeException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private void finish(
      Flight flight,
      PendingCheckpoint pending,
      @Nullable List<ShardReply.Written> written,
      @Nullable Throwable failure) {
    try {
      if (written == null) {
        throw failure instanceof IOException io ? io : new IOException(failure);
      }
      flight.committing = true;
      CommittedCheckpoint checkpoint = commit(flight, pending, written);
      failures.succeeded();
      LOG.debug(
          "Saved step {} from {} shards in {} ms: {}",
          flight.state.step(),
          written.size(),
          millis(flight.start, clock.nanoTime()),
          checkpoint.path());
      flight.tell(
          new ShardMessage.Committed(
              flight.shards.model(), flight.shards.generation(), flight.saveId, checkpoint.path()));
      flight.ticket.durable().complete(checkpoint);
    } catch (IOException | RuntimeException e) {
      try {
        pending.abort();
      } catch (IOException | RuntimeException suppressed) {
        e.addSuppressed(suppressed);
      }
      fail(flight, e);
    }
  }

  private CommittedCheckpoint commit(
      Flight flight, PendingCheckpoint pending, List<ShardReply.Written> written)
      throws IOException {
    for (ShardReply.Written reply : written) {
      ShardReport report = ShardReport.decode(reply.report());
      ReportResult result = pending.report(report);
      if (result != ReportResult.ACCEPTED) {
        throw new CoordinationException(
            String.format(
                Locale.ROOT,
                "Cannot save step %d: a report of shard %d is %s",
                flight.state.step(),
                report.shard(),
                result));
      }
    }
    SortedMap<String, Long> phases = new TreeMap<>();
    phases.put("capture", millis(flight.start, flight.captured));
    phases.put("write", millis(flight.captured, clock.nanoTime()));
    return pending.commit(flight.state, settings.applicationId(), phases);
  }

  /**
   * Releases what is frozen, counts the failure, and completes the ticket: captured first, also
   * now.
   */
  private void fail(Flight flight, Throwable cause) {
    flight.drop();
    if (flight.givenUp || CoordinationException.executorGone(cause)) {
      LOG.warn("Gave up the save of step {}: {}", flight.state.step(), cause.getMessage());
    } else {
      failures.failed(flight.ticket.step(), cause);
    }
    flight.ticket.captured().completeExceptionally(cause);
    flight.ticket.durable().completeExceptionally(cause);
  }

  private static long millis(long from, long to) {
    return (to - from) / 1_000_000;
  }

  /** The number of saves that failed since this was made. */
  public long failed() {
    return failures.total();
  }

  /**
   * Ends the save in flight, if there is one, before shards change hands: one whose files are all
   * written is committed, any other is given up. Returns when that is done.
   */
  public void settle() throws InterruptedException {
    Flight flight;
    synchronized (this) {
      flight = last;
    }
    if (flight != null && !flight.ticket.durable().isDone()) {
      if (!flight.committing) {
        flight.givenUp = true;
        flight.drop();
      }
      clock.await(flight.ticket.durable());
    }
  }

  /** Waits until nothing is in flight; throws when more saves failed than are tolerated. */
  public void await() throws IOException, InterruptedException {
    SaveTicket ticket = inFlight();
    if (ticket != null) {
      clock.await(ticket.durable());
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
    try {
      await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
