package dev.cairn.spark.coordinator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.checkpoint.model.OptimizerSpec;
import dev.cairn.spark.shard.ParameterLayout;
import dev.cairn.spark.shard.ParameterVariable;
import dev.cairn.spark.transport.ShardAddress;
import dev.cairn.spark.transport.ShardCalls;
import dev.cairn.spark.transport.ShardMessage;
import dev.cairn.spark.transport.ShardReply;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** A model that its executors cannot hold is refused before anything is made. */
class MemoryTest {
  private static final ModelSpec SPEC =
      new ModelSpec(
          "large",
          new ParameterLayout(List.of(ParameterVariable.table("w", 1 << 20, 1))),
          new OptimizerSpec("ftrl", new TreeMap<>()),
          1);

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
        new ShardCalls() {
          @Override
          public CompletableFuture<ShardReply> call(ShardAddress address, ShardMessage message) {
            throw new AssertionError("asked " + address);
          }

          @Override
          public void forget(ShardAddress address, String why) {}
        };
    Duration second = Duration.ofSeconds(1);
    try (SystemClock clock = new SystemClock();
        Coordinator coordinator =
            new Coordinator(
                new Membership(clock),
                nobody,
                clock,
                new Coordinator.Settings(second, second, second.dividedBy(4), second))) {
      CoordinationException e =
          assertThrows(
              CoordinationException.class,
              () -> coordinator.open(SPEC, List.of(member("0", 1 << 20))));
      assertTrue(e.getMessage().startsWith("Cannot spread model large: each of 1"), e.toString());
    }
  }
}
