package dev.cairn.spark.simulation;

import dev.cairn.spark.transport.ShardMessage;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The faults of a schedule: at some time, or around the n-th message of a kind. */
final class Faults {

  /** The state of a message when a fault strikes. */
  enum Stage {
    SENT,
    DELIVERED,
    HANDLED
  }

  /** The kinds of faults. To add one, name it here and write its effect in {@link #fire}. */
  enum Kind {
    KILL(8),
    KILL_ALL(1),
    STOP(5),
    CUT_FROM_DRIVER(3),
    CUT_BETWEEN(2),
    BREAK_CONNECTION(3),
    JOIN(3),
    LEAVE(2),
    CRASH_TASK(2),
    SPECULATE(3),
    SPARK_GIVES_UP(1),
    STORE_CALL_FAILS(3),
    STORE_IS_DOWN(1),
    DRIVER_KILLED(2),
    DRIVER_STOPPED(1),
    DRIVER_REPLACED(1),
    FOREIGN_DRIVER(1);

    final int weight;

    Kind(int weight) {
      this.weight = weight;
    }
  }

  private static final List<Class<? extends ShardMessage>> MESSAGES =
      List.of(
          ShardMessage.AssignShard.class,
          ShardMessage.Initialise.class,
          ShardMessage.RestoreShard.class,
          ShardMessage.OpenSegment.class,
          ShardMessage.Exchange.class,
          ShardMessage.Freeze.class,
          ShardMessage.WriteShard.class,
          ShardMessage.Committed.class,
          ShardMessage.Heartbeat.class,
          ShardMessage.Fence.class,
          ShardMessage.AbandonSegment.class,
          ShardMessage.DropFrozen.class);

  private static final class Fault {
    final Kind kind;
    Class<? extends ShardMessage> message = ShardMessage.Ping.class;
    Stage stage = Stage.SENT;
    int countdown;
    boolean struck;

    Fault(Kind kind) {
      this.kind = kind;
    }
  }

  private final Simulation sim;
  private final World world;
  private final List<Fault> waiting = new ArrayList<>();

  /**
   * The number of faults that have struck, and whether some of these may legitimately end a run.
   */
  int fired;

  boolean storage;
  boolean drivers;

  /** Things that may make a recovery fail again and again. */
  boolean lasting;

  /** The time until which storage does not answer, and the countdown to a call that fails. */
  long downUntil;

  int failingCall;

  Faults(Simulation sim) {
    this.sim = sim;
    this.world = sim.world;
  }

  /** Plans what happens from now on. */
  void plan(int count, long within) {
    waiting.clear();
    for (int i = 0; i < count; i++) {
      Fault fault = new Fault(kind());
      if (world.chance(0.4)) {
        var unused = world.at(random(within), null, () -> strike(fault, null));
      } else {
        fault.message = MESSAGES.get(world.random.nextInt(MESSAGES.size()));
        fault.stage = Stage.values()[world.random.nextInt(3)];
        boolean twoRounds = fault.message == ShardMessage.Exchange.class && sim.workload.norms();
        if (twoRounds && world.chance(0.7)) {
          fault.message = ShardMessage.Norms.class;
        }
        boolean frequent =
            fault.message == ShardMessage.Exchange.class
                || fault.message == ShardMessage.Norms.class
                || fault.message == ShardMessage.Heartbeat.class;
        fault.countdown = 1 + world.random.nextInt(frequent ? 150 : 8);
        waiting.add(fault);
      }
    }
  }

  private long random(long within) {
    return (long) (world.random.nextDouble() * within);
  }

  private Kind kind() {
    int sum = 0;
    for (Kind kind : Kind.values()) {
      sum += kind.weight;
    }
    int at = world.random.nextInt(sum);
    for (Kind kind : Kind.values()) {
      at -= kind.weight;
      if (at < 0) {
        return kind;
      }
    }
    throw new AssertionError();
  }

  /** A message has come that far. */
  void noticed(Stage stage, ShardMessage message, Executor target) {
    for (int i = 0; i < waiting.size(); i++) {
      Fault fault = waiting.get(i);
      if (fault.stage == stage
          && fault.message == message.getClass()
          && target.driver == sim.current
          && --fault.countdown == 0) {
        waiting.remove(i);
        Executor victim = world.chance(0.7) ? target : null;
        boolean nested = fault.kind == Kind.DRIVER_REPLACED || fault.kind == Kind.FOREIGN_DRIVER;
        if (nested || world.chance(0.4)) {
          var unused =
              world.at(world.between(0, 3 * World.MILLI), null, () -> strike(fault, victim));
        } else {
          strike(fault, victim);
        }
        return;
      }
    }
  }

  private void strike(Fault fault, Executor wanted) {
    Driver driver = sim.current;
    if (fault.struck || sim.quiet || driver == null || driver.dead) {
      return;
    }
    boolean ofDrivers = fault.kind.name().contains("DRIVER");
    if (ofDrivers && !driver.application.equals(Simulation.APPLICATION)) {
      return; // its process would seem to live on: it is this one
    }
    fault.struck = true;
    Executor victim = wanted != null && !wanted.dead ? wanted : driver.anyone().orElse(null);
    if (victim == null && fault.kind != Kind.JOIN) {
      return;
    }
    fired++;
    if (world.tracing()) {
      world.log("FAULT " + fault.kind + (victim == null ? "" : " " + victim.name));
    }
    fire(fault.kind, driver, victim);
  }

  private long some() {
    return world.between(5 * World.MILLI, (world.chance(0.3) ? 14 : 3) * World.SECOND);
  }

  private void fire(Kind kind, Driver driver, Executor victim) {
    switch (kind) {
      case KILL -> sim.kill(victim);
      case KILL_ALL -> driver.living().forEach(sim::kill);
      case STOP -> {
        lasting = true;
        sim.stop(victim, some());
      }
      case CUT_FROM_DRIVER -> {
        lasting = true;
        sim.network.cut(driver, victim, some());
      }
      case CUT_BETWEEN -> {
        lasting = true;
        driver.anyone().ifPresent(other -> sim.network.cut(victim, other, some()));
      }
      case BREAK_CONNECTION -> {
        sim.network.breakConnection(driver, victim);
        driver.anyone().ifPresent(other -> sim.network.breakConnection(other, victim));
      }
      case JOIN -> {
        var unused = driver.join(0);
      }
      case LEAVE -> sim.leave(victim);
      case CRASH_TASK -> Optional.ofNullable(driver.job).ifPresent(Job::crash);
      case SPECULATE -> Optional.ofNullable(driver.job).ifPresent(Job::speculate);
      case SPARK_GIVES_UP ->
          driver.coordinator.executorRemoved(victim.address.executorId(), "no heartbeat");
      case STORE_CALL_FAILS -> {
        storage = true;
        failingCall = 1 + world.random.nextInt(30);
      }
      case STORE_IS_DOWN -> {
        storage = true;
        lasting = true;
        downUntil = world.now() + some();
      }
      case DRIVER_KILLED -> {
        drivers = true;
        sim.killDriver(driver);
      }
      case DRIVER_STOPPED -> {
        lasting = true;
        sim.stop(driver, some());
      }
      case DRIVER_REPLACED -> {
        drivers = true;
        sim.replace(driver, Simulation.APPLICATION);
      }
      case FOREIGN_DRIVER -> {
        drivers = true;
        sim.replace(driver, "another");
      }
    }
  }
}
