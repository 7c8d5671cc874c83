package dev.cairn.spark.simulation;

import dev.cairn.checkpoint.MemoryStore;
import dev.cairn.checkpoint.model.CheckpointException;
import dev.cairn.spark.coordinator.RecoveryFailedException;
import dev.cairn.spark.trainer.SimulatedTraining;
import dev.cairn.spark.transport.ShardMessage;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** One schedule: everything that happens in it follows from its seed. */
final class Simulation {
  static final String FOLDER = "/run";
  static final String APPLICATION = "app";
  static final int KEEP = 2;
  static final Duration OWNER_TIMEOUT = Duration.ofSeconds(30);
  private static final int LIVES = 7;

  final long seed;
  final Mistake mistake;
  final World world;
  final MemoryStore store;
  final Network network;
  final Faults faults;
  final Oracle oracle;
  final Workload workload;
  final int initialExecutors;
  final long endStep;
  final int maxRecoveries;
  final long replacementWait;
  final boolean keepInMemory;
  final boolean rebalance;

  /** The share of tasks that are not needed any more and do not notice it. */
  final double zombies;

  private final long everySteps;
  private final boolean async;
  private final boolean waitInFlight;
  private final int toleratedFailures;
  private final boolean slowStorage;

  /** Executors made so far; their numbers are never used again. */
  int executors = 1;

  /** The driver that is meant when something goes wrong. */
  @Nullable Driver current;

  private int lives;

  /** Whether nothing goes wrong any more. */
  boolean quiet;

  Simulation(long seed, boolean tracing, Mistake mistake) {
    this.seed = seed;
    this.mistake = mistake;
    this.world = new World(seed, tracing);
    this.store = new MemoryStore(() -> world.now() / World.MILLI);
    this.workload = Workload.of(world.random.nextInt(1 << 20));
    this.faults = new Faults(this);
    this.network = new Network(this);
    this.oracle = new Oracle(this);
    this.initialExecutors = 2 + world.random.nextInt(3);
    this.endStep = 8 + world.random.nextInt(Workload.STEPS - 8);
    this.everySteps = 2 + world.random.nextInt(5);
    this.async = world.chance(0.8);
    this.waitInFlight = world.chance(0.5);
    this.toleratedFailures = world.random.nextInt(4);
    this.keepInMemory = world.chance(0.75);
    this.rebalance = world.chance(0.7);
    this.maxRecoveries = world.chance(0.1) ? 1 : 8;
    this.replacementWait =
        world.chance(0.7) ? 0 : world.between(World.SECOND / 10, 3 * World.SECOND);
    this.zombies = world.chance(0.5) ? 0.3 : 0;
    this.slowStorage = world.chance(0.4);
    this.network.wired = world.chance(0.1);
    if (world.chance(0.3)) {
      network.lost = world.chance(0.5) ? 0.002 : 0;
      network.doubled = world.chance(0.7) ? 0.01 : 0;
      network.late = world.chance(0.7) ? 0.005 : 0;
    }
  }

  /** The plan of training. */
  SimulatedTraining.Plan plan(String application) {
    return new SimulatedTraining.Plan(
        endStep,
        everySteps,
        7,
        async,
        waitInFlight,
        toleratedFailures,
        keepInMemory,
        workload.partitions(),
        workload.optimizer(),
        application);
  }

  /** Whether the network alone may make a recovery necessary. */
  boolean disturbed() {
    return network.lost + network.doubled + network.late > 0;
  }

  /** Lives through it; throws what is wrong with what came out. */
  void run() {
    int count =
        switch (world.random.nextInt(10)) {
          case 0 -> 0;
          case 1, 2, 3 -> 1;
          case 4, 5, 6 -> 2;
          default -> 3 + world.random.nextInt(4);
        };
    faults.plan(count, world.between(5 * World.MILLI, 400 * World.MILLI));
    try {
      while (!live(new Driver(this, lives, APPLICATION))) {
        if (lives > LIVES) {
          world.fail("It never comes to an end", null);
          world.check();
        }
        if (lives >= 3) {
          quiet();
        } else if (world.chance(0.3)) {
          faults.plan(1, 100 * World.MILLI);
        }
      }
      settle();
      oracle.end();
      world.check();
    } finally {
      world.log("end");
    }
  }

  private void quiet() {
    quiet = true;
    faults.plan(0, 0);
    faults.failingCall = 0;
    faults.downUntil = 0;
    network.lost = 0;
    network.doubled = 0;
    network.late = 0;
  }

  /** Lets whatever is still under way come to its end. */
  private void settle() {
    current = null;
    world.pump(null, () -> false, 60 * World.SECOND);
  }

  /** One driver's life, which may be within another's. */
  private boolean live(Driver driver) {
    Driver before = current;
    current = driver;
    lives++;
    boolean wasQuiet = quiet;
    boolean complete = false;
    try {
      world.log(driver.name + " begins");
      long step = driver.train();
      complete = true;
      if (step != endStep) {
        world.fail(driver.name + " ends at step " + step, null);
      }
      world.log(driver.name + " ends");
    } catch (World.Killed killed) {
      if (!driver.dead) {
        throw killed;
      }
      world.log(driver.name + " is dead");
    } catch (IOException e) {
      world.log(driver.name + " gives up: " + e);
      judge(driver, e, wasQuiet);
    } catch (InterruptedException | RuntimeException e) {
      world.fail(driver.name + " ends with " + e, e);
    } finally {
      current = before;
      end(driver, complete);
      if (!driver.application.equals(APPLICATION)) {
        // Its owner file would count as alive: all processes are really this one.
        store.removeWith(FOLDER, "\"application\" : \"" + driver.application);
      }
    }
    world.check();
    oracle.folder();
    world.check();
    return complete;
  }

  /** May a run end like that? */
  private void judge(Driver driver, IOException e, boolean wasQuiet) {
    boolean excuse;
    if (wasQuiet) {
      excuse = false;
    } else if (e instanceof RecoveryFailedException
        && !(e.getCause() instanceof CheckpointException)) {
      excuse =
          faults.lasting
              || disturbed()
              || faults.fired >= maxRecoveries
              || driver.membership.members().isEmpty();
    } else {
      // Before the first segment nothing is recovered; a folder that another driver has is refused.
      // A doubled order to write finds its file written, and the save fails.
      excuse =
          faults.storage
              || faults.drivers
              || network.doubled > 0
              || driver.recoveries == 0 && faults.fired > 0
              || disturbed() && driver.recoveries == 0;
    }
    if (!excuse) {
      world.fail(driver.name + " gives up without need: " + e, e);
    }
  }

  /** The application ends, in an orderly way or not; executors may notice late. */
  private void end(Driver driver, boolean orderly) {
    driver.coordinator.close();
    for (Executor executor : driver.living()) {
      var unused =
          world.at(
              orderly ? 0 : world.between(0, 3 * World.SECOND),
              null,
              () -> {
                executor.dead = true;
                network.gone(executor);
                executor.close();
              });
    }
    var unused = world.at(orderly ? 0 : 4 * World.SECOND, null, () -> driver.dead = true);
  }

  /** Kills an executor; Spark hears of it, early or late or never; another may come. */
  void kill(Executor executor) {
    if (executor.dead) {
      return;
    }
    executor.dead = true;
    executor.silent = world.chance(0.15);
    network.gone(executor);
    gone(executor, world.random.nextInt(10));
  }

  private void gone(Executor executor, int how) {
    Driver driver = executor.driver;
    boolean last = driver.living().isEmpty();
    if (how < 8) {
      long when =
          how < 6
              ? world.between(5 * World.MILLI, 300 * World.MILLI)
              : world.between(World.SECOND, 8 * World.SECOND);
      var unused =
          world.at(
              when,
              driver,
              () -> {
                driver.coordinator.executorRemoved(executor.address.executorId(), "killed");
                if (driver.job != null) {
                  driver.job.lost(executor);
                }
              });
    }
    if (last || world.chance(0.6)) {
      var unused =
          world.at(world.between(50 * World.MILLI, 4 * World.SECOND), driver, () -> driver.join(0));
    }
  }

  /** Stops a process for a while. */
  void stop(World.Process process, long time) {
    world.stop(process);
    network.stopped(process);
    var unused =
        world.at(
            time,
            null,
            () -> {
              world.log(process.name + " goes on");
              world.go(process);
            });
  }

  /** An executor is told to end: hands over, and ends. Spark may take leave of it before that. */
  void leave(Executor executor) {
    String id = executor.address.executorId();
    if (world.chance(0.5)) {
      var unused =
          world.at(
              world.between(100 * World.MILLI, 2 * World.SECOND),
              executor.driver,
              () -> executor.driver.coordinator.executorRemoved(id, "decommissioned"));
    }
    long end = world.now() + 5 * World.SECOND;
    ask(executor, id, end);
  }

  private void ask(Executor executor, String id, long end) {
    Driver driver = executor.driver;
    var unused =
        world.at(
            100 * World.MILLI,
            driver,
            () -> {
              driver.membership.leaves(id);
              if (!driver.coordinator.owns(id) || world.now() > end) {
                if (!executor.dead) {
                  executor.dead = true;
                  network.gone(executor);
                  gone(executor, 0);
                }
              } else if (!executor.dead) {
                ask(executor, id, end);
              }
            });
  }

  /** Kills a driver; its executors may notice late. */
  void killDriver(Driver driver) {
    driver.dead = true;
  }

  /** A driver is held up, and another one begins in its folder; the first one goes on later. */
  void replace(Driver driver, String application) {
    stop(driver, world.between(World.MILLI, 6 * World.SECOND));
    if (lives > LIVES - 2) {
      return;
    }
    boolean unused = live(new Driver(this, lives, application));
  }

  /** The time until a storage thread of an executor gets to its work. */
  long storageDelay() {
    return world.between(
        50 * World.MICRO, (slowStorage && world.chance(0.1) ? 2_000 : 8) * World.MILLI);
  }

  /** A process's way to storage. */
  MemoryStore.Hook hook(World.Process process) {
    return new MemoryStore.Hook() {
      @Override
      public void before(String what, String path) throws IOException {
        pass();
        if (down() || world.random.nextBoolean() && failsNow()) {
          world.log("STORAGE fails " + process.name + " before " + what + " " + path);
          throw new IOException("injected before " + what + " " + path);
        }
        if (world.tracing() && !what.equals("read") && !what.equals("write")) {
          world.log("         " + process.name + " " + what + " " + path);
        }
      }

      @Override
      public void after(String what, String path) throws IOException {
        if (failsNow()) {
          world.log("STORAGE fails " + process.name + " after " + what + " " + path);
          throw new IOException("injected after " + what + " " + path);
        }
        pass();
      }

      @Override
      public String creates(String path) {
        return mistake.created(process, Simulation.this, path);
      }

      @Override
      public void written(Runnable arrival) {
        mistake.written(process, world, arrival);
      }

      @Override
      public String renames(String from, String to) {
        return mistake.renamed(Simulation.this, from, to);
      }

      private boolean down() {
        return world.now() < faults.downUntil;
      }

      private boolean failsNow() {
        return faults.failingCall > 0 && --faults.failingCall == 0;
      }

      private void pass() {
        if (process.dead) {
          throw new World.Killed();
        }
        if (process.stopped() || world.random.nextInt(64) == 0) {
          world.pass(process, world.between(0, (slowStorage ? 200 : 5) * World.MILLI));
        }
      }
    };
  }

  /** The generation that a message names, -1 if it is of none. */
  static long generation(ShardMessage message) {
    if (message instanceof ShardMessage.Exchange m) {
      return m.generation();
    } else if (message instanceof ShardMessage.Norms m) {
      return m.generation();
    } else if (message instanceof ShardMessage.AssignShard m) {
      return m.generation();
    } else if (message instanceof ShardMessage.Initialise m) {
      return m.generation();
    } else if (message instanceof ShardMessage.RestoreShard m) {
      return m.generation();
    } else if (message instanceof ShardMessage.OpenSegment m) {
      return m.generation();
    } else if (message instanceof ShardMessage.AbandonSegment m) {
      return m.generation();
    } else if (message instanceof ShardMessage.Freeze m) {
      return m.generation();
    } else if (message instanceof ShardMessage.WriteShard m) {
      return m.generation();
    } else if (message instanceof ShardMessage.DropFrozen m) {
      return m.generation();
    } else if (message instanceof ShardMessage.Committed m) {
      return m.generation();
    } else if (message instanceof ShardMessage.ReleaseShard m) {
      return m.generation();
    } else if (message instanceof ShardMessage.AskStatus m) {
      return m.generation();
    } else if (message instanceof ShardMessage.Gather m) {
      return m.generation();
    }
    return -1;
  }

  /** A message or reply, short. */
  static String text(Object message) {
    if (message instanceof ShardMessage.Exchange m) {
      List<Integer> partitions = m.contributions().stream().map(c -> c.partition()).toList();
      return String.format(
          Locale.ROOT,
          "Exchange generation %d shard %d segment %d step %d%s partitions %s",
          m.generation(),
          m.shard(),
          m.segment(),
          m.step(),
          m.opening() ? " opening" : "",
          partitions);
    } else if (message instanceof ShardMessage.Norms m) {
      return String.format(
          Locale.ROOT,
          "Norms generation %d shard %d segment %d step %d partitions %s of %s",
          m.generation(),
          m.shard(),
          m.segment(),
          m.step(),
          Arrays.toString(m.partitions()),
          Arrays.toString(m.squares()));
    } else if (message instanceof ShardMessage.AssignShard m) {
      return String.format(
          Locale.ROOT,
          "AssignShard generation %d shard %d blocks %d..%d",
          m.generation(),
          m.shard(),
          m.firstBlock(),
          m.endBlock());
    } else if (message instanceof dev.cairn.spark.transport.ShardReply.Values) {
      return "Values";
    } else if (message instanceof dev.cairn.spark.transport.ShardReply.Squares s) {
      return "Squares " + Arrays.toString(s.squares());
    } else if (message instanceof dev.cairn.spark.transport.ShardReply.Status s) {
      return "Status step " + s.step() + " segment " + s.segment();
    } else if (message instanceof dev.cairn.spark.transport.ShardReply.Written) {
      return "Written";
    }
    return String.valueOf(message).replace('\n', ' ');
  }
}
