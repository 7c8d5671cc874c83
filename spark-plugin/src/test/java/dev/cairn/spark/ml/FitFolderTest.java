package dev.cairn.spark.ml;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** Two fits share a folder if and only if they give the same model. */
class FitFolderTest {
  private static String name(LogisticRegression estimator, String data) {
    return FitFolder.name(
        estimator.uid(),
        estimator.model(10, 2).definition(),
        estimator
            .trainingParams()
            .settings(
                estimator,
                new TreeMap<>(),
                estimator.trainingParams().penalties(estimator, 100),
                Optional.empty()),
        data);
  }

  @Test
  void whatDecidesTheModelDecidesTheFolder() {
    String same = name(new LogisticRegression(), "10-ab");
    assertEquals(same, name(new LogisticRegression(), "10-ab"));
    assertEquals(same, name(new LogisticRegression().setCheckpointEverySteps(9), "10-ab"));
    assertEquals(same, name(new LogisticRegression().setThreshold(0.1), "10-ab"));
    List<UnaryOperator<LogisticRegression>> changes =
        List.of(
            e -> e.setMaxIter(2),
            e -> e.setMaxSteps(5),
            e -> e.setSeed(9),
            e -> e.setPartitions(3),
            e -> e.setBatchRows(64),
            e -> e.setOptimizer("ftrl"),
            e -> e.setLearningRate(0.5),
            e -> e.setFitIntercept(false),
            e -> e.setRegParam(0.5),
            e -> e.setRegParam(0.5).setElasticNetParam(1),
            e -> e.setInitialAccumulator(0.5),
            e -> e.setOptimizer("sgd"),
            e -> e.setOptimizer("sgd").setMomentum(0.5),
            e -> e.setOptimizer("sgd").setMomentum(0.5).setNesterov(true),
            e -> e.setWeightDecay(0.5),
            e -> e.setClipValue(0.5),
            e -> e.setClipNorm(0.5),
            e -> e.setOptimizerFor("bias", "sgd"),
            e -> e.setOptimizerFor("bias", "l2=0.5"),
            e -> e.setOptimizerFor("weights", "l2=0.5"),
            e -> e.setGlobalClipNorm(0.5),
            e -> e.setDenseUpdates(true),
            e -> e.setLearningRateSchedule("cosine decay_steps=9"),
            e -> e.setTol(0.01),
            e -> e.setResumeFrom("/other/ckpt-1"));
    Set<String> names = new HashSet<>();
    changes.forEach(change -> names.add(name(change.apply(new LogisticRegression()), "10-ab")));
    names.add(same);
    names.add(name(new LogisticRegression(), "10-ac"));
    names.add(name(new LogisticRegression("mine"), "10-ab"));
    names.add(name(new LogisticRegression("a/b"), "10-ab"));
    names.add(name(new LogisticRegression("a_b"), "10-ab"));
    assertEquals(changes.size() + 5, names.size());
    names.forEach(name -> assertTrue(name.matches("[A-Za-z0-9_.-]+"), name));
  }

  @Test
  void whoBeginsAnewHasANewFolder() {
    LogisticRegression anew = new LogisticRegression().setResume(false);
    assertNotEquals(name(anew, "10-ab"), name(anew, "10-ab"));
  }
}
