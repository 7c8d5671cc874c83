package dev.cairn.spark.coordinator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.checkpoint.model.OptimizerSpec;
import dev.cairn.spark.shard.ParameterLayout;
import dev.cairn.spark.shard.ParameterVariable;
import dev.cairn.spark.transport.ShardAddress;
import dev.cairn.spark.transport.ShardMessage;
import dev.cairn.spark.transport.ShardReply;
import dev.cairn.spark.transport.TransportException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class MembershipTest {
  private static final ShardAddress ADDRESS = new ShardAddress("7", "host", 1);
  private static final ShardMessage PING = new ShardMessage.Ping();

  private final SystemClock clock = new SystemClock();
  private final Membership membership = new Membership(clock);
  private final List<Loss> losses = new ArrayList<>();

  @BeforeEach
  void join() {
    var unused = membership.onLoss(losses::add);
    membership.register(new Registration(ADDRESS, 1));
    membership.added("7", 1);
    assertTrue(membership.has(ADDRESS));
  }

  @AfterEach
  void close() {
    clock.close();
  }

  @Test
  void whomSparkLosesIsLost() {
    membership.removed("7", "killed", Duration.ZERO);
    assertEquals(List.of(), membership.members());
    assertEquals("Spark lost it: killed", losses.get(0).how());
    assertFalse(losses.get(0).leaving());
  }

  /** Spark takes leave of what it has decommissioned when no task runs, and knows of no shards. */
  @Test
  void whoeverLeavesIsAMemberUntilItsProcessHasEnded() {
    membership.leaves("7");
    assertEquals(List.of(ADDRESS), List.copyOf(membership.leaving()));
    membership.removed("7", "decommissioned", Duration.ZERO);
    assertTrue(membership.has(ADDRESS), "it serves until it has handed over");
    assertEquals(List.of(), losses);

    membership.lost("7", "its connection failed", Duration.ZERO);
    assertFalse(membership.has(ADDRESS));
    assertEquals(List.of(), membership.fenced(), "nobody will join anew");
    assertTrue(losses.get(0).leaving());
    assertEquals(1, losses.size());
  }

  @Test
  void whoeverIsFencedAndThenGoneIsLostOnce() {
    membership.leaves("7");
    membership.lost("7", "its lease ran out", Duration.ZERO);
    membership.removed("7", "killed", Duration.ZERO);
    assertEquals(1, losses.size());
    assertEquals(List.of(), membership.fenced());
  }

  /** A process that hangs accepts connections: a call to it would be waited for. */
  @Test
  void whoeverIsLostIsNotCalled() {
    ScriptedCalls hung = ScriptedCalls.hung();
    MemberCalls calls = new MemberCalls(hung, membership);
    assertFalse(calls.call(ADDRESS, PING).isDone());
    membership.lost("7", "its lease ran out", Duration.ZERO);
    CompletableFuture<ShardReply> late = calls.call(ADDRESS, PING);
    assertTrue(late.isDone());
    CompletionException e = assertThrows(CompletionException.class, late::join);
    assertEquals(TransportException.PeerGone.class, e.getCause().getClass());
    assertEquals(List.of(PING), hung.asked);

    membership.rejoined("7");
    assertFalse(calls.call(ADDRESS, PING).isDone());
  }

  @Test
  void aGroupWithALostOwnerFailsAtOnce() throws Exception {
    ScriptedCalls hung =
        new ScriptedCalls(
            message ->
                message instanceof ShardMessage.AssignShard
                    ? CompletableFuture.completedFuture(new ShardReply.Done())
                    : new CompletableFuture<>());
    Duration call = Duration.ofSeconds(30); // an answer that is waited for in vain is told apart
    Duration never = Duration.ofDays(1);
    ModelSpec spec =
        new ModelSpec(
            "m",
            new ParameterLayout(List.of(ParameterVariable.table("w", 4, 1))),
            new OptimizerSpec("adagrad", new TreeMap<>()),
            1);
    try (Coordinator coordinator =
        new Coordinator(
            membership,
            hung,
            clock,
            new Coordinator.Settings(call, call, never.dividedBy(2), never))) {
      ShardGroup group = coordinator.open(spec, List.of(new Member(ADDRESS, 1, Long.MAX_VALUE)));
      membership.lost("7", "its lease ran out", Duration.ZERO);
      CoordinationException e =
          assertThrows(CoordinationException.class, () -> group.openSegment(0));
      assertTrue(CoordinationException.executorGone(e), e.toString());
    }
  }

  /** A recovery that finds somebody gone must find out why at once, however long listeners take. */
  @Test
  void whoeverIsGoneIsAmongTheLosses() {
    List<Integer> known = new ArrayList<>();
    var unused = membership.onLoss(loss -> known.add(membership.lossCount()));
    int before = membership.lossCount();
    membership.lost("7", "its lease ran out", Duration.ZERO);
    assertEquals(List.of(before + 1), known);
    assertEquals(losses, membership.lossesAfter(before));
    membership.removed("7", "killed", Duration.ZERO); // known already
    assertEquals(List.of(), membership.lossesAfter(before + 1));
  }

  /** Executors go at the end of an application: neither lost nor waited for. */
  @Test
  void afterTheEndNobodyIsLost() {
    ScriptedCalls gone =
        new ScriptedCalls(
            message ->
                CompletableFuture.failedFuture(new TransportException.PeerGone("gone", null)));
    Duration never = Duration.ofDays(1);
    Coordinator coordinator =
        new Coordinator(
            membership,
            gone,
            clock,
            new Coordinator.Settings(never, never, never.dividedBy(2), never));
    coordinator.close();
    coordinator.connectionBroke(ADDRESS);
    assertTrue(coordinator.checkAll().isDone());
    assertEquals(List.of(), losses);
  }
}
