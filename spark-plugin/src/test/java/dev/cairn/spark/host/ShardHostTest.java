package dev.cairn.spark.host;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.checkpoint.CheckpointReader;
import dev.cairn.checkpoint.FolderOptions;
import dev.cairn.checkpoint.ShardWriter;
import dev.cairn.checkpoint.model.CheckpointException;
import dev.cairn.checkpoint.model.OptimizerSpec;
import dev.cairn.checkpoint.model.ShardReport;
import dev.cairn.checkpoint.model.ShardTarget;
import dev.cairn.spark.coordinator.CoordinationException;
import dev.cairn.spark.metrics.ExecutorMetrics;
import dev.cairn.spark.shard.FrozenShard;
import dev.cairn.spark.shard.ModelGraph;
import dev.cairn.spark.shard.ParameterLayout;
import dev.cairn.spark.shard.ParameterShard;
import dev.cairn.spark.shard.ParameterVariable;
import dev.cairn.spark.transport.Contribution;
import dev.cairn.spark.transport.Refusal;
import dev.cairn.spark.transport.ShardMessage;
import dev.cairn.spark.transport.ShardReply;
import dev.cairn.spark.transport.SharedRows;
import dev.cairn.spark.transport.TransportException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Steps on one host: fencing (I4), each contribution counted once (I5), segments given up. */
final class ShardHostTest {
  private static final int[] ROWS = {0, 1, 2};
  private final ShardHost host = ShardHost.create(1);

  @BeforeEach
  void assign() {
    assertEquals(new ShardReply.Done(), ask(assignment(5)));
    assertEquals(new ShardReply.Done(), host.handle(new ShardMessage.Initialise("m", 5)).join());
    assertEquals(new ShardReply.Done(), ask(new ShardMessage.OpenSegment("m", 5, 1, 0)));
  }

  @AfterEach
  void close() {
    host.close();
  }

  private static ShardMessage.AssignShard assignment(long generation) {
    OptimizerSpec adagrad =
        new OptimizerSpec("adagrad", new TreeMap<>(Map.of("learning_rate", 0.1)));
    return assignment(generation, adagrad);
  }

  private static ShardMessage.AssignShard assignment(long generation, OptimizerSpec optimizer) {
    ParameterLayout layout = new ParameterLayout(List.of(ParameterVariable.table("w", 3, 1)));
    return new ShardMessage.AssignShard(
        "m", generation, 0, 0, layout.blocks(), layout, optimizer, 2);
  }

  private ShardReply ask(ShardMessage message) {
    CompletableFuture<ShardReply> reply = host.handle(message);
    assertEquals(true, reply.isDone());
    return reply.join();
  }

  private static ShardMessage.Exchange open(
      long generation, long segment, long step, int... parts) {
    List<Contribution> all =
        java.util.Arrays.stream(parts).mapToObj(p -> Contribution.opening(p, ROWS, 0, 3)).toList();
    return new ShardMessage.Exchange("m", generation, 0, segment, step, true, all);
  }

  private static ShardMessage.Exchange push(long step, int partition, float gradient) {
    return new ShardMessage.Exchange(
        "m",
        5,
        0,
        1,
        step,
        false,
        List.of(
            new Contribution(
                partition, new float[] {gradient, 0, 0}, 0, 3, ROWS, 0, 3, gradient, 10)));
  }

  private void refused(Refusal reason, ShardMessage message) {
    ShardReply.Refused refused = assertInstanceOf(ShardReply.Refused.class, ask(message));
    assertEquals(reason, refused.reason(), refused.message());
  }

  private static float[] values(ShardReply reply) {
    return assertInstanceOf(ShardReply.Values.class, reply).values();
  }

  @Test
  void stepOpensWhenAllHaveCome() {
    assertArrayEquals(new float[6], values(ask(open(5, 1, 0, 0, 1))));
    CompletableFuture<ShardReply> first = host.handle(push(1, 0, 1));
    assertFalse(first.isDone());
    float[] after = values(ask(push(1, 1, 1)));
    assertArrayEquals(after, values(first.join()));
    assertEquals(true, after[0] < 0);
    ShardReply.Status status = (ShardReply.Status) ask(new ShardMessage.AskStatus("m", 5, 0, 0));
    assertEquals(1, status.step());
    assertArrayEquals(new double[] {2}, status.lossSums());
    assertArrayEquals(new long[] {20}, status.lossRows());
  }

  /** An accumulator that overflows ends the run by name: nothing of it can be saved. */
  @Test
  void numbersThatAreNotFiniteEndTheRun() {
    ask(open(5, 1, 0, 0, 1));
    CompletableFuture<ShardReply> first = host.handle(push(1, 0, 1e20f));
    ShardReply.Refused second = assertInstanceOf(ShardReply.Refused.class, ask(push(1, 1, 1e20f)));
    assertEquals(Refusal.DIVERGED, second.reason());
    assertTrue(second.message().contains("in step 1 row 0 of w"), second.message());
    assertTrue(second.message().contains("standardization=true"), second.message());
    assertEquals(second, first.join());
    refused(Refusal.DIVERGED, new ShardMessage.Freeze("m", 5, 0, 1, false));
    refused(Refusal.DIVERGED, new ShardMessage.OpenSegment("m", 5, 2, 0));
    refused(Refusal.ABANDONED, push(1, 0, 1));
  }

  /** A second attempt of a task sends the same again, at any moment: it is counted once. */
  @Test
  void duplicatesAreCountedOnce() {
    ask(open(5, 1, 0, 0, 1));
    CompletableFuture<ShardReply> first = host.handle(push(1, 0, 1));
    CompletableFuture<ShardReply> again = host.handle(push(1, 0, 1));
    assertFalse(again.isDone());
    assertArrayEquals(new float[3], values(ask(open(5, 1, 0, 0))), "also the opening");
    float[] after = values(ask(push(1, 1, 1)));
    assertArrayEquals(after, values(first.join()));
    assertArrayEquals(after, values(again.join()));
    assertArrayEquals(after, values(ask(push(1, 0, 1))), "late: answered, not counted");
    ShardReply.Status status = (ShardReply.Status) ask(new ShardMessage.AskStatus("m", 5, 0, 0));
    assertEquals(1, status.step());
    assertEquals(0, status.waiting());
    assertFalse(host.handle(push(2, 0, 1)).isDone());
  }

  /** S50, I4: whatever is of an older generation, segment or step changes nothing. */
  @Test
  void oldSendersAreFencedOff() {
    refused(Refusal.WRONG_GENERATION, open(4, 1, 0, 0));
    refused(Refusal.WRONG_GENERATION, assignment(5));
    refused(Refusal.WRONG_GENERATION, assignment(4));
    refused(Refusal.WRONG_SEGMENT, open(5, 2, 0, 0));
    refused(Refusal.WRONG_STEP, open(5, 1, 1, 0));
    ask(open(5, 1, 0, 0, 1));
    refused(Refusal.WRONG_STEP, push(2, 0, 1));
    CompletableFuture<ShardReply> first = host.handle(push(1, 0, 1));
    ask(push(1, 1, 1));
    first.join();
    refused(Refusal.WRONG_STEP, open(5, 1, 0, 0));
    refused(Refusal.WRONG_SEGMENT, new ShardMessage.OpenSegment("m", 5, 1, 1));
    refused(Refusal.WRONG_STEP, new ShardMessage.OpenSegment("m", 5, 2, 0));
    assertEquals(new ShardReply.Done(), ask(new ShardMessage.OpenSegment("m", 5, 2, 1)));
    refused(Refusal.WRONG_SEGMENT, push(2, 0, 1));
  }

  /** A freeze that was held up until a later save froze the shard (simulation, seed 16323). */
  @Test
  void anOvertakenFreezeTakesNothingAway() {
    assertInstanceOf(ShardReply.Frozen.class, ask(new ShardMessage.Freeze("m", 5, 0, 3, false)));
    refused(Refusal.UNKNOWN_SAVE, new ShardMessage.Freeze("m", 5, 0, 2, false));
    ask(new ShardMessage.DropFrozen("m", 5, 2));
    assertInstanceOf(ShardReply.Frozen.class, ask(new ShardMessage.Freeze("m", 5, 0, 3, false)));
    ask(new ShardMessage.DropFrozen("m", 5, 3));
    refused(Refusal.UNKNOWN_SAVE, new ShardMessage.Freeze("m", 5, 0, 3, false));
  }

  /**
   * A shard that was let go of, before its write began or in the middle of it, says so: that is no
   * failure of the storage, and must not count as one.
   */
  @Test
  void writingAShardThatWasLetGoOf() throws Exception {
    for (boolean before : new boolean[] {true, false}) {
      HostedShard shard = new HostedShard(assignment(5), new ExecutorMetrics());
      shard.initialise();
      var unused = shard.freeze(new ShardMessage.Freeze("m", 5, 0, 1, true));
      if (before) {
        shard.close("fenced");
      }
      ShardStorage closes =
          new ShardStorage() {
            @Override
            public ShardReport write(
                ModelGraph graph,
                FrozenShard frozen,
                boolean keep,
                ShardTarget target,
                SortedMap<String, String> properties)
                throws IOException {
              shard.close("fenced");
              throw new CheckpointException.Failed(
                  "Cannot write a shard: the save was given up", null);
            }

            @Override
            public long restore(
                ModelGraph graph, ParameterShard into, String path, SortedMap<String, String> p) {
              throw new AssertionError();
            }
          };
      ShardTarget target = new ShardTarget("/run/.staging-1", "attempt", 0, 1);
      ShardMessage.WriteShard message =
          new ShardMessage.WriteShard("m", 5, 1, target.encode(), new TreeMap<>());
      TransportException.Refused refused =
          assertThrows(
              TransportException.Refused.class, () -> shard.write(message, target, closes));
      assertEquals(Refusal.UNKNOWN_MODEL, refused.reason(), refused.getMessage());
      assertTrue(CoordinationException.executorGone(refused));
    }
  }

  /**
   * A restore that the host's own end interrupts is not an error of storage, which would end a
   * recovery.
   */
  @Test
  void restoringWhileTheExecutorEnds() {
    ShardHost[] ending = new ShardHost[1];
    CheckpointShardStorage.Files interrupted =
        new CheckpointShardStorage.Files() {
          @Override
          public ShardWriter create(ShardTarget target, FolderOptions options) {
            throw new AssertionError();
          }

          @Override
          public CheckpointReader open(String path, FolderOptions options) throws IOException {
            ending[0].close();
            throw new InterruptedIOException();
          }
        };
    List<Runnable> background = new ArrayList<>();
    ending[0] =
        new ShardHost(
            new CheckpointShardStorage(interrupted, 1),
            background::add,
            System::nanoTime,
            () -> {});
    assertEquals(new ShardReply.Done(), ending[0].handle(assignment(5)).join());
    CompletableFuture<ShardReply> reply =
        ending[0].handle(
            new ShardMessage.RestoreShard("m", 5, 0, "/run/ckpt-1", true, false, new TreeMap<>()));
    background.forEach(Runnable::run);
    ShardReply.Refused refused = assertInstanceOf(ShardReply.Refused.class, reply.join());
    assertTrue(
        CoordinationException.executorGone(
            new TransportException.Refused(refused.reason(), refused.message())),
        refused.toString());
  }

  @Test
  void abandonedRunFailsAllThatWait() {
    ask(open(5, 1, 0, 0, 1));
    CompletableFuture<ShardReply> waits = host.handle(push(1, 0, 1));
    assertEquals(
        new ShardReply.Done(),
        ask(new ShardMessage.AbandonSegment("m", 5, 1, "executor 7 is lost")));
    ShardReply.Refused refused = assertInstanceOf(ShardReply.Refused.class, waits.join());
    assertEquals(Refusal.ABANDONED, refused.reason());
    assertEquals("Cannot step: the segment was given up: executor 7 is lost", refused.message());
    refused(Refusal.ABANDONED, push(1, 1, 1));
    // What partition 0 had brought is forgotten.
    ask(new ShardMessage.OpenSegment("m", 5, 2, 0));
    ShardReply.Status status = (ShardReply.Status) ask(new ShardMessage.AskStatus("m", 5, 0, 0));
    assertEquals(0, status.step());
    assertEquals(0, status.waiting());
  }

  @Test
  void newGenerationFailsAllThatWait() {
    ask(open(5, 1, 0, 0, 1));
    CompletableFuture<ShardReply> waits = host.handle(push(1, 0, 1));
    assertEquals(new ShardReply.Done(), ask(assignment(6)));
    assertEquals(
        Refusal.ABANDONED, assertInstanceOf(ShardReply.Refused.class, waits.join()).reason());
    refused(Refusal.WRONG_GENERATION, push(1, 0, 1));
    refused(Refusal.NOT_READY, new ShardMessage.OpenSegment("m", 6, 1, 0));
  }

  @Test
  void wrongContributionsChangeNothing() {
    refused(Refusal.MALFORMED, open(5, 1, 0, 2));
    refused(Refusal.MALFORMED, push(1, 0, 1)); // has not asked for rows
    ask(open(5, 1, 0, 0, 1));
    refused(
        Refusal.MALFORMED,
        new ShardMessage.Exchange(
            "m",
            5,
            0,
            1,
            1,
            false,
            List.of(new Contribution(0, new float[2], 0, 2, ROWS, 0, 3, 0, 0))));
    refused(
        Refusal.MALFORMED,
        new ShardMessage.Exchange(
            "m", 5, 0, 1, 0, true, List.of(Contribution.opening(0, new int[] {1, 1}, 0, 2))));
    refused(
        Refusal.MALFORMED,
        new ShardMessage.Exchange(
            "m", 5, 0, 1, 0, true, List.of(Contribution.opening(0, new int[] {3}, 0, 1))));
  }

  /** Rows that both partitions need come once, before the others of each. */
  @Test
  void sharedRowsComeOnce() {
    ask(open(5, 1, 0, 0, 1));
    List<Contribution> both =
        List.of(
            new Contribution(0, new float[] {1, 0, -1}, 0, 3, ROWS, 0, 3, 1, 10),
            new Contribution(1, new float[] {2, 0, -3}, 0, 3, ROWS, 0, 3, 1, 10));
    refused(
        Refusal.MALFORMED,
        new ShardMessage.Exchange(
            "m", 5, 0, 1, 1, false, both, new SharedRows(new int[] {0, 1, 2, 4})));
    SharedRows shared = new SharedRows(new int[] {1, 3});
    float[] found = values(ask(new ShardMessage.Exchange("m", 5, 0, 1, 1, false, both, shared)));
    float[] rows = values(ask(new ShardMessage.Gather("m", 5, 0, ROWS, 0, 3)));
    assertTrue(rows[0] < 0 && rows[1] == 0 && rows[2] > 0);
    assertArrayEquals(new float[] {rows[1], rows[2], rows[0], rows[0]}, found);
  }

  /** Only a shard at the wanted step, with nothing under way, is frozen (I1). */
  @Test
  void freezesAtCutsOnly() {
    refused(Refusal.WRONG_STEP, new ShardMessage.Freeze("m", 5, 1, 1, false));
    ask(open(5, 1, 0, 0, 1));
    CompletableFuture<ShardReply> waits = host.handle(push(1, 0, 1));
    refused(Refusal.NOT_READY, new ShardMessage.Freeze("m", 5, 0, 1, false));
    ask(push(1, 1, 1));
    waits.join();
    assertInstanceOf(ShardReply.Frozen.class, ask(new ShardMessage.Freeze("m", 5, 1, 1, false)));
    assertInstanceOf(ShardReply.Frozen.class, ask(new ShardMessage.Freeze("m", 5, 1, 1, false)));
    assertEquals(new ShardReply.Done(), ask(new ShardMessage.DropFrozen("m", 5, 1)));
    ShardReply.Refused refused =
        assertInstanceOf(
            ShardReply.Refused.class,
            host.handle(new ShardMessage.WriteShard("m", 5, 1, "a\n0\n1\nx", new TreeMap<>()))
                .join());
    assertEquals(Refusal.UNKNOWN_SAVE, refused.reason());
  }

  /** I4: a thousand pushes of a generation that is over change nothing. */
  @Test
  void stalePushesAreNeverTaken() {
    ask(open(5, 1, 0, 0, 1));
    ask(assignment(6));
    var unused = host.handle(new ShardMessage.Initialise("m", 6)).join();
    ask(new ShardMessage.OpenSegment("m", 6, 1, 0));
    ask(open(6, 1, 0, 0, 1));
    for (int i = 0; i < 1000; i++) {
      refused(Refusal.WRONG_GENERATION, push(1, i % 2, 1));
    }
    ShardReply.Status status = (ShardReply.Status) ask(new ShardMessage.AskStatus("m", 6, 0, 0));
    assertEquals(0, status.step());
    assertEquals(0, status.waiting());
    assertArrayEquals(
        new float[3], values(ask(new ShardMessage.Gather("m", 6, 0, new int[] {0, 1, 2}, 0, 3))));
  }

  /**
   * Fenced off, a host drops all it has, once; a fence that comes late or twice changes nothing.
   */
  @Test
  void fencedHostIsAsGoodAsNew() {
    ask(open(5, 1, 0, 0, 1));
    CompletableFuture<ShardReply> waits = host.handle(push(1, 0, 1));
    assertEquals(new ShardReply.Done(), ask(new ShardMessage.Fence(3)));
    assertEquals(
        Refusal.ABANDONED, assertInstanceOf(ShardReply.Refused.class, waits.join()).reason());
    refused(Refusal.UNKNOWN_MODEL, push(1, 1, 1));
    ask(assignment(6));
    var unused = host.handle(new ShardMessage.Initialise("m", 6)).join();
    ask(new ShardMessage.Fence(3));
    ask(new ShardMessage.Fence(2));
    assertEquals(new ShardReply.Done(), ask(new ShardMessage.OpenSegment("m", 6, 1, 0)));
  }

  /** While gigabytes of arrays are made heartbeats must be answered. */
  @Test
  void valuesAreMadeInTheBackground() {
    List<Runnable> background = new ArrayList<>();
    try (ShardHost slow =
        new ShardHost(new CheckpointShardStorage(), background::add, System::nanoTime, () -> {})) {
      var unused = slow.handle(assignment(1));
      CompletableFuture<ShardReply> filled = slow.handle(new ShardMessage.Initialise("m", 1));
      assertEquals(false, filled.isDone());
      assertEquals(new ShardReply.Done(), slow.handle(new ShardMessage.Ping()).join());
      background.remove(0).run();
      assertEquals(new ShardReply.Done(), filled.join());
    }
  }

  /** A host without a sign of the driver for its lease serves no calls, until it gets one again. */
  @Test
  void withoutALeaseNobodyIsServed() {
    long[] now = {0};
    try (ShardHost timed =
        new ShardHost(new CheckpointShardStorage(), Runnable::run, () -> now[0], () -> {})) {
      assertEquals(new ShardReply.Done(), timed.handle(assignment(5)).join());
      timed.handle(new ShardMessage.Heartbeat(2500)).join();
      now[0] = 2_500_000_000L;
      assertEquals(new ShardReply.Done(), timed.handle(new ShardMessage.Initialise("m", 5)).join());
      now[0]++;
      ShardReply.Refused refused =
          assertInstanceOf(
              ShardReply.Refused.class,
              timed.handle(new ShardMessage.OpenSegment("m", 5, 1, 0)).join());
      assertEquals(Refusal.LEASE_OVER, refused.reason());
      timed.handle(new ShardMessage.Heartbeat(2500)).join();
      assertEquals(
          new ShardReply.Done(), timed.handle(new ShardMessage.OpenSegment("m", 5, 1, 0)).join());
    }
  }
}
