package dev.cairn.spark.trainer;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.spark.coordinator.Coordinator;
import dev.cairn.spark.coordinator.Membership;
import dev.cairn.spark.coordinator.SystemClock;
import dev.cairn.spark.transport.ShardAddress;
import dev.cairn.spark.transport.ShardCalls;
import dev.cairn.spark.transport.ShardMessage;
import dev.cairn.spark.transport.ShardReply;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/**
 * Tests the part that needs no cluster; the tests of recovery and the simulation cover the rest.
 */
class SegmentRunnerTest {

  /** Nobody is reached: there is nobody. */
  private static final class Nobody implements ShardCalls {
    @Override
    public CompletableFuture<ShardReply> call(ShardAddress address, ShardMessage message) {
      return CompletableFuture.failedFuture(new IllegalStateException("called " + address));
    }

    @Override
    public void forget(ShardAddress address, String why) {}
  }

  /** All executors were lost between two segments (chaos test): that is recovery's business. */
  @Test
  void noExecutorLeftIsAFailedSegment() throws Exception {
    Duration second = Duration.ofSeconds(1);
    SystemClock clock = new SystemClock();
    try (Coordinator coordinator =
        new Coordinator(
            new Membership(clock),
            new Nobody(),
            clock,
            new Coordinator.Settings(second, second, second, second.multipliedBy(3)))) {
      SegmentRunner runner = new SegmentRunner(null, coordinator, null, null, 1, 0, second, null);
      SegmentFailedException e =
          assertThrows(SegmentFailedException.class, () -> runner.run(null, 4, 8));
      assertTrue(String.valueOf(e.getMessage()).contains("no executor is left"), e::getMessage);
    } finally {
      clock.close();
    }
  }
}
