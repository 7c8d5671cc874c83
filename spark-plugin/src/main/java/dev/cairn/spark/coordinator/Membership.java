package dev.cairn.spark.coordinator;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The executors that can hold shards now. An executor is a member from when both its plugin has
 * registered and Spark has told how many cores it has, until Spark says that it is gone; ids are
 * never used again. Thread-safe.
 */
public final class Membership {
  private static final Logger LOG = LoggerFactory.getLogger(Membership.class);

  /** By length first, so that executor 10 comes after executor 9. */
  private static final Comparator<Member> BY_ID =
      Comparator.<Member>comparingInt(m -> m.executorId().length())
          .thenComparing(Member::executorId);

  @GuardedBy("this")
  private final Map<String, Registration> registered = new HashMap<>();

  @GuardedBy("this")
  private final Map<String, Integer> cores = new HashMap<>();

  @GuardedBy("this")
  private final Set<String> gone = new HashSet<>();

  private final List<Consumer<Member>> lossListeners = new CopyOnWriteArrayList<>();

  /** Takes an executor's registration; a repeated one changes nothing. */
  public synchronized void register(Registration registration) {
    String id = registration.address().executorId();
    if (!gone.contains(id) && registered.put(id, registration) == null) {
      LOG.info("{} registered", registration.address());
      notifyAll();
    }
  }

  /** Spark has added an executor with so many cores. */
  public synchronized void added(String executorId, int itsCores) {
    cores.put(executorId, itsCores);
    notifyAll();
  }

  /** Spark has lost an executor. */
  public void removed(String executorId, String why) {
    Registration registration;
    int itsCores;
    synchronized (this) {
      gone.add(executorId);
      registration = registered.remove(executorId);
      itsCores = cores.getOrDefault(executorId, 1);
      cores.remove(executorId);
    }
    if (registration != null) {
      LOG.warn("{} is lost: {}", registration.address(), why);
      Member member = new Member(registration.address(), itsCores, registration.memoryBytes());
      lossListeners.forEach(listener -> listener.accept(member));
    }
  }

  /**
   * Calls the listener whenever a member is lost, on Spark's listener thread: it must return soon.
   *
   * @return takes the listener away again
   */
  public AutoCloseable onLoss(Consumer<Member> listener) {
    lossListeners.add(listener);
    return () -> lossListeners.remove(listener);
  }

  /** The members now, in the order of their executor ids. */
  public synchronized List<Member> members() {
    List<Member> members = new ArrayList<>();
    registered.forEach(
        (id, registration) -> {
          Integer itsCores = cores.get(id);
          if (itsCores != null) {
            members.add(new Member(registration.address(), itsCores, registration.memoryBytes()));
          }
        });
    members.sort(BY_ID);
    return members;
  }

  /**
   * Waits until there are {@code wanted} members or more.
   *
   * @return all members, at least {@code wanted}
   * @throws CoordinationException when they do not come in time
   */
  public synchronized List<Member> await(int wanted, Duration timeout)
      throws CoordinationException, InterruptedException {
    long end = System.nanoTime() + timeout.toNanos();
    while (members().size() < wanted) {
      long left = (end - System.nanoTime()) / 1_000_000;
      if (left <= 0) {
        throw new CoordinationException(
            String.format(
                Locale.ROOT,
                "Cannot start training: executors are missing, expected %d, found %d after %d s; "
                    + "check that the cluster has free resources and that every executor has "
                    + "Cairn's jar on its class path",
                wanted,
                members().size(),
                timeout.toSeconds()));
      }
      wait(left);
    }
    return members();
  }
}
