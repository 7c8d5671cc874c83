package dev.cairn.spark.coordinator;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.checkpoint.CheckpointFolder;
import dev.cairn.checkpoint.CommittedCheckpoint;
import dev.cairn.checkpoint.FolderOptions;
import dev.cairn.checkpoint.model.CheckpointException;
import dev.cairn.checkpoint.model.DataPosition;
import dev.cairn.checkpoint.model.ShardTarget;
import dev.cairn.checkpoint.model.TrainingState;
import dev.cairn.spark.host.StoringHost;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Saves of real shard hosts in this JVM to real files, with storage that fails when told. */
final class CheckpointCoordinatorTest {
  private static final String HOST_1 = "executor 1 (host:2)";
  private static final String HOST_2 = "executor 2 (host:3)";

  @TempDir Path folder;
  private final List<AutoCloseable> open = new ArrayList<>();
  private volatile IntConsumer beforeWrite = shard -> {};
  private final SystemClock clock = new SystemClock();
  private boolean keep;
  private volatile boolean obstacle;
  private CheckpointFolder checkpoints;
  private DirectHosts hosts;

  /** Does the test's own action before storage writes. */
  private void beforeWrite(ShardTarget target) throws IOException {
    try {
      beforeWrite.accept(target.shard());
    } catch (IllegalStateException e) {
      throw new CheckpointException.Failed(String.valueOf(e.getMessage()), e);
    }
    if (obstacle && target.shard() == 0) {
      // Where the index is to go: all shards are durable before the commit notices.
      Files.createFile(Path.of(URI.create(target.directory() + "/variables.index")));
    }
  }

  private DirectHosts hosts(int count) throws Exception {
    DirectHosts made = new DirectHosts(count, () -> StoringHost.create(this::beforeWrite));
    open.add(made);
    return made;
  }

  @BeforeEach
  void start() throws Exception {
    checkpoints = CheckpointFolder.open(folder.toUri().toString(), FolderOptions.defaults());
    open.add(checkpoints);
    hosts = hosts(3);
    hosts.initialise();
    hosts.train();
  }

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable closeable : open) {
      closeable.close();
    }
    clock.close();
  }

  private CheckpointCoordinator coordinator(boolean skip, Duration timeout, int tolerated) {
    return new CheckpointCoordinator(
        hosts,
        checkpoints,
        clock,
        new SaveSettings(skip, timeout, timeout, tolerated, keep, new TreeMap<>(), "app"));
  }

  private CheckpointCoordinator coordinator() {
    return coordinator(false, Duration.ofSeconds(60), 3);
  }

  private static TrainingState state(long step) {
    return new TrainingState(
        step,
        1,
        new DataPosition(0, step, 10, 1, 100, "f"),
        DirectHosts.OPTIMIZER,
        new TreeMap<>(),
        new TreeMap<>());
  }

  /** Asserts that no checkpoint is listed and no file is left. */
  private void assertNothingLeft() throws Exception {
    assertEquals(List.of(), checkpoints.checkpoints());
    // The manager's own sign of life stays as long as it is open.
    assertEquals(
        List.of(),
        checkpoints.orphans().stream().filter(o -> !o.name().startsWith(".owner")).toList());
  }

  /** S15, S24: trained on the instant it is captured; what is restored is the state before. */
  @Test
  void savesTheStateOfTheCut() throws Exception {
    CountDownLatch trained = new CountDownLatch(1);
    beforeWrite = shard -> awaitQuietly(trained);
    float[] before = hosts.values();
    CommittedCheckpoint checkpoint;
    try (CheckpointCoordinator saves = coordinator()) {
      SaveTicket ticket = saves.save(state(1)).orElseThrow();
      assertTrue(ticket.captured().isDone());
      assertFalse(ticket.durable().isDone());
      hosts.train();
      trained.countDown();
      checkpoint = ticket.durable().get();
    }
    assertEquals(1, checkpoint.step());
    hosts = hosts(2);
    hosts.restore(checkpoint);
    assertArrayEquals(before, hosts.values());
    hosts.train(); // with the slots that were restored
    float[] resumed = hosts.values();
    hosts = hosts(1);
    hosts.initialise();
    hosts.train();
    hosts.train();
    assertArrayEquals(hosts.values(), resumed);
  }

  /** S16, S25, S52: one writer of three fails; it is named, nothing is listed, nothing left. */
  @Test
  void failedWriterFailsTheSave() throws Exception {
    beforeWrite = shard -> failIf(shard == 1);
    try (CheckpointCoordinator saves = coordinator()) {
      SaveTicket ticket = saves.save(state(1)).orElseThrow();
      ExecutionException e = assertThrows(ExecutionException.class, ticket.durable()::get);
      assertEquals(
          "Cannot write step 1 of model m: 1 of 4 participants failed: "
              + HOST_1
              + " (disk is full)",
          e.getCause().getMessage());
      assertNothingLeft();
      beforeWrite = shard -> {};
      assertEquals(1, saves.save(state(1)).orElseThrow().durable().get().step());
      assertEquals(1, saves.failed());
    }
  }

  /** The driver's own file is one of the checkpoint's: without it there is none. */
  @Test
  void failureOfTheDriversFileFailsTheSave() throws Exception {
    hosts.beforeGraph =
        () -> {
          throw new IllegalStateException("no graph");
        };
    try (CheckpointCoordinator saves = coordinator()) {
      SaveTicket ticket = saves.save(state(1)).orElseThrow();
      ExecutionException e = assertThrows(ExecutionException.class, ticket.durable()::get);
      assertEquals(
          "Cannot write step 1 of model m: 1 of 4 participants failed: the driver (no graph)",
          e.getCause().getMessage());
      assertEquals(1, saves.failed());
      assertNothingLeft();
      hosts.beforeGraph = () -> {};
      CommittedCheckpoint next = saves.save(state(1)).orElseThrow().durable().get();
      assertEquals(4, next.manifest().files().size());
    }
  }

  /** S25: two at once, not the first one: one failure that names exactly these. */
  @Test
  void allThatFailAreNamed() throws Exception {
    beforeWrite = shard -> failIf(shard > 0);
    try (CheckpointCoordinator saves = coordinator()) {
      SaveTicket ticket = saves.save(state(1)).orElseThrow();
      ExecutionException e = assertThrows(ExecutionException.class, ticket.durable()::get);
      assertEquals(
          "Cannot write step 1 of model m: 2 of 4 participants failed: "
              + HOST_1
              + " (disk is full); "
              + HOST_2
              + " (disk is full)",
          e.getCause().getMessage());
      assertNothingLeft();
      assertEquals(1, saves.failed());
    }
  }

  /** S25, S52: all shards have answered, and then the commit fails: all of it goes. */
  @Test
  void failedCommitFailsTheSave() throws Exception {
    obstacle = true;
    try (CheckpointCoordinator saves = coordinator()) {
      SaveTicket ticket = saves.save(state(1)).orElseThrow();
      ExecutionException e = assertThrows(ExecutionException.class, ticket.durable()::get);
      assertInstanceOf(CheckpointException.Conflict.class, e.getCause());
      assertTrue(e.getCause().getMessage().contains("variables.index"), e.getCause().getMessage());
      assertNothingLeft();
      obstacle = false;
      assertEquals(1, saves.save(state(1)).orElseThrow().durable().get().step());
      assertEquals(1, saves.failed());
    }
  }

  /** S22: a save that takes for ever keeps nobody from listing and restoring. */
  @Test
  void readersDoNotWaitForASave() throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    try (CheckpointCoordinator saves = coordinator()) {
      CommittedCheckpoint first = saves.save(state(1)).orElseThrow().durable().get();
      float[] before = hosts.values();
      hosts.train();
      beforeWrite = shard -> awaitQuietly(go);
      SaveTicket second = saves.save(state(2)).orElseThrow();
      assertEquals(List.of(first), checkpoints.checkpoints());
      assertEquals(first, checkpoints.newestGood(e -> {}).orElseThrow());
      DirectHosts readers = hosts(2);
      readers.restore(first);
      assertArrayEquals(before, readers.values());
      assertFalse(second.durable().isDone());
      go.countDown();
      assertEquals(2, second.durable().get().step());
    } finally {
      go.countDown();
    }
  }

  /** S18: whoever waits hears of it, and so does the next save; the program is told once. */
  @Test
  void aFailureIsHeardByAllThatWait() throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    beforeWrite =
        shard -> {
          awaitQuietly(go);
          failIf(shard == 0);
        };
    CheckpointCoordinator saves = coordinator(false, Duration.ofSeconds(60), 0);
    SaveTicket ticket = saves.save(state(1)).orElseThrow();
    List<CompletableFuture<Throwable>> heard =
        IntStream.range(0, 3)
            .mapToObj(i -> ticket.durable().handle((checkpoint, failure) -> failure))
            .toList();
    go.countDown();
    for (CompletableFuture<Throwable> one : heard) {
      assertTrue(
          one.get().getMessage().contains("executor 0 (host:1) (disk is full)"), "" + one.get());
    }
    IOException e = assertThrows(IOException.class, saves::await);
    assertTrue(e.getMessage().contains("failure 1 in a row, 0 are tolerated"), e.getMessage());
    saves.await();
    saves.close();
  }

  /** S21, S27: a writer that hangs is named after the timeout; later saves work. */
  @Test
  void hangingWriterIsNamed() throws Exception {
    CountDownLatch hang = new CountDownLatch(1);
    beforeWrite =
        shard -> {
          if (shard == 2) {
            awaitQuietly(hang);
          }
        };
    try (CheckpointCoordinator saves = coordinator(false, Duration.ofMillis(1500), 3)) {
      SaveTicket ticket = saves.save(state(1)).orElseThrow();
      ExecutionException e = assertThrows(ExecutionException.class, ticket.durable()::get);
      assertEquals(
          "Cannot write step 1 of model m: 1 of 4 participants failed: "
              + HOST_2
              + " (no answer after"
              + " 1500 ms)",
          e.getCause().getMessage());
      beforeWrite = shard -> {};
      hang.countDown(); // S50: the late writer goes on, to no effect
    }
    try (CheckpointCoordinator saves = coordinator()) {
      assertEquals(1, saves.save(state(1)).orElseThrow().durable().get().step());
      assertEquals(1, checkpoints.checkpoints().size());
    }
  }

  /** S20: while one is in flight, the next waits or is left out. */
  @Test
  void inFlightPolicy() throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    beforeWrite = shard -> awaitQuietly(go);
    CheckpointCoordinator saves = coordinator(true, Duration.ofSeconds(60), 3);
    SaveTicket first = saves.save(state(1)).orElseThrow();
    hosts.train();
    assertTrue(saves.save(state(2)).isEmpty());
    go.countDown();
    saves.close(); // S23: waits
    assertTrue(first.durable().isDone());
    saves.close();
    CheckpointCoordinator waiting = coordinator();
    assertTrue(waiting.save(state(2)).isPresent());
    hosts.train();
    SaveTicket third = waiting.save(state(3)).orElseThrow();
    waiting.close();
    assertEquals(3, third.durable().get().step());
    assertEquals(3, checkpoints.checkpoints().size());
  }

  /** S18, S53: failures are counted in a row; one too many is thrown at the next save, once. */
  @Test
  void tooManyFailuresInARow() throws Exception {
    beforeWrite = shard -> failIf(shard == 0);
    CheckpointCoordinator saves = coordinator(false, Duration.ofSeconds(60), 1);
    assertThrows(
        ExecutionException.class, () -> saves.save(state(1)).orElseThrow().durable().get());
    assertThrows(
        ExecutionException.class, () -> saves.save(state(1)).orElseThrow().durable().get());
    IOException e = assertThrows(IOException.class, () -> saves.save(state(1)));
    assertTrue(
        e.getMessage().startsWith("Cannot save step 1: failure 2 in a row, 1 are tolerated"),
        e.getMessage());
    beforeWrite = shard -> {};
    saves.save(state(1)).orElseThrow().durable().get();
    saves.close();
  }

  /**
   * S24, S25: a shard that is not at the step fails the capture, then the save; all are released.
   */
  @Test
  void noCutNoSave() throws Exception {
    try (CheckpointCoordinator saves = coordinator()) {
      SaveTicket ticket = saves.save(state(7)).orElseThrow();
      assertTrue(ticket.captured().isCompletedExceptionally());
      ExecutionException e = assertThrows(ExecutionException.class, ticket.durable()::get);
      assertInstanceOf(CoordinationException.class, e.getCause());
      assertNothingLeft();
    }
  }

  private static void failIf(boolean fail) {
    if (fail) {
      throw new IllegalStateException("disk is full");
    }
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
