package dev.cairn.spark.trainer;

import dev.cairn.checkpoint.CheckpointFolder;
import dev.cairn.checkpoint.CommittedCheckpoint;
import dev.cairn.checkpoint.FolderOptions;
import dev.cairn.checkpoint.PendingCheckpoint;
import dev.cairn.checkpoint.ShardWriter;
import dev.cairn.checkpoint.model.DType;
import dev.cairn.checkpoint.model.DataPosition;
import dev.cairn.checkpoint.model.FeatureScales;
import dev.cairn.checkpoint.model.ModelDefinition;
import dev.cairn.checkpoint.model.OptimizerSpec;
import dev.cairn.checkpoint.model.Shape;
import dev.cairn.checkpoint.model.Slice;
import dev.cairn.checkpoint.model.TestFigures;
import dev.cairn.checkpoint.model.TrainingState;
import dev.cairn.checkpoint.model.VariableSpec;
import dev.cairn.spark.coordinator.ShardGroup;
import dev.cairn.spark.data.DataFacts;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A run's folder with small checkpoints that say of themselves what a test wants, without Spark.
 */
final class TinyRun implements AutoCloseable {
  static final int BATCHES = 4;
  static final String DATA = "100-f00d";

  /** There are neither held-out rows nor test rows. */
  static final EpochEnds.Judging UNJUDGED =
      new EpochEnds.Judging() {
        @Override
        public double loss(ShardGroup group, long step) {
          throw new AssertionError("there are no held-out rows");
        }

        @Override
        public @Nullable String fingerprint() {
          return null;
        }

        @Override
        public boolean tests() {
          return false;
        }

        @Override
        public TestFigures test(ShardGroup group, long step) {
          throw new AssertionError("there are no test rows");
        }
      };

  static final ModelDefinition MODEL =
      new ModelDefinition("tiny", new TreeMap<>(Map.of("features", "1")));

  private static final VariableSpec ONE =
      new VariableSpec("one/.ATTRIBUTES/VARIABLE_VALUE", DType.FLOAT, Shape.of(1));

  final CheckpointFolder checkpoints;

  TinyRun(Path folder, int keep) throws IOException {
    checkpoints =
        CheckpointFolder.open(
            folder.toString(), FolderOptions.defaults().withKeep(keep).withApplicationId("t"));
  }

  static DataFacts data() {
    return new DataFacts(100, BATCHES, DATA, FeatureScales.NONE);
  }

  static TrainingSettings settings(
      int epochs, long steps, ResumeSettings resume, SortedMap<String, String> configuration) {
    return new TrainingSettings(
        1,
        25,
        1,
        epochs,
        steps,
        0,
        optimizer(),
        configuration,
        resume,
        StoppingSettings.DEFAULT,
        Optional.empty());
  }

  private static OptimizerSpec optimizer() {
    return new OptimizerSpec("adagrad", new TreeMap<>());
  }

  CommittedCheckpoint save(
      long step, SortedMap<String, Double> metrics, SortedMap<String, String> configuration)
      throws IOException {
    PendingCheckpoint pending = checkpoints.begin(step, 1);
    try (ShardWriter writer = ShardWriter.create(pending.target(0), FolderOptions.defaults())) {
      writer.write(ONE, Slice.full(1), new float[] {step}, 0, 1);
      var unused = pending.report(writer.finish());
    }
    TrainingState state =
        new TrainingState(
            step,
            1,
            new DataPosition(step / BATCHES, step % BATCHES, BATCHES, 1, 100, DATA),
            Optional.of(MODEL),
            optimizer(),
            metrics,
            configuration,
            FeatureScales.NONE,
            Optional.empty(),
            Optional.empty());
    return pending.commit(state, "t", new TreeMap<>());
  }

  @Override
  public void close() throws IOException {
    checkpoints.close();
  }
}
