package dev.cairn.spark.simulation;

import static org.junit.jupiter.api.Assertions.fail;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.core.config.Configurator;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Many schedules of the whole control plane in virtual time; see the package for how to read a
 * failure. {@code -Dcairn.sim.schedules=} says how many, {@code -Dcairn.sim.first=} from which seed
 * on, {@code -Dcairn.sim.threads=} on how many threads (schedules know nothing of each other), and
 * {@code -Dcairn.sim.seed=} replays one and prints its trace.
 */
class SimulationTest {
  private static final int MOST_FAILURES = 5;
  private static final long IN_EVERY_BUILD = 2_000;

  @BeforeAll
  static void quiet() {
    Configurator.setLevel("dev.cairn", Level.OFF);
    java.util.logging.Logger.getLogger("dev.cairn").setLevel(java.util.logging.Level.OFF);
  }

  @Test
  void schedules() throws Exception {
    Long one = Long.getLong("cairn.sim.seed");
    if (one != null) {
      replay(one);
      return;
    }
    tryAll(Long.getLong("cairn.sim.first", 1), Long.getLong("cairn.sim.schedules", IN_EVERY_BUILD));
  }

  @Test
  @Tag("long")
  void moreSchedules() throws Exception {
    tryAll(IN_EVERY_BUILD + 1, 20_000);
  }

  private static void tryAll(long first, long count) throws InterruptedException {
    int threads = Integer.getInteger("cairn.sim.threads", 2);
    AtomicLong next = new AtomicLong(first);
    AtomicLong events = new AtomicLong();
    AtomicLong faults = new AtomicLong();
    List<String> failures = Collections.synchronizedList(new ArrayList<>());
    long start = System.nanoTime();
    List<Thread> running = new ArrayList<>();
    for (int t = 0; t < threads; t++) {
      Thread thread =
          new Thread(
              () -> {
                long seed = next.getAndIncrement();
                while (seed < first + count && failures.size() < MOST_FAILURES) {
                  Simulation simulation = new Simulation(seed, false, new Mistake());
                  try {
                    simulation.run();
                  } catch (Throwable e) {
                    failures.add("seed " + seed + ": " + e);
                    System.out.println("FAILED seed " + seed + ": " + e);
                  }
                  events.addAndGet(simulation.world.events);
                  faults.addAndGet(simulation.faults.fired);
                  if ((seed - first + 1) % 50_000 == 0) {
                    report(seed - first + 1, start, events.get(), faults.get());
                  }
                  seed = next.getAndIncrement();
                }
              },
              "cairn-simulation-" + t);
      thread.start();
      running.add(thread);
    }
    for (Thread thread : running) {
      thread.join();
    }
    report(Math.min(count, next.get() - first), start, events.get(), faults.get());
    if (!failures.isEmpty()) {
      fail(
          "Schedules failed; replay one with -Dcairn.sim.seed=SEED:\n"
              + String.join("\n", failures));
    }
  }

  private static void report(long schedules, long start, long events, long faults) {
    System.out.printf(
        java.util.Locale.ROOT,
        "simulation: %d schedules, %d events, %d faults in %.1f s%n",
        schedules,
        events,
        faults,
        (System.nanoTime() - start) / 1e9);
  }

  private static void replay(long seed) {
    Simulation simulation = new Simulation(seed, true, new Mistake());
    try {
      simulation.run();
    } finally {
      System.out.println(simulation.world.trace());
    }
  }
}
