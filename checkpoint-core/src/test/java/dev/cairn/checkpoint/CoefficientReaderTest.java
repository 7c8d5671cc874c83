package dev.cairn.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.checkpoint.model.CheckpointException.Mismatch;
import dev.cairn.checkpoint.model.FeatureScales;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A model larger than the pieces that it is read in. */
class CoefficientReaderTest {
  private static final int SIZE = 2_500_000;

  @TempDir Path folder;

  private String run(String weights, float[] values, FeatureScales scales) throws IOException {
    String path = folder.resolve("run-" + weights).toString();
    TrainedModels.write(path, weights, values, scales, Optional.empty());
    return path;
  }

  @Test
  void scalesAreUndone() throws IOException {
    int last = SIZE - 1;
    float[] weights = new float[SIZE];
    int[] ids = {0, 5, 1_048_576, 1_200_000, last};
    for (int id : ids) {
      weights[id] = 1 + id % 7;
    }
    weights[9] = 3;
    FeatureScales scales =
        new FeatureScales(ids, new double[] {2, 0, 4, 0.5, 8}, new double[] {3, 0, 1, 0, 16});
    List<String> told = new ArrayList<>();
    try (CoefficientReader reader =
        CoefficientReader.open(run("weights", weights, scales), CheckpointOptions.defaults())) {
      assertTrue(reader.path().endsWith("/ckpt-7"), reader.path());
      assertEquals(SIZE, reader.features());
      assertEquals(7, reader.training().orElseThrow().step());
      reader.nonZero((feature, value) -> told.add(feature + "=" + value));
      double intercept = 0.25;
      intercept -= 1.5 * weights[0];
      intercept -= 0.25 * weights[1_048_576];
      intercept -= 2.0 * weights[last];
      assertEquals(intercept, reader.intercept());
    }
    assertEquals(
        List.of(
            "0=" + weights[0] / 2.0,
            "9=3.0", // 5 was constant: it says nothing
            "1048576=" + weights[1_048_576] / 4.0,
            "1200000=" + weights[1_200_000] / 0.5,
            last + "=" + weights[last] / 8.0),
        told);
  }

  @Test
  void otherModelsAreRefused() throws IOException {
    String other = run("kernel", new float[SIZE], FeatureScales.NONE);
    Mismatch refused =
        assertThrows(
            Mismatch.class, () -> CoefficientReader.open(other, CheckpointOptions.defaults()));
    assertTrue(
        String.valueOf(refused.getMessage()).contains("expected variable weights, found none"));
  }
}
