package dev.cairn.spark.simulation;

import dev.cairn.spark.coordinator.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Virtual time, and everything that is going to happen in it, in one thread. Whoever waits pumps
 * events; an event that waits pumps deeper. All that is random comes from one seed.
 */
final class World {
  static final long MICRO = 1_000;
  static final long MILLI = 1_000_000;
  static final long SECOND = 1_000_000_000;

  /** No schedule is meant to last that long: something hangs. */
  private static final long END_OF_TIME = 1_800 * SECOND;

  private static final int DEEPEST = 12;

  /** Unwinds the stack of a process that was killed. */
  static final class Killed extends Error {
    private static final long serialVersionUID = 1L;

    Killed() {
      super("killed", null, false, false);
    }
  }

  /** The schedule has failed: ends it. */
  static final class Failed extends Error {
    private static final long serialVersionUID = 1L;

    Failed(String message, @Nullable Throwable cause) {
      super(message, cause);
    }
  }

  /** Something that can be killed, stopped and continued. */
  static class Process {
    final String name;
    boolean dead;
    int stops;

    /** The events that came to it while it was stopped. */
    final List<Event> held = new ArrayList<>();

    Process(String name) {
      this.name = name;
    }

    boolean stopped() {
      return stops > 0;
    }
  }

  /** Something that happens to a process; to the world, when that is null. */
  private static final class Event implements Comparable<Event> {
    final long time;
    final int tie;
    final long number;
    final @Nullable Process owner;
    @Nullable Runnable task;

    Event(long time, int tie, long number, @Nullable Process owner, Runnable task) {
      this.time = time;
      this.tie = tie;
      this.number = number;
      this.owner = owner;
      this.task = task;
    }

    @Override
    public int compareTo(Event other) {
      int order = Long.compare(time, other.time);
      order = order != 0 ? order : Integer.compare(tie, other.tie);
      return order != 0 ? order : Long.compare(number, other.number);
    }
  }

  final SplittableRandom random;
  private final @Nullable StringBuilder trace;
  private final PriorityQueue<Event> queue = new PriorityQueue<>();
  private long now = SECOND;
  private long numbers;
  private int depth;
  private @Nullable Failed failure;
  long events;

  World(long seed, boolean tracing) {
    this.random = new SplittableRandom(seed);
    this.trace = tracing ? new StringBuilder() : null;
  }

  long now() {
    return now;
  }

  boolean tracing() {
    return trace != null;
  }

  /** One line of the trace; ask {@link #tracing} first. */
  void log(String line) {
    if (trace != null) {
      trace.append(String.format(java.util.Locale.ROOT, "%12.3f  %s%n", now / 1e6, line));
    }
  }

  String trace() {
    return trace == null ? "" : trace.toString();
  }

  /** Remembers the first failure; whoever pumps next throws it. */
  void fail(String what, @Nullable Throwable cause) {
    if (failure == null) {
      failure = new Failed(what, cause);
      log("FAILURE " + what);
    }
  }

  void check() {
    if (failure != null) {
      throw failure;
    }
  }

  boolean chance(double probability) {
    return random.nextDouble() < probability;
  }

  /** A time between two, small ones more often. */
  long between(long low, long high) {
    double x = random.nextDouble();
    return low + (long) ((high - low) * x * x);
  }

  /**
   * Makes something happen.
   *
   * @return takes it back
   */
  Runnable at(long delay, @Nullable Process owner, Runnable task) {
    Event event = new Event(now + Math.max(0, delay), random.nextInt(), numbers++, owner, task);
    queue.add(event);
    return () -> event.task = null;
  }

  /** Pumps events until something is so or a time is over; a stopped process does not go on. */
  void pump(@Nullable Process self, BooleanSupplier done, long timeout) {
    long deadline = timeout > END_OF_TIME ? Long.MAX_VALUE : now + timeout;
    depth++;
    try {
      while (true) {
        check();
        if (self != null && self.dead) {
          throw new Killed();
        }
        boolean stopped = self != null && self.stopped();
        if (!stopped && (done.getAsBoolean() || now >= deadline)) {
          return;
        }
        Event next = queue.peek();
        if (next == null || now > END_OF_TIME) {
          if (!stopped && deadline != Long.MAX_VALUE && next == null) {
            now = deadline;
            return;
          }
          fail((self == null ? "the world" : self.name) + " waits for ever", null);
          check();
        } else if (!stopped && next.time > deadline) {
          now = deadline;
          return;
        } else {
          step(queue.poll());
        }
      }
    } finally {
      depth--;
    }
  }

  private void step(Event event) {
    now = Math.max(now, event.time);
    Process owner = event.owner;
    Runnable task = event.task;
    if (task == null || (owner != null && owner.dead)) {
      return;
    }
    if (owner != null && owner.stopped()) {
      owner.held.add(event);
      return;
    }
    event.task = null;
    events++;
    try {
      task.run();
    } catch (Killed e) {
      if (owner == null || !owner.dead) {
        throw e;
      }
    }
  }

  /** Lets time pass inside of a call, as input and output do, unless that is too deep already. */
  void pass(Process self, long time) {
    if (depth < DEEPEST || self.stopped() || self.dead) {
      pump(self, () -> false, time);
    }
  }

  void stop(Process process) {
    process.stops++;
  }

  /** Lets a process go on; events that came in the meantime happen now, in their order. */
  void go(Process process) {
    if (process.stops > 0 && --process.stops == 0) {
      List<Event> held = List.copyOf(process.held);
      process.held.clear();
      for (Event event : held) {
        Runnable task = event.task;
        if (task != null) {
          queue.add(new Event(now, Integer.MIN_VALUE, numbers++, process, task));
        }
      }
    }
  }

  /** The clock of a process. */
  Clock clock(Process process) {
    return new Clock() {
      @Override
      public long nanoTime() {
        return now;
      }

      @Override
      public void await(CompletableFuture<?> future, Duration timeout) {
        pump(process, future::isDone, nanos(timeout));
      }

      @Override
      public Runnable schedule(Duration delay, Runnable task) {
        return at(nanos(delay), process, task);
      }

      @Override
      public void execute(Runnable task) {
        var unused = at(between(0, 2 * MILLI), process, task);
      }
    };
  }

  private static long nanos(Duration duration) {
    return duration.compareTo(Duration.ofDays(1)) > 0 ? Long.MAX_VALUE : duration.toNanos();
  }
}
