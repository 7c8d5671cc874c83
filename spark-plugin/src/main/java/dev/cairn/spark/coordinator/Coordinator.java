package dev.cairn.spark.coordinator;

import dev.cairn.spark.shard.ShardAssignment;
import dev.cairn.spark.transport.ShardClient;
import dev.cairn.spark.transport.ShardDirectory;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The driver's door to the executors' shards. The plugin makes one with the Spark context; {@link
 * #current()} finds it. Thread-safe.
 */
public final class Coordinator implements AutoCloseable {
  private static final AtomicReference<@Nullable Coordinator> CURRENT = new AtomicReference<>();

  private final Membership membership;
  private final ShardClient client;
  private final Duration callTimeout;
  private final Duration restoreTimeout;
  private final AtomicLong generations = new AtomicLong();

  /** A coordinator; lost members' calls fail at once. */
  public Coordinator(
      Membership membership, ShardClient client, Duration callTimeout, Duration restoreTimeout) {
    this.membership = membership;
    this.client = client;
    this.callTimeout = callTimeout;
    this.restoreTimeout = restoreTimeout;
    var unused =
        membership.onLoss(member -> client.forget(member.address(), "Spark lost this executor"));
  }

  /** Makes this the driver's own, or takes it away again. */
  public static void install(@Nullable Coordinator coordinator) {
    CURRENT.set(coordinator);
  }

  /**
   * The coordinator of this driver.
   *
   * @throws IllegalStateException when the plugin is not loaded
   */
  public static Coordinator current() {
    Coordinator coordinator = CURRENT.get();
    if (coordinator == null) {
      throw new IllegalStateException(
          "Cannot train: Cairn's plugin is not loaded, expected"
              + " spark.plugins=dev.cairn.spark.CairnPlugin in Spark's configuration");
    }
    return coordinator;
  }

  /** The driver's way to read a few rows, such as an intercept. */
  public ShardAccess access() {
    return new ShardAccess(client);
  }

  /** Who is there. */
  public Membership membership() {
    return membership;
  }

  /**
   * Spreads a model over members, in a new generation: one shard each. The shards have no values
   * yet: initialise or restore them next.
   */
  public ShardGroup open(ModelSpec spec, List<Member> members)
      throws IOException, InterruptedException {
    ShardAssignment assignment =
        ShardAssignment.balanced(spec.layout(), generations.incrementAndGet(), members.size());
    ShardDirectory directory =
        new ShardDirectory(
            spec.model(), assignment, members.stream().map(Member::address).toList());
    ShardGroup group = new ShardGroup(client, spec, directory, callTimeout, restoreTimeout);
    try {
      group.assign();
    } catch (IOException | InterruptedException | RuntimeException e) {
      group.close();
      throw e;
    }
    return group;
  }

  /** Closes the connections. */
  @Override
  public void close() {
    CURRENT.compareAndSet(this, null);
    client.close();
  }
}
