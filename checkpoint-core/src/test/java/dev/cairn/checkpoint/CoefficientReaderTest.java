package dev.cairn.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.checkpoint.model.CheckpointException.Mismatch;
import dev.cairn.checkpoint.model.FeatureScales;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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
        CoefficientReader.open(run("weights", weights, scales), FolderOptions.defaults())) {
      assertTrue(reader.path().endsWith("/ckpt-7"), reader.path());
      assertEquals(SIZE, reader.features());
      assertEquals(7, reader.training().orElseThrow().step());
      reader.nonZero((feature, column, value) -> told.add(feature + "=" + value));
      assertEquals(1, reader.columns());
      assertEquals(0, reader.rank());
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
  void classesAndFactorsAreToldByColumn() throws IOException {
    int rows = 1_000_000;
    float[] weights = new float[rows * 3];
    float[] factors = new float[rows * 2];
    weights[1] = 4;
    weights[3 * 500_000 + 2] = 6;
    weights[3 * rows - 1] = -1;
    factors[0] = 8;
    factors[2 * 500_000 + 1] = 3;
    String path = folder.resolve("columns").toString();
    FeatureScales scales = new FeatureScales(new int[] {0, 7}, new double[] {2, 0});
    TrainedModels.write(
        path, Map.of("weights", weights, "factors", factors), rows, scales, Optional.empty());
    List<String> told = new ArrayList<>();
    try (CoefficientReader reader = CoefficientReader.open(path, FolderOptions.defaults())) {
      assertEquals(rows, reader.features());
      assertEquals(3, reader.columns());
      assertEquals(2, reader.rank());
      reader.nonZero((feature, column, value) -> told.add(feature + "," + column + "=" + value));
      assertEquals(List.of("0,1=2.0", "500000,2=6.0", "999999,2=-1.0"), told);
      told.clear();
      reader.nonZeroFactors(
          (feature, column, value) -> told.add(feature + "," + column + "=" + value));
      assertEquals(List.of("0,0=4.0", "500000,1=3.0"), told);
      assertArrayEquals(
          new double[][] {{0, 3}, {4, 0}, {0, 0}}, reader.factors(new int[] {500_000, 0, 7}));
      assertThrows(IllegalStateException.class, reader::intercept);
    }
  }

  @Test
  void otherModelsAreRefused() throws IOException {
    String other = run("kernel", new float[SIZE], FeatureScales.NONE);
    Mismatch refused =
        assertThrows(Mismatch.class, () -> CoefficientReader.open(other, FolderOptions.defaults()));
    assertTrue(
        String.valueOf(refused.getMessage()).contains("expected variable weights, found none"));
  }
}
