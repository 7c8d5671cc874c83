package dev.cairn.jobs.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.checkpoint.model.FeatureDefinition;
import dev.cairn.checkpoint.model.FeatureDefinition.Nulls;
import dev.cairn.jobs.config.JobException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** A version's features become keys again, or cannot. */
final class RefreshFeaturesTest {
  private static FeatureDefinition features(int size) {
    return new FeatureDefinition(
        List.of(),
        List.of("origin", "hour"),
        List.of("distance"),
        List.of(List.of("origin", "hour")),
        size,
        Optional.empty(),
        Nulls.ABSENT);
  }

  @Test
  void theyBecomeKeys() {
    assertEquals(
        List.of(
            "features.categorical=origin,hour",
            "features.numeric=distance",
            "features.cross=origin*hour",
            "features.hash-bits=10"),
        RefreshFeatures.words(features(1024)));
  }

  @Test
  void aNumberOfFeaturesThatNoKeySaysIsForSparkPrograms() {
    for (int size : new int[] {1000, 1}) {
      JobException e =
          assertThrows(JobException.class, () -> RefreshFeatures.words(features(size)));
      assertTrue(String.valueOf(e.getMessage()).contains("expected a power of two"), e::getMessage);
      assertTrue(String.valueOf(e.getMessage()).contains("ModelRefresh"), e::getMessage);
    }
  }
}
