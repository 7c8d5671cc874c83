package dev.cairn.spark.coordinator;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.cairn.spark.transport.ShardAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The executors that can hold shards now. An executor is a member once its plugin has registered
 * and Spark has reported its cores, until Spark or {@link Liveness} reports that it is lost. One
 * that Spark still has is fenced off then, and is a member again once it has answered to that. Ids
 * are never used again. Thread-safe.
 */
public final class Membership {
  private static final Logger LOG = LoggerFactory.getLogger(Membership.class);

  /**
   * The order of members: by length of their ids first, so that executor 10 comes after executor 9.
   */
  private static final Comparator<Member> BY_ID =
      Comparator.<Member>comparingInt(m -> m.executorId().length())
          .thenComparing(Member::executorId);

  private final Clock clock;

  @GuardedBy("this")
  private final Map<String, Registration> registered = new HashMap<>();

  @GuardedBy("this")
  private final Map<String, Integer> cores = new HashMap<>();

  @GuardedBy("this")
  private final Set<String> fenced = new HashSet<>();

  @GuardedBy("this")
  private final Set<String> leaving = new HashSet<>();

  /** The ids of the leaving executors that Spark has removed. */
  @GuardedBy("this")
  private final Set<String> dismissed = new HashSet<>();

  @GuardedBy("this")
  private final Set<String> gone = new HashSet<>();

  /** The losses: each is here as soon as its member is gone, though listeners are told later. */
  @GuardedBy("this")
  private final List<Loss> losses = new ArrayList<>();

  @GuardedBy("this")
  private CompletableFuture<Void> changed = new CompletableFuture<>();

  private final List<Consumer<Loss>> lossListeners = new CopyOnWriteArrayList<>();

  /** Makes one without members. */
  public Membership(Clock clock) {
    this.clock = clock;
  }

  /** Takes an executor's registration; a repeated one changes nothing. */
  public void register(Registration registration) {
    String id = registration.address().executorId();
    CompletableFuture<Void> signal;
    synchronized (this) {
      if (gone.contains(id) || registered.put(id, registration) != null) {
        return;
      }
      signal = nextChange();
    }
    LOG.info("{} registered", registration.address());
    signal.complete(null);
  }

  /** Takes note that Spark has added an executor with so many cores. */
  public void added(String executorId, int itsCores) {
    CompletableFuture<Void> signal;
    synchronized (this) {
      cores.put(executorId, itsCores);
      signal = nextChange();
    }
    signal.complete(null);
  }

  /**
   * Takes note that Spark has lost an executor. One that is going to end serves on until it has
   * handed over what it has: {@link Liveness} will notice that it is gone.
   */
  void removed(String executorId, String why, Duration silent) {
    Loss loss;
    CompletableFuture<Void> signal;
    synchronized (this) {
      if (leaving.contains(executorId) && !fenced.contains(executorId)) {
        dismissed.add(executorId);
        return;
      }
      Loss told = loss(executorId, "Spark lost it: " + why, silent);
      loss = fenced.contains(executorId) ? null : told; // then it is known
      note(loss);
      forget(executorId);
      signal = nextChange();
    }
    tell(loss);
    signal.complete(null);
  }

  /**
   * Takes note that an executor that Spark still has does not take part any more, until {@link
   * #rejoined}.
   */
  void lost(String executorId, String how, Duration silent) {
    Loss loss;
    CompletableFuture<Void> signal;
    synchronized (this) {
      loss = loss(executorId, how, silent);
      if (loss == null || !fenced.add(executorId)) {
        return;
      }
      note(loss);
      if (dismissed.contains(executorId)) {
        forget(executorId);
      }
      signal = nextChange();
    }
    tell(loss);
    signal.complete(null);
  }

  @GuardedBy("this")
  private void note(@Nullable Loss loss) {
    if (loss != null) {
      losses.add(loss);
    }
  }

  /** The number of losses so far. */
  synchronized int lossCount() {
    return losses.size();
  }

  /** All losses but the first {@code known}. */
  synchronized List<Loss> lossesAfter(int known) {
    return List.copyOf(losses.subList(known, losses.size()));
  }

  @GuardedBy("this")
  private void forget(String executorId) {
    gone.add(executorId);
    registered.remove(executorId);
    cores.remove(executorId);
    fenced.remove(executorId);
    leaving.remove(executorId);
    dismissed.remove(executorId);
  }

  @GuardedBy("this")
  private @Nullable Loss loss(String executorId, String how, Duration silent) {
    Member member = member(executorId);
    return member == null ? null : new Loss(member, how, silent, leaving.contains(executorId));
  }

  /** Takes note that a fenced executor has dropped all it had: it is a fresh member. */
  void rejoined(String executorId) {
    CompletableFuture<Void> signal;
    synchronized (this) {
      if (!fenced.remove(executorId)) {
        return;
      }
      signal = nextChange();
    }
    LOG.info("Executor {} has joined anew", executorId);
    signal.complete(null);
  }

  /** Takes note that an executor is going to end: it hands over what it has at the next cut. */
  public void leaves(String executorId) {
    CompletableFuture<Void> signal;
    synchronized (this) {
      if (!registered.containsKey(executorId) || !leaving.add(executorId)) {
        return;
      }
      signal = nextChange();
    }
    LOG.info("Executor {} is going to end", executorId);
    signal.complete(null);
  }

  private void tell(@Nullable Loss loss) {
    if (loss != null) {
      if (loss.leaving()) {
        LOG.info("{} has ended, as it was going to", loss.member().address());
      } else {
        LOG.warn("Lost {}", loss.describe());
      }
      lossListeners.forEach(listener -> listener.accept(loss));
    }
  }

  @GuardedBy("this")
  private CompletableFuture<Void> nextChange() {
    CompletableFuture<Void> signal = changed;
    changed = new CompletableFuture<>();
    return signal;
  }

  @GuardedBy("this")
  private @Nullable Member member(String executorId) {
    Registration registration = registered.get(executorId);
    return registration == null
        ? null
        : new Member(
            registration.address(), cores.getOrDefault(executorId, 1), registration.memoryBytes());
  }

  /** A future that completes at the next change of the members. */
  public synchronized CompletableFuture<Void> changed() {
    return changed.copy();
  }

  /**
   * Calls the listener whenever a member is lost: it must return soon.
   *
   * @return removes the listener
   */
  public Runnable onLoss(Consumer<Loss> listener) {
    lossListeners.add(listener);
    return () -> lossListeners.remove(listener);
  }

  /** Whether an executor is a member now. */
  synchronized boolean has(ShardAddress address) {
    Registration registration = registered.get(address.executorId());
    return registration != null
        && registration.address().equals(address)
        && cores.containsKey(address.executorId())
        && !fenced.contains(address.executorId());
  }

  /** The members now, in the order of their executor ids. */
  public List<Member> members() {
    return all(false);
  }

  /** The members that are to work from the next cut on: all but those that are going to end. */
  public List<Member> staying() {
    List<Member> members = members();
    Set<ShardAddress> ending = leaving();
    List<Member> staying =
        members.stream().filter(member -> !ending.contains(member.address())).toList();
    return staying.isEmpty() ? members : staying;
  }

  /** The members that have announced that they are going to end, and are still there. */
  public Set<ShardAddress> leaving() {
    Set<String> ending;
    synchronized (this) {
      ending = Set.copyOf(leaving);
    }
    return members().stream()
        .filter(member -> ending.contains(member.executorId()))
        .map(Member::address)
        .collect(Collectors.toSet());
  }

  /** The executors that are fenced off, while Spark still has them. */
  List<Member> fenced() {
    return all(true);
  }

  private synchronized List<Member> all(boolean fencedOnes) {
    List<Member> members = new ArrayList<>();
    for (String id : registered.keySet()) {
      Member member = member(id);
      if (member != null && cores.containsKey(id) && fenced.contains(id) == fencedOnes) {
        members.add(member);
      }
    }
    members.sort(BY_ID);
    return members;
  }

  /** Does the same as {@link #await(String, int, Duration)}, to train. */
  public List<Member> await(int wanted, Duration timeout)
      throws CoordinationException, InterruptedException {
    return await("train", wanted, timeout);
  }

  /**
   * Waits until there are {@code wanted} members or more.
   *
   * @param purpose the purpose, for messages, such as "train"
   * @return all members, at least {@code wanted}
   * @throws CoordinationException when they do not come in time
   */
  public List<Member> await(String purpose, int wanted, Duration timeout)
      throws CoordinationException, InterruptedException {
    return await(timeout, this::members, members -> members.size() >= wanted)
        .orElseThrow(
            () ->
                new CoordinationException(
                    String.format(
                        Locale.ROOT,
                        "Cannot %s: executors are missing, expected %d, found %d after %d s; "
                            + "check that the cluster has free resources and that every executor"
                            + " has Cairn's jar on its class path (its log says what else went"
                            + " wrong)",
                        purpose,
                        wanted,
                        members().size(),
                        timeout.toSeconds())));
  }

  /**
   * Waits until there are enough of the members that count, looking again at every change.
   *
   * @param who supplies the members that count: {@link #members} or {@link #staying}
   * @return the members that were enough; empty if they did not come in time
   */
  Optional<List<Member>> await(
      Duration timeout, Supplier<List<Member>> who, Predicate<List<Member>> enough)
      throws InterruptedException {
    long end = clock.nanoTime() + timeout.toNanos();
    while (true) {
      CompletableFuture<Void> change = changed();
      List<Member> now = who.get();
      if (enough.test(now)) {
        return Optional.of(now);
      }
      Duration left = Duration.ofNanos(end - clock.nanoTime());
      if (left.isNegative() || left.isZero()) {
        return Optional.empty();
      }
      clock.await(change, left);
    }
  }
}
