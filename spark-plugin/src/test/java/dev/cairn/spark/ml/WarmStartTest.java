package dev.cairn.spark.ml;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.checkpoint.FolderOptions;
import dev.cairn.spark.ExecutorProcesses;
import dev.cairn.spark.LocalCluster;
import dev.cairn.spark.listener.TrainingListener;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A fit begins with the parameters of another model. */
class WarmStartTest {
  @TempDir Path folder;

  /** Kills an executor when steps have begun, before anything of the run is saved. */
  private static final class Killer implements TrainingListener {
    final List<Recovery> recoveries = new ArrayList<>();
    private boolean killed;

    @Override
    public void progress(Progress progress) {
      if (!killed) {
        killed = true;
        ExecutorProcesses.signal(RecoveryTest.anyExecutor(), "KILL");
      }
    }

    @Override
    public void recovered(Recovery recovery) {
      recoveries.add(recovery);
    }
  }

  private LogisticRegression estimator(String name, int epochs) {
    return RecoveryTest.estimator().setMaxIter(epochs).setRunDir(path(name));
  }

  private String path(String name) {
    return folder.resolve(name).toUri().toString();
  }

  private static void assertRefused(LogisticRegression estimator, Dataset<Row> data, String why) {
    TrainingFailedException e =
        assertThrows(TrainingFailedException.class, () -> estimator.fit(data));
    assertTrue(String.valueOf(e.getMessage()).contains(why), e::getMessage);
  }

  @Tag("long")
  @Test
  void parametersAreThoseOfTheInitialModelAndTheOptimizerIsNew() throws Exception {
    try (LocalCluster cluster = LocalCluster.start(2, Map.of())) {
      Dataset<Row> data = RecoveryTest.data(cluster);
      LogisticRegressionModel first = estimator("first", 3).fit(data);
      double cold = first.summary().objectiveHistory()[0];
      first.write().overwrite().save(path("saved"));

      LogisticRegression warm =
          estimator("warm", 40)
              .setOptimizer("adam")
              .setLearningRate(0.01)
              .setInitialModel(path("saved"));
      LogisticRegressionModel calm = warm.fit(data);
      double[] losses = calm.summary().objectiveHistory();
      assertEquals(40, losses.length, "epochs count from 0");
      assertTrue(losses[0] < 0.9 * cold, () -> losses[0] + " after " + cold);

      Killer killer = new Killer();
      LogisticRegressionModel disturbed =
          warm.copy(org.apache.spark.ml.param.ParamMap.empty())
              .setRunDir(path("disturbed"))
              .setInitialModel(first)
              .setListener(killer)
              .fit(data);
      assertEquals(1, killer.recoveries.size(), killer.recoveries.toString());
      TrainedBits.of(calm.checkpoint(), FolderOptions.defaults())
          .assertSame(TrainedBits.of(disturbed.checkpoint(), FolderOptions.defaults()));

      // With its optimizer it goes on where it was: as one run of all epochs, but for the data's.
      LogisticRegressionModel on =
          estimator("on", 1).setInitialModel(first).setInitialOptimizerState(true).fit(data);
      assertTrue(on.checkpoint().endsWith("ckpt-60"), on.checkpoint());

      assertRefused(
          estimator("other", 1).setInitialModel(first).setFamily("multinomial"),
          data,
          "model: expected softmax, found logistic; model.classes: expected 2, found none");
      assertRefused(
          estimator("state", 1)
              .setOptimizer("adam")
              .setInitialModel(first)
              .setInitialOptimizerState(true),
          data,
          "missing model/weights/");
      assertRefused(estimator("gone", 1).setInitialModel(path("nothing")), data, "nothing");
    }
  }
}
