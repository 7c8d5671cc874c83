package dev.cairn.spark.coordinator;

import dev.cairn.spark.metrics.TrainingMetrics;
import dev.cairn.spark.optimizer.Optimizers;
import dev.cairn.spark.shard.Reassignment;
import dev.cairn.spark.shard.ShardAssignment;
import dev.cairn.spark.transport.ShardAccess;
import dev.cairn.spark.transport.ShardAddress;
import dev.cairn.spark.transport.ShardCalls;
import dev.cairn.spark.transport.ShardDirectory;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The driver's access to the executors' shards. The plugin makes one with the Spark context; {@link
 * #current()} finds it. Thread-safe.
 */
public final class Coordinator implements AutoCloseable {
  private static final AtomicReference<@Nullable Coordinator> CURRENT = new AtomicReference<>();

  /**
   * The settings of a coordinator.
   *
   * @param callTimeout the time that an executor may take for a short call
   * @param restoreTimeout the time that all executors may take to restore
   * @param heartbeat time between two heartbeats to an executor
   * @param lease the time after which an executor that answers none is lost
   */
  public record Settings(
      Duration callTimeout, Duration restoreTimeout, Duration heartbeat, Duration lease) {}

  private final Membership membership;
  private final ShardCalls calls;
  private final Clock clock;
  private final Settings settings;
  private final Liveness liveness;
  private final TrainingMetrics metrics = new TrainingMetrics();
  private final AtomicLong generations = new AtomicLong();
  private final Map<String, ShardDirectory> directories = new ConcurrentHashMap<>();

  /** Makes a coordinator; calls to lost members fail at once. */
  public Coordinator(Membership membership, ShardCalls calls, Clock clock, Settings settings) {
    this.membership = membership;
    this.calls = calls;
    this.clock = clock;
    this.settings = settings;
    this.liveness = new Liveness(membership, calls, clock, settings.heartbeat(), settings.lease());
    var unused = onLoss(loss -> calls.forget(loss.member().address(), "it is lost"));
  }

  /** Makes a coordinator the driver's own, or removes it with null. */
  public static void install(@Nullable Coordinator coordinator) {
    CURRENT.set(coordinator);
  }

  /** Does the same as {@link #current(String)}, to train. */
  public static Coordinator current() {
    return current("train");
  }

  /**
   * The coordinator of this driver.
   *
   * @param purpose the purpose, for messages, such as "train"
   * @throws IllegalStateException when the plugin is not loaded
   */
  public static Coordinator current(String purpose) {
    Coordinator coordinator = CURRENT.get();
    if (coordinator == null) {
      throw new IllegalStateException(
          "Cannot "
              + purpose
              + ": Cairn's plugin is not loaded in this Spark application, expected"
              + " spark.plugins=dev.cairn.spark.CairnPlugin when its context is made; it cannot be"
              + " added afterwards: start spark-shell or spark-submit with --conf"
              + " spark.plugins=dev.cairn.spark.CairnPlugin, or stop the session and build a new"
              + " one with SparkSession.builder().config(\"spark.plugins\","
              + " \"dev.cairn.spark.CairnPlugin\")");
    }
    return coordinator;
  }

  /** The driver's way to read a few rows, such as an intercept. */
  public ShardAccess access() {
    return new ShardAccess(calls);
  }

  /** The members. */
  public Membership membership() {
    return membership;
  }

  /** The figures of training that operators see. */
  public TrainingMetrics metrics() {
    return metrics;
  }

  /** The clock for time, waiting and background work. */
  public Clock clock() {
    return clock;
  }

  /**
   * Calls the listener whenever a member is lost; it must return soon.
   *
   * @return removes the listener
   */
  public Runnable onLoss(Consumer<Loss> listener) {
    return membership.onLoss(listener);
  }

  /** Checks at once whether the peer of a broken connection is still there. */
  public void connectionBroke(ShardAddress address) {
    liveness.suspect(address);
  }

  /** Takes note that Spark has lost an executor. */
  public void executorRemoved(String executorId, String why) {
    Duration silent =
        membership.members().stream()
            .filter(member -> member.executorId().equals(executorId))
            .map(member -> liveness.silence(member.address()))
            .findFirst()
            .orElse(Duration.ZERO);
    membership.removed(executorId, why, silent);
  }

  /** Asks every member for a sign of life; completes when each has answered or counts as lost. */
  public CompletableFuture<Void> checkAll() {
    return liveness.checkAll();
  }

  /**
   * A message on the memory that members lack to hold a model, if even shares of it are larger than
   * their heaps; else empty. In truth some more is needed: for the data, and for what a step
   * touches.
   */
  static Optional<String> lackOfMemory(ModelSpec spec, List<Member> members) {
    long share = spec.stateBytes() / Math.max(1, members.size());
    return members.stream()
        .filter(member -> member.memoryBytes() < share)
        .findFirst()
        .map(
            member ->
                String.format(
                    Locale.ROOT,
                    "each of %d executors would hold %,d bytes of weights and optimizer state,"
                        + " expected less than its heap, found a heap of %,d bytes on executor %s;"
                        + " give executors more memory (spark.executor.memory), or use more of"
                        + " them",
                    members.size(),
                    share,
                    member.memoryBytes(),
                    member.executorId()));
  }

  /**
   * Spreads a model over members, in a new generation: one shard each. The shards have no values
   * yet: initialise or restore them next.
   *
   * @throws CoordinationException also when it is too large for their memory
   */
  public ShardGroup open(ModelSpec spec, List<Member> members)
      throws IOException, InterruptedException {
    Optional<String> lack = lackOfMemory(spec, members);
    if (lack.isPresent()) {
      throw new CoordinationException(
          "Cannot spread model " + spec.model() + ": " + lack.orElseThrow());
    }
    return open(
        spec,
        ShardAssignment.balanced(spec.layout(), generations.incrementAndGet(), members.size()),
        members.stream().map(Member::address).toList());
  }

  /**
   * Spreads the model of a group over other members, in a new generation. An owner keeps what it
   * may keep. The shards have no values yet: initialise or restore them next.
   *
   * @param even whether owners that have more than their share give some of it away
   */
  ShardGroup reopen(ShardGroup before, List<Member> members, boolean even)
      throws IOException, InterruptedException {
    if (members.isEmpty()) {
      throw new CoordinationException(
          "Cannot spread model " + before.model() + ": no executor is left");
    }
    Reassignment plan = plan(before, members, even);
    return open(
        before.spec(),
        new ShardAssignment(before.spec().layout(), generations.incrementAndGet(), plan.bounds()),
        owners(plan, members));
  }

  /** Whether dealing out evenly would change who owns what. */
  static boolean uneven(ShardGroup group, List<Member> members) {
    if (members.isEmpty()) {
      return false;
    }
    Reassignment plan = plan(group, members, true);
    return !owners(plan, members).equals(group.directory().owners());
  }

  private static Reassignment plan(ShardGroup before, List<Member> members, boolean even) {
    List<ShardAddress> addresses = members.stream().map(Member::address).toList();
    ShardAssignment old = before.directory().assignment();
    int[] owners = new int[old.shards()];
    for (int s = 0; s < owners.length; s++) {
      owners[s] = addresses.indexOf(before.directory().owner(s));
    }
    return Reassignment.plan(
        before.spec().layout(), old.blockBounds(), owners, addresses.size(), even);
  }

  private static List<ShardAddress> owners(Reassignment plan, List<Member> members) {
    List<ShardAddress> owners = new ArrayList<>();
    for (int owner : plan.owners()) {
      owners.add(members.get(owner).address());
    }
    return owners;
  }

  private ShardGroup open(ModelSpec spec, ShardAssignment assignment, List<ShardAddress> owners)
      throws IOException, InterruptedException {
    ShardGroup group =
        new ShardGroup(
            new MemberCalls(calls, membership),
            clock,
            spec,
            new ShardDirectory(spec.model(), assignment, owners),
            settings.callTimeout(),
            settings.restoreTimeout(),
            this::closed);
    if (!spec.optimizer().name().equals(Optimizers.NONE)) {
      // Models that are only read are not handed over: they are read again when an owner is gone.
      directories.put(spec.model(), group.directory());
    }
    try {
      group.assign();
    } catch (IOException | InterruptedException | RuntimeException e) {
      // Not closed: executors may hold the copy that the next try goes back to.
      group.forget();
      throw e;
    }
    return group;
  }

  private void closed(ShardDirectory directory) {
    directories.remove(directory.model(), directory);
  }

  /** Whether an executor owns a shard of a model that is being trained. */
  public boolean owns(String executorId) {
    return directories.values().stream()
        .flatMap(directory -> directory.owners().stream())
        .anyMatch(owner -> owner.executorId().equals(executorId));
  }

  /** Ends the heartbeats. */
  @Override
  public void close() {
    CURRENT.compareAndSet(this, null);
    directories.clear();
    liveness.close();
  }
}
