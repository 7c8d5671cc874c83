package dev.cairn.spark.simulation;

import dev.cairn.checkpoint.CheckpointFolder;
import dev.cairn.checkpoint.CheckpointReader;
import dev.cairn.checkpoint.CommittedCheckpoint;
import dev.cairn.checkpoint.FolderOptions;
import dev.cairn.checkpoint.MemoryCheckpoints;
import dev.cairn.checkpoint.RowRequest;
import dev.cairn.checkpoint.graph.Restoration;
import dev.cairn.checkpoint.model.Slice;
import dev.cairn.checkpoint.model.TrainingState;
import dev.cairn.checkpoint.model.VariableSpec;
import dev.cairn.checkpoint.model.VerifyReport;
import dev.cairn.checkpoint.store.CheckpointStore;
import dev.cairn.spark.trainer.SimulatedTraining;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Knows what must come out, whatever happens on the way. */
final class Oracle {
  private final Simulation sim;
  private final CheckpointStore store;

  /** Committed checkpoints that were found good, and what they looked like then. */
  private final Map<String, Integer> good = new HashMap<>();

  Oracle(Simulation sim) {
    this.sim = sim;
    this.store = sim.store.view(Executor.none());
  }

  /** A committed checkpoint is the undisturbed result of its step, bit for bit. */
  void checkpoint(String path, long step) {
    List<String> names = sim.store.names(Simulation.FOLDER);
    if (sim.faults.drivers && !names.contains(path.substring(path.lastIndexOf('/') + 1))) {
      return; // another driver has expired it already
    }
    int digest = sim.store.digest(path);
    Integer before = good.put(path, digest);
    if (before != null && before == digest) {
      return;
    }
    if (before != null && !sim.faults.drivers) {
      // A driver that was replaced may commit once more what the other one has expired since.
      sim.world.fail(path + " is not what it was when it was committed", null);
    }
    verify(path);
    try (CheckpointReader reader = MemoryCheckpoints.reader(store, path)) {
      TrainingState state = reader.manifest().orElseThrow().training().orElseThrow();
      TrainingState expected = SimulatedTraining.state(step, sim.plan(""));
      if (reader.manifest().orElseThrow().step() != step || !state.equals(expected)) {
        sim.world.fail(path + " says of itself " + state, null);
      }
      counters(reader, path, step);
      if (!reader.dataPosition().equals(Optional.of(expected.position()))) {
        sim.world.fail(path + " has the data position " + reader.dataPosition(), null);
      }
      Map<String, float[]> truth = sim.workload.truth().get((int) step);
      List<RowRequest> requests = new ArrayList<>();
      List<float[]> wanted = new ArrayList<>();
      for (VariableSpec variable : reader.variables()) {
        float[] values = truth.get(variable.key());
        if (values == null) {
          continue;
        }
        wanted.add(values);
        long rows = variable.shape().rank() == 0 ? 1 : variable.shape().dim(0);
        requests.add(new RowRequest(variable.key(), 0, rows, new float[values.length], 0));
      }
      if (wanted.size() != truth.size()) {
        sim.world.fail(path + " has " + wanted.size() + " variables of " + truth.size(), null);
      }
      reader.readAll(requests, 1);
      for (int i = 0; i < wanted.size(); i++) {
        float[] found = requests.get(i).into().get();
        if (!Arrays.equals(wanted.get(i), found)) {
          sim.world.fail(
              path
                  + ": "
                  + requests.get(i).key()
                  + " is "
                  + Arrays.toString(found)
                  + ", undisturbed "
                  + Arrays.toString(wanted.get(i)),
              null);
        }
      }
    } catch (IOException | RuntimeException e) {
      sim.world.fail("Cannot read committed " + path + ": " + e, e);
    }
  }

  /** The driver's file: its graph is the model's, whole, and its counters say the step. */
  private void counters(CheckpointReader reader, String path, long step) throws IOException {
    Restoration all = reader.match(sim.workload.graph(step));
    all.assertConsumed();
    for (String counter : List.of("save_counter", "optimizer/iterations")) {
      ByteBuffer said = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
      reader.read(counter + "/.ATTRIBUTES/VARIABLE_VALUE", Slice.full(0), said);
      if (said.getLong(0) != step) {
        sim.world.fail(path + " has " + counter + " " + said.getLong(0), null);
      }
    }
  }

  private void verify(String path) {
    try {
      VerifyReport report = MemoryCheckpoints.verify(store, path);
      if (!report.good()) {
        sim.world.fail(path + " is damaged: " + report.damages(), null);
      }
    } catch (IOException e) {
      sim.world.fail("Cannot verify committed " + path + ": " + e, e);
    }
  }

  /** Checks what must hold between two drivers: all listed checkpoints are good. */
  void folder() {
    try (CheckpointFolder folder = manager()) {
      for (CommittedCheckpoint checkpoint : folder.checkpoints()) {
        checkpoint(checkpoint.path(), checkpoint.step());
      }
    } catch (IOException e) {
      sim.world.fail("Cannot list the folder: " + e, e);
    }
    if (!sim.store.violations.isEmpty()) {
      sim.world.fail("Committed checkpoints were changed: " + sim.store.violations, null);
    }
  }

  private CheckpointFolder manager() {
    return MemoryCheckpoints.manager(
        store,
        Simulation.FOLDER,
        FolderOptions.defaults()
            .withKeep(Simulation.KEEP)
            .withApplicationId(Simulation.APPLICATION)
            .withOwnerTimeout(Simulation.OWNER_TIMEOUT));
  }

  /** Checks what must hold at the very end. */
  void end() {
    folder();
    try (CheckpointFolder folder = manager()) {
      CommittedCheckpoint last = folder.latest().orElseThrow();
      if (last.step() != sim.endStep) {
        sim.world.fail("The last checkpoint is of step " + last.step(), null);
      }
      // A driver that ends between commit and retention leaves the rest to the next commit.
      boolean excuse = sim.faults.storage || sim.faults.drivers;
      if (folder.checkpoints().size() > Simulation.KEEP && !excuse) {
        sim.world.fail("More is kept than was asked for: " + folder.checkpoints(), null);
      }
      // The next start clears away whatever the dead have left.
      folder.begin(sim.endStep + 1, 1).abort();
      for (String name : sim.store.names(Simulation.FOLDER)) {
        boolean fine = name.startsWith("ckpt-") || name.equals("checkpoint");
        if (!fine && !name.startsWith(".owner-")) {
          sim.world.fail("An orphan survives the next start: " + name, null);
        }
      }
    } catch (IOException e) {
      sim.world.fail("Cannot look at the folder in the end: " + e, e);
    }
    List<String> owners =
        sim.store.names(Simulation.FOLDER).stream().filter(n -> n.startsWith(".")).toList();
    if (!owners.isEmpty()) {
      sim.world.fail("Somebody still owns the folder: " + owners, null);
    }
    List<String> hanging = sim.network.hanging();
    if (!hanging.isEmpty()) {
      sim.world.fail("Nobody ever answered: " + hanging, null);
    }
  }
}
