package dev.cairn.spark.coordinator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.checkpoint.model.OptimizerSpec;
import dev.cairn.spark.shard.ParameterLayout;
import dev.cairn.spark.shard.ParameterVariable;
import dev.cairn.spark.transport.ShardAddress;
import dev.cairn.spark.transport.ShardCalls;
import dev.cairn.spark.transport.ShardReply;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** A model that its executors cannot hold is refused before anything is made. */
class MemoryTest {
  private static final ModelSpec SPEC =
      new ModelSpec(
          "large",
          new ParameterLayout(List.of(ParameterVariable.table("w", 1 << 20, 1))),
          new OptimizerSpec("ftrl", new TreeMap<>()),
          1);

  private static final Recovery.Settings SETTINGS =
      new Recovery.Settings(3, Duration.ZERO, Duration.ofMinutes(1), true, true, new TreeMap<>());

  private static Member member(String executor, long heap) {
    return new Member(new ShardAddress(executor, "host", 1), 1, heap);
  }

  @Test
  void countsValuesAndSlots() {
    assertEquals(3L * 4 << 20, SPEC.stateBytes());
  }

  @Test
  void namesTheOneThatIsTooSmall() {
    List<Member> two = List.of(member("0", 6 << 20), member("1", (6 << 20) - 1));
    String lack = Coordinator.lackOfMemory(SPEC, two).orElseThrow();
    assertTrue(lack.contains("each of 2 executors would hold 6,291,456 bytes"), lack);
    assertTrue(lack.contains("found a heap of 6,291,455 bytes on executor 1"), lack);
    List<Member> three = List.of(two.get(0), two.get(1), member("2", 6 << 20));
    assertEquals(Optional.empty(), Coordinator.lackOfMemory(SPEC, three));
  }

  @Test
  void isRefusedAtOnce() {
    ShardCalls nobody =
        ScriptedCalls.answering(
            message -> {
              throw new AssertionError("asked " + message);
            });
    try (SystemClock clock = new SystemClock();
        Coordinator coordinator = coordinator(new Membership(clock), nobody, clock)) {
      CoordinationException e =
          assertThrows(
              CoordinationException.class,
              () -> coordinator.open(SPEC, List.of(member("0", 1 << 20))));
      assertTrue(e.getMessage().startsWith("Cannot spread model large: each of 1"), e.toString());
    }
  }

  @Test
  void whoeverLeavesKeepsItsShardsAsLongAsTheOthersCannotHoldThem() throws Exception {
    try (SystemClock clock = new SystemClock();
        Coordinator coordinator =
            coordinator(
                new Membership(clock),
                ScriptedCalls.answering(message -> new ShardReply.Done()),
                clock)) {
      Recovery recovery = new Recovery(coordinator, SETTINGS);
      Membership membership = coordinator.membership();
      join(membership, "0", 6 << 20);
      join(membership, "1", 6 << 20);
      ShardGroup group = coordinator.open(SPEC, membership.staying());
      assertFalse(recovery.wantsRebalancing(group), "nobody leaves");
      membership.leaves("1");
      assertFalse(recovery.wantsRebalancing(group), "executor 0 cannot hold all");
      join(membership, "2", 6 << 20);
      assertTrue(recovery.wantsRebalancing(group), "executors 0 and 2 can");
    }
  }

  @Test
  void enoughIsLookedForAtEveryChange() throws Exception {
    try (SystemClock clock = new SystemClock()) {
      Membership membership = new Membership(clock);
      join(membership, "0", 6 << 20);
      join(membership, "1", 1 << 20);
      clock.execute(
          () -> {
            membership.leaves("1"); // as many as there were, and still too small
            join(membership, "2", 6 << 20);
          });
      List<Member> found =
          membership
              .await(
                  Duration.ofMinutes(1),
                  membership::staying,
                  staying ->
                      staying.size() == 2 && Coordinator.lackOfMemory(SPEC, staying).isEmpty())
              .orElseThrow();
      assertEquals(List.of("0", "2"), found.stream().map(Member::executorId).toList());
      assertEquals(
          Optional.empty(), membership.await(Duration.ZERO, membership::members, all -> false));
    }
  }

  private static void join(Membership membership, String executor, long heap) {
    membership.register(new Registration(member(executor, heap).address(), heap));
    membership.added(executor, 1);
  }

  private static Coordinator coordinator(Membership membership, ShardCalls calls, Clock clock) {
    Duration second = Duration.ofSeconds(1);
    return new Coordinator(
        membership,
        calls,
        clock,
        new Coordinator.Settings(second, second, Duration.ofMillis(250), second));
  }
}
