package dev.cairn.spark.coordinator;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.cairn.spark.transport.ShardAddress;
import dev.cairn.spark.transport.ShardCalls;
import dev.cairn.spark.transport.ShardMessage;
import dev.cairn.spark.transport.TransportException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches the members: sends each a heartbeat at times, whose answer renews its lease.
 *
 * <p>A member is lost when its lease runs out (it hangs, or is cut off), or when a call fails
 * because the connection broke and a fresh connection, the second witness, fails as well (its
 * process is gone). A lost member is told at every beat to drop what it has, until it answers or
 * Spark reports that it is gone. If it answers, it may take part again, as a fresh member. A driver
 * that was itself held up (a long collection, a stopped process) gives all members that time on
 * top. Safety does not depend on any of this: a member that is counted as lost by mistake is fenced
 * off by the next generation, and costs one recovery.
 *
 * <p>Thread-safe; calls out without holding its lock.
 */
final class Liveness implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Liveness.class);

  private static final class Watched {
    long lastSign;
    long fences;
    boolean waitsForAnswer;
    List<CompletableFuture<Void>> asked = new ArrayList<>();

    Watched(long now) {
      this.lastSign = now;
    }
  }

  private final Membership membership;
  private final ShardCalls calls;
  private final Clock clock;
  private final Duration interval;
  private final Duration lease;

  @GuardedBy("this")
  private final Map<ShardAddress, Watched> watched = new HashMap<>();

  @GuardedBy("this")
  private long lastTick;

  private final Runnable stopListening;
  private volatile boolean closed;

  Liveness(
      Membership membership, ShardCalls calls, Clock clock, Duration interval, Duration lease) {
    if (lease.compareTo(interval.multipliedBy(2)) < 0) {
      throw new IllegalArgumentException(
          "Cannot watch executors: expected a lease of at least two heartbeats, found a lease of "
              + lease.toMillis()
              + " ms and a heartbeat every "
              + interval.toMillis()
              + " ms; set spark.cairn.heartbeat.lease and spark.cairn.heartbeat.interval");
    }
    this.membership = membership;
    this.calls = calls;
    this.clock = clock;
    this.interval = interval;
    this.lease = lease;
    this.lastTick = clock.nanoTime();
    this.stopListening = membership.onLoss(loss -> answer(loss.member().address()));
    var unused = clock.schedule(interval, this::tick);
  }

  private void tick() {
    if (closed) {
      return;
    }
    try {
      List<Member> members = membership.members();
      List<Member> fenced = membership.fenced();
      catchUp(members, fenced);
      for (Member member : members) {
        watch(member.address());
      }
      for (Member member : fenced) {
        fence(member.address());
      }
    } catch (RuntimeException e) {
      LOG.error("Cannot watch the executors", e);
    }
    var unused = clock.schedule(interval, this::tick);
  }

  /**
   * Starts to watch new members, forgets those that are gone, and makes up for the driver's own
   * pauses.
   */
  private synchronized void catchUp(List<Member> members, List<Member> fenced) {
    long now = clock.nanoTime();
    long late = now - lastTick - interval.toNanos();
    lastTick = now;
    Set<ShardAddress> present = new HashSet<>();
    members.forEach(member -> present.add(member.address()));
    fenced.forEach(member -> present.add(member.address()));
    watched.keySet().retainAll(present);
    present.forEach(address -> watched.putIfAbsent(address, new Watched(now)));
    if (late > interval.toNanos()) {
      watched.values().forEach(w -> w.lastSign += late);
    }
  }

  private void watch(ShardAddress address) {
    Duration silent;
    synchronized (this) {
      Watched w = watched.get(address);
      if (w == null) {
        return;
      }
      silent = Duration.ofNanos(clock.nanoTime() - w.lastSign);
      if (silent.compareTo(lease) <= 0 && w.waitsForAnswer) {
        return;
      }
    }
    if (silent.compareTo(lease) > 0) {
      lost(address, "its lease of " + lease.toMillis() + " ms ran out");
    } else {
      beat(address, false);
    }
  }

  /**
   * Asks a member for a sign of life.
   *
   * @param second whether this is the second witness: the fresh connection after a broken one
   */
  private void beat(ShardAddress address, boolean second) {
    synchronized (this) {
      Watched w = watched.get(address);
      if (w == null) {
        return;
      }
      w.waitsForAnswer = true;
    }
    var unused =
        calls
            .call(address, new ShardMessage.Heartbeat(lease.toMillis()))
            .whenComplete((reply, failure) -> answered(address, second, failure));
  }

  private void answered(ShardAddress address, boolean second, Throwable failure) {
    synchronized (this) {
      Watched w = watched.get(address);
      if (w == null) {
        return;
      }
      w.waitsForAnswer = false;
      if (failure == null) {
        w.lastSign = clock.nanoTime();
      }
    }
    if (failure == null) {
      answer(address);
    } else if (!membership.has(address)) {
      LOG.debug("{} is known to be lost", address); // which is what has failed this call
    } else if (closed) {
      answer(address); // at the end of an application executors go, and are no losses
    } else if (!second && cause(failure) instanceof TransportException.PeerGone) {
      beat(address, true);
    } else {
      lost(address, "its connection failed and so did a fresh one: " + cause(failure).getMessage());
    }
  }

  private static Throwable cause(Throwable failure) {
    return failure instanceof CompletionException && failure.getCause() != null
        ? failure.getCause()
        : failure;
  }

  private void lost(ShardAddress address, String how) {
    Duration silent;
    synchronized (this) {
      Watched w = watched.get(address);
      if (w == null) {
        return;
      }
      silent = Duration.ofNanos(clock.nanoTime() - w.lastSign);
      w.waitsForAnswer = false;
    }
    membership.lost(address.executorId(), how, silent);
    answer(address);
  }

  /** Completes the futures of those that asked about a member. */
  private void answer(ShardAddress address) {
    List<CompletableFuture<Void>> asked;
    synchronized (this) {
      Watched w = watched.get(address);
      if (w == null) {
        return;
      }
      asked = w.asked;
      w.asked = new ArrayList<>();
    }
    asked.forEach(done -> done.complete(null));
  }

  private void fence(ShardAddress address) {
    long number;
    synchronized (this) {
      Watched w = watched.get(address);
      if (w == null || w.waitsForAnswer) {
        return;
      }
      w.waitsForAnswer = true;
      number = ++w.fences;
    }
    var unused =
        calls
            .call(address, new ShardMessage.Fence(number))
            .whenComplete(
                (reply, failure) -> {
                  synchronized (this) {
                    Watched w = watched.get(address);
                    if (w != null) {
                      w.waitsForAnswer = false;
                      w.lastSign = clock.nanoTime();
                    }
                  }
                  if (failure == null) {
                    membership.rejoined(address.executorId());
                  }
                });
  }

  /** Asks the peer of a broken connection for a sign of life, at once. */
  void suspect(ShardAddress address) {
    boolean member;
    synchronized (this) {
      member = watched.containsKey(address);
    }
    if (member && !closed && membership.has(address)) {
      beat(address, false);
    }
  }

  /** The time since a member's last sign of life. */
  synchronized Duration silence(ShardAddress address) {
    Watched w = watched.get(address);
    return w == null ? Duration.ZERO : Duration.ofNanos(clock.nanoTime() - w.lastSign);
  }

  /** Asks all members; completes when each has answered or counts as lost. */
  CompletableFuture<Void> checkAll() {
    List<CompletableFuture<Void>> all = new ArrayList<>();
    List<Member> members = membership.members();
    for (Member member : members) {
      CompletableFuture<Void> done = new CompletableFuture<>();
      synchronized (this) {
        Watched w =
            watched.computeIfAbsent(member.address(), address -> new Watched(clock.nanoTime()));
        w.asked.add(done);
      }
      all.add(done);
    }
    members.forEach(member -> beat(member.address(), false));
    return CompletableFuture.allOf(all.toArray(CompletableFuture<?>[]::new));
  }

  @Override
  public void close() {
    closed = true;
    stopListening.run();
  }
}
