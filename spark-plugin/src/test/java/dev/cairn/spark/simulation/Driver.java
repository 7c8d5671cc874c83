package dev.cairn.spark.simulation;

import dev.cairn.checkpoint.CheckpointFolder;
import dev.cairn.checkpoint.CommittedCheckpoint;
import dev.cairn.checkpoint.FolderOptions;
import dev.cairn.checkpoint.MemoryCheckpoints;
import dev.cairn.checkpoint.model.DataPosition;
import dev.cairn.spark.coordinator.Coordinator;
import dev.cairn.spark.coordinator.Loss;
import dev.cairn.spark.coordinator.Membership;
import dev.cairn.spark.coordinator.ModelSpec;
import dev.cairn.spark.coordinator.Recovery;
import dev.cairn.spark.coordinator.Registration;
import dev.cairn.spark.listener.TrainingListener;
import dev.cairn.spark.trainer.SimulatedTraining;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** One life of a driver, with executors of its own: what plugin and trainer put together. */
final class Driver extends World.Process {
  final Coordinator coordinator;
  final Membership membership;
  final List<Executor> executors = new ArrayList<>();
  final String application;

  /** The job that runs now. */
  @Nullable Job job;

  /** The step at which epoch 0 of the data began. */
  long epochStart;

  /** Newest step that this driver was told is durable. */
  long told = -1;

  int recoveries;

  private final Simulation sim;
  private final int life;

  Driver(Simulation sim, int life, String application) {
    super("driver-" + life);
    this.sim = sim;
    this.life = life;
    this.application = application;
    var clock = sim.world.clock(this);
    this.membership = new Membership(clock);
    Coordinator[] made = new Coordinator[1];
    this.coordinator =
        new Coordinator(
            membership,
            sim.network.port(this, address -> made[0].connectionBroke(address)),
            clock,
            new Coordinator.Settings(
                Duration.ofSeconds(15),
                Duration.ofSeconds(40),
                Duration.ofMillis(250),
                Duration.ofMillis(2_500)));
    made[0] = coordinator;
  }

  /** A new executor comes up in a while. */
  Executor join(long after) {
    int number = sim.executors++;
    Executor executor =
        new Executor(sim, this, String.valueOf(number), 1_000 + number, 1 + number % 2);
    sim.network.add(executor);
    executors.add(executor);
    var registered =
        sim.world.at(
            after + sim.world.between(0, 20 * World.MILLI),
            this,
            () -> {
              if (!executor.dead) {
                membership.register(new Registration(executor.address, 1 << 20));
              }
            });
    var added =
        sim.world.at(
            after + sim.world.between(0, 20 * World.MILLI),
            this,
            () -> membership.added(executor.address.executorId(), executor.cores));
    return executor;
  }

  Executor executor(String id) {
    return executors.stream()
        .filter(executor -> executor.address.executorId().equals(id))
        .findFirst()
        .orElseThrow();
  }

  List<Executor> living() {
    return executors.stream().filter(executor -> !executor.dead).toList();
  }

  Optional<Executor> anyone() {
    List<Executor> living = living();
    return living.isEmpty()
        ? Optional.empty()
        : Optional.of(living.get(sim.world.random.nextInt(living.size())));
  }

  /** Trains until the end, as the trainer does. */
  long train() throws IOException, InterruptedException {
    int wanted = sim.initialExecutors;
    for (int e = 0; e < wanted; e++) {
      var unused = join(0);
    }
    ModelSpec spec =
        new ModelSpec(
            "m", sim.workload.layout(), sim.workload.optimizer(), sim.workload.partitions());
    FolderOptions options =
        FolderOptions.defaults()
            .withKeep(Simulation.KEEP)
            .withApplicationId(application)
            .withOwnerTimeout(Simulation.OWNER_TIMEOUT);
    try (CheckpointFolder folder =
        MemoryCheckpoints.manager(sim.store.view(sim.hook(this)), Simulation.FOLDER, options)) {
      List<CommittedCheckpoint> listed = folder.checkpoints();
      CommittedCheckpoint start = listed.isEmpty() ? null : listed.get(listed.size() - 1);
      if (start != null) {
        DataPosition at = start.manifest().training().orElseThrow().position();
        epochStart =
            sim.mistake.resumed(start.step() - at.epoch() * at.batchesPerEpoch() - at.batch());
        told = start.step();
      }
      Listener listener = new Listener();
      Runnable stopListening = coordinator.onLoss(listener::lost);
      try {
        long reached =
            SimulatedTraining.run(
                spec,
                wanted,
                start,
                folder,
                coordinator,
                settings(),
                sim.plan(application),
                sim.mistake::position,
                (of, from, to, meter) -> new Job(sim, this, of, from, to).run(of, meter),
                listener);
        listener.ended();
        return reached;
      } finally {
        stopListening.run();
      }
    }
  }

  private Recovery.Settings settings() {
    return new Recovery.Settings(
        sim.maxRecoveries,
        Duration.ofNanos(sim.replacementWait),
        Duration.ofSeconds(20),
        sim.keepInMemory,
        sim.rebalance,
        new TreeMap<>());
  }

  private final class Listener implements TrainingListener {
    private long toldBefore = -1;

    /** Losses that no recovery has told of yet; those before the recovery under way must be. */
    private final List<String> untold = new ArrayList<>();

    private int due;

    private boolean waiting;

    void ended() {
      if (waiting) {
        sim.world.fail("the run has ended and its last recovery was not told", null);
      }
    }

    void lost(Loss loss) {
      if (!loss.leaving()) { // else it may have handed over
        untold.add(loss.describe());
      }
    }

    @Override
    public void committed(String path, long step, long bytes, long captured, long durable) {
      sim.world.log("committed " + path);
      told = Math.max(told, step);
      sim.oracle.checkpoint(path, step);
    }

    @Override
    public void saveFailed(long step, String why) {
      sim.world.log("save of step " + step + " failed: " + why);
    }

    @Override
    public void recovering(String why) {
      recoveries++;
      toldBefore = told;
      due = untold.size();
      waiting = true;
      sim.world.log("recovering: " + why);
      if (sim.faults.fired == 0 && !sim.disturbed()) {
        sim.world.fail("recovers though nothing has happened: " + why, null);
      }
    }

    @Override
    public void recovered(Recovery recovery) {
      sim.world.log("recovered: " + recovery.describe());
      List<String> missing = new ArrayList<>(untold.subList(0, due));
      missing.removeAll(recovery.losses());
      if (!missing.isEmpty()) {
        sim.world.fail("no recovery tells of the loss of " + missing, null);
      }
      untold.removeAll(recovery.losses());
      due = 0;
      waiting = false;
      if (recovery.fromStep() < toldBefore) {
        sim.world.fail(
            "goes back to step " + recovery.fromStep() + " though " + toldBefore + " is committed",
            null);
      }
    }
  }
}
