package dev.cairn.checkpoint.keras;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.checkpoint.CheckpointReader;
import dev.cairn.checkpoint.FolderOptions;
import dev.cairn.checkpoint.graph.MutableVariable;
import dev.cairn.checkpoint.graph.Trackable;
import dev.cairn.checkpoint.model.CheckpointException.Mismatch;
import dev.cairn.checkpoint.model.VariableSpec;
import dev.cairn.checkpoint.tensorflow.TensorFlowEnvironment;
import dev.cairn.checkpoint.train.ArrayVariable;
import dev.cairn.checkpoint.train.Checkpoint;
import dev.cairn.checkpoint.train.CheckpointManager;
import dev.cairn.checkpoint.train.LoadStatus;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The programs of every introduction, here and in Keras: each restores what the other has saved,
 * bit for bit, and both put the same variables under the same keys.
 */
class TensorFlowIntroductionsTest {

  @TempDir Path folder;

  private final Random random = new Random(5);

  private static Sequential model() {
    return new Sequential(new Dense(10), new Dense(1));
  }

  private String at(String name) {
    return folder.resolve(name).toString();
  }

  private void fill(List<ArrayVariable> variables) {
    for (ArrayVariable variable : variables) {
      float[] values = variable.floats();
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) random.nextGaussian();
      }
    }
  }

  private static List<Trackable> all(Sequential model, Adam optimizer) {
    List<Trackable> all = new ArrayList<>(model.trainableVariables());
    all.addAll(optimizer.variables());
    return all;
  }

  private static List<String> show(String name, List<? extends Trackable> variables) {
    List<String> lines = new ArrayList<>();
    for (Trackable one : variables) {
      MutableVariable variable = (MutableVariable) one;
      int bytes = (int) variable.shape().elements() * variable.dtype().elementBytes();
      ByteBuffer into = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
      variable.get(0, into);
      lines.add(name + "\t" + lines.size() + "\t" + HexFormat.of().formatHex(into.array()));
    }
    return lines;
  }

  private List<VariableSpec> keys(String name) throws Exception {
    try (CheckpointReader reader = CheckpointReader.open(at(name), FolderOptions.defaults())) {
      return reader.variables();
    }
  }

  @Test
  void modelsAndOptimizersTravelBothWays() throws Exception {
    Sequential model = model().build(100);
    fill(model.trainableVariables());
    Checkpoint ofModel = new Checkpoint(model);
    ofModel.save(at("java-model"));
    Adam adam = new Adam(0.125).build(model.trainableVariables());
    fill(adam.momentums());
    fill(adam.velocities());
    adam.iterations().set(41);
    new Checkpoint(Map.of("model", model, "optimizer", adam)).save(at("java-adam"));
    CheckpointManager manager = CheckpointManager.open(new Checkpoint(model), at("java-run"), 3);
    for (int i = 0; i < 5; i++) {
      manager.save();
    }

    Map<String, List<String>> theirs = new TreeMap<>();
    for (String line : TensorFlowEnvironment.get().run("introductions.py", folder).split("\n")) {
      theirs
          .computeIfAbsent(line.substring(0, line.indexOf('\t')), name -> new ArrayList<>())
          .add(line);
    }
    assertEquals(show("java-model", model.trainableVariables()), theirs.get("java-model"));
    assertEquals(show("java-adam", all(model, adam)), theirs.get("java-adam"));

    List<String> run = new ArrayList<>(List.of("java-run\tckpt-3,ckpt-4,ckpt-5"));
    run.addAll(show("java-run", model.trainableVariables()));
    assertEquals(run, theirs.get("java-run"));

    Sequential one = model().build(100);
    new Checkpoint(one).restore(at("keras-model-1")).assertConsumed().assertNontrivialMatch();
    assertEquals(theirs.get("keras-model"), show("keras-model", one.trainableVariables()));

    Sequential two = model().build(100);
    Adam optimizer = new Adam(0.5).build(two.trainableVariables());
    new Checkpoint(Map.of("model", two, "optimizer", optimizer))
        .restore(at("keras-adam-1"))
        .assertConsumed();
    assertEquals(theirs.get("keras-adam"), show("keras-adam", all(two, optimizer)));
    assertEquals(12, optimizer.iterations().get());

    assertEquals(keys("keras-model-1"), keys("java-model-1"));
    assertEquals(keys("keras-adam-1"), keys("java-adam-1"));
    builtLater(theirs.get("keras-adam"));
    kept(theirs.get("keras-run"));
    compiled();
    anotherArchitecture();
  }

  /** Model and optimizer that are built after the restore. */
  private void builtLater(List<String> expected) throws Exception {
    Sequential model = model();
    Adam adam = new Adam(0.5);
    LoadStatus status =
        new Checkpoint(Map.of("model", model, "optimizer", adam)).restore(at("keras-adam-1"));
    assertThrows(Mismatch.class, status::assertConsumed);
    model.build(100);
    adam.build(model.trainableVariables());
    assertEquals(expected, show("keras-adam", all(model, adam)));
    status.assertConsumed();
  }

  /** A manager of the folder in which TensorFlow's has kept three. */
  private void kept(List<String> expected) throws Exception {
    Sequential model = model().build(100);
    Checkpoint checkpoint = new Checkpoint(model);
    CheckpointManager manager = CheckpointManager.open(checkpoint, at("keras-run"), 3);
    assertEquals(3, manager.checkpoints().size());
    checkpoint.restore(manager.latestCheckpoint()).assertConsumed();
    assertEquals(expected, show("keras-run", model.trainableVariables()));
    assertEquals(at("keras-run/ckpt-6"), manager.save());
    assertEquals(3, manager.checkpoints().size());
  }

  /** An optimizer that is the model's own. */
  private void compiled() throws Exception {
    Sequential model = model().build(100);
    Adam adam = new Adam(0.5).build(model.trainableVariables());
    Checkpoint checkpoint = new Checkpoint(model.compile(adam));
    checkpoint.restore(at("keras-compiled-1")).assertConsumed();
    assertEquals(12, adam.iterations().get());
    checkpoint.save(at("java-compiled"));
    assertEquals(keys("keras-compiled-1"), keys("java-compiled-2"));
  }

  /** Every difference is listed, and nothing is restored. */
  private void anotherArchitecture() throws Exception {
    Sequential wide = new Sequential(new Dense(20), new Dense(1)).build(100);
    Mismatch e =
        assertThrows(Mismatch.class, () -> new Checkpoint(wide).restore(at("keras-model-1")));
    for (String part : List.of("3 of another", "[100,20]", "[100,10]", "[20,1]", "[20]")) {
      assertTrue(String.valueOf(e.getMessage()).contains(part), e.getMessage());
    }
    Sequential deep = new Sequential(new Dense(10), new Dense(1), new Dense(1)).build(100);
    LoadStatus status = new Checkpoint(deep).restore(at("keras-model-1"));
    Mismatch missing = assertThrows(Mismatch.class, status::assertConsumed);
    assertTrue(String.valueOf(missing.getMessage()).contains("_operations/3/bias"));
  }
}
