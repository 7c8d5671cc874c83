package dev.cairn.spark.trainer;

import dev.cairn.checkpoint.CheckpointFolder;
import dev.cairn.checkpoint.CommittedCheckpoint;
import dev.cairn.checkpoint.model.DataPosition;
import dev.cairn.checkpoint.model.FeatureDefinition;
import dev.cairn.checkpoint.model.FeatureScales;
import dev.cairn.checkpoint.model.ModelDefinition;
import dev.cairn.checkpoint.model.OptimizerSpec;
import dev.cairn.checkpoint.model.TrainingState;
import dev.cairn.spark.coordinator.CheckpointCoordinator;
import dev.cairn.spark.coordinator.Clock;
import dev.cairn.spark.coordinator.Recovery;
import dev.cairn.spark.coordinator.SaveSettings;
import dev.cairn.spark.coordinator.SaveTicket;
import dev.cairn.spark.coordinator.ShardGroup;
import dev.cairn.spark.listener.TrainingListener;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * A run's saves: it waits for them, reports them, and keeps the newest one. For use by the thread
 * that trains; the durable step may be read from any thread.
 */
final class Saves implements AutoCloseable {
  private final CheckpointCoordinator coordinator;
  private final CheckpointFolder folder;
  private final Clock clock;
  private final CheckpointSettings settings;
  private final TrainingListener listener;
  private final Recovery.Base first;
  private volatile @Nullable CommittedCheckpoint newest;
  private @Nullable SaveTicket last;

  /** Done when the listener was told of the last save. */
  private CompletableFuture<Boolean> told = CompletableFuture.completedFuture(true);

  /**
   * Makes the saves of one run.
   *
   * @param first the state that its shards were filled from
   * @param newest the checkpoint that it goes on from; null for a start at step 0
   */
  Saves(
      CheckpointCoordinator coordinator,
      CheckpointFolder folder,
      Clock clock,
      CheckpointSettings settings,
      TrainingListener listener,
      Recovery.Base first,
      @Nullable CommittedCheckpoint newest) {
    this.coordinator = coordinator;
    this.folder = folder;
    this.clock = clock;
    this.settings = settings;
    this.listener = listener;
    this.first = first;
    this.newest = newest;
  }

  /**
   * Saves at a cut; returns when the state is captured, or durable if saves are not asynchronous.
   *
   * @return false if the save was left out because another is in flight
   * @throws IOException when more saves failed in a row than are tolerated
   */
  boolean save(TrainingState state) throws IOException, InterruptedException {
    long start = clock.nanoTime();
    Optional<SaveTicket> begun = coordinator.save(state);
    if (begun.isEmpty()) {
      return false;
    }
    SaveTicket ticket = begun.get();
    noteLast();
    last = ticket;
    long captured = clock.nanoTime();
    // On a thread of its own: a thread that waits for a future runs what depends on it, too, and
    // the one that trains must not be kept by a listener.
    told =
        ticket
            .durable()
            .handleAsync(
                (checkpoint, failure) -> {
                  tell(ticket.step(), checkpoint, failure, start, captured);
                  return true;
                },
                clock::execute);
    if (!settings.async()) {
      coordinator.await();
    }
    return true;
  }

  /** Saves without ever leaving it out: the last save of a run, and that of its best parameters. */
  void saveSurely(TrainingState state) throws IOException, InterruptedException {
    coordinator.await();
    save(state);
  }

  private void tell(
      long step,
      @Nullable CommittedCheckpoint checkpoint,
      @Nullable Throwable failure,
      long start,
      long captured) {
    if (checkpoint != null) {
      note(checkpoint);
    }
    synchronized (listener) {
      if (checkpoint == null) {
        listener.saveFailed(step, why(failure));
        return;
      }
      listener.committed(
          checkpoint.path(),
          step,
          checkpoint.manifest().totalBytes(),
          (captured - start) / 1_000_000,
          (clock.nanoTime() - start) / 1_000_000);
    }
  }

  private synchronized void note(CommittedCheckpoint committed) {
    CommittedCheckpoint present = newest;
    // Of two of one step the later one is this run's own: it began from another's.
    if (present == null || committed.step() >= present.step()) {
      newest = committed;
    }
  }

  /**
   * Notes the checkpoint of a save that is done: a thread that has waited for it must find it, also
   * when a listener is still busy with an earlier one.
   */
  private void noteLast() {
    SaveTicket ticket = last;
    if (ticket != null
        && ticket.durable().isDone()
        && !ticket.durable().isCompletedExceptionally()) {
      note(ticket.durable().join());
    }
  }

  private static String why(@Nullable Throwable failure) {
    String message = failure == null ? null : failure.getMessage();
    return message == null ? String.valueOf(failure) : message;
  }

  /**
   * Saves at a cut and waits until that is durable.
   *
   * @return the checkpoint; empty if the save failed but that is tolerated
   */
  Optional<CommittedCheckpoint> saveNow(TrainingState state)
      throws IOException, InterruptedException {
    saveSurely(state);
    coordinator.await();
    noteLast();
    CommittedCheckpoint present = newest;
    return present != null && present.step() == state.step()
        ? Optional.of(present)
        : Optional.empty();
  }

  /** The coordinator of the saves. */
  CheckpointCoordinator coordinator() {
    return coordinator;
  }

  /**
   * The state that a recovery goes back to: the newest committed checkpoint of this run, when
   * nothing is in flight. If the answer to a commit was lost, it is looked up on storage.
   */
  Recovery.Base base() {
    SaveTicket ticket = last;
    if (ticket != null && ticket.durable().isCompletedExceptionally()) {
      lookForLostCommit(ticket.step());
    }
    noteLast();
    CommittedCheckpoint present = newest;
    return present == null ? first : new Recovery.Base(present.path(), present.step());
  }

  private void lookForLostCommit(long step) {
    try {
      folder
          .latest()
          .filter(found -> found.step() == step && step > durableStep())
          .ifPresent(this::note);
    } catch (IOException e) {
      LoggerFactory.getLogger(Saves.class)
          .warn("Cannot look whether step {} was committed after all", step, e);
    }
  }

  /**
   * Waits for the save in flight; throws if the last one failed, unless its step is committed all
   * the same.
   */
  void finish() throws IOException, InterruptedException {
    coordinator.await();
    clock.await(told);
    SaveTicket ticket = last;
    if (ticket != null && base().step() < ticket.step()) {
      var unused = awaitDurable(ticket);
    }
  }

  private static CommittedCheckpoint awaitDurable(SaveTicket ticket)
      throws IOException, InterruptedException {
    try {
      return ticket.durable().get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException io) {
        throw io;
      }
      throw new IOException(
          "Cannot save step " + ticket.step() + ", the last of this run: " + e.getCause(), e);
    }
  }

  /** The step of the newest committed checkpoint, -1 if there is none. */
  long durableStep() {
    CommittedCheckpoint present = newest;
    return present == null ? -1 : present.step();
  }

  /** The newest committed checkpoint, if it is of that step; null if it is of another. */
  @Nullable CommittedCheckpoint newestOf(long step) {
    CommittedCheckpoint present = newest;
    return present == null || present.step() != step ? null : present;
  }

  /** The newest committed checkpoint, of a run that has ended. */
  CommittedCheckpoint newest() {
    CommittedCheckpoint present = newest;
    if (present == null) {
      throw new IllegalStateException("a run ends with a checkpoint");
    }
    return present;
  }

  /** Saves a group that is not being trained, in the foreground. */
  static CommittedCheckpoint once(
      ShardGroup group,
      CheckpointFolder folder,
      Clock clock,
      long step,
      ModelDefinition model,
      FeatureScales scales,
      Optional<FeatureDefinition> features,
      SortedMap<String, String> hadoopProperties,
      String applicationId)
      throws IOException, InterruptedException {
    SaveSettings settings =
        new SaveSettings(
            false,
            Duration.ofMinutes(1),
            Duration.ofMinutes(30),
            0,
            false,
            hadoopProperties,
            applicationId);
    TrainingState state =
        new TrainingState(
            step,
            0,
            new DataPosition(0, 0, 0, 0, 0, ""),
            Optional.of(model),
            new OptimizerSpec(group.spec().optimizer().name(), new TreeMap<>()),
            new TreeMap<>(),
            new TreeMap<>(),
            scales,
            features,
            Optional.empty());
    try (CheckpointCoordinator coordinator =
        new CheckpointCoordinator(group, folder, clock, settings)) {
      SaveTicket ticket = coordinator.save(state).orElseThrow();
      coordinator.await();
      return awaitDurable(ticket);
    }
  }

  @Override
  public void close() throws IOException {
    coordinator.close();
  }
}
