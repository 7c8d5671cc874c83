package dev.cairn.jobs.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.cairn.checkpoint.model.DataPosition;
import dev.cairn.checkpoint.model.FeatureScales;
import dev.cairn.checkpoint.model.OptimizerSpec;
import dev.cairn.checkpoint.model.TrainingState;
import dev.cairn.jobs.config.TrainConfLoader;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.spark.SparkConf;
import org.junit.jupiter.api.Test;

/** Tests the settings of the session that scores a model's rows. */
final class SparkSettingsTest {
  private static Optional<TrainingState> trained(Map<String, String> configuration) {
    return Optional.of(
        new TrainingState(
            7,
            1,
            new DataPosition(1, 0, 7, 1, 10, "f00d"),
            Optional.empty(),
            new OptimizerSpec("adagrad", new TreeMap<>()),
            new TreeMap<>(),
            new TreeMap<>(configuration),
            FeatureScales.NONE,
            Optional.empty(),
            Optional.empty()));
  }

  private static String zone(Optional<TrainingState> training, String defaults, String... words) {
    SparkConf settings = new SparkConf(false).set(SparkSettings.TIME_ZONE, defaults);
    List<String> all = new ArrayList<>(List.of("input=rows.csv", "checkpoint.dir=run", "label=y"));
    all.addAll(List.of(words));
    return SparkSettings.asTrained(training, TrainConfLoader.of(all), settings)
        .get(SparkSettings.TIME_ZONE);
  }

  /** An hour of the day would be another category in another zone. */
  @Test
  void timesAreSeenAsInTraining() {
    Optional<TrainingState> tokyo = trained(Map.of(SparkSettings.TIME_ZONE, "Asia/Tokyo"));
    assertEquals("Asia/Tokyo", zone(tokyo, "UTC"));
    assertEquals("UTC", zone(trained(Map.of()), "America/Lima"));
    assertEquals("CET", zone(tokyo, "CET", "spark.sql.session.timeZone=CET"));
    assertEquals("America/Lima", zone(Optional.empty(), "America/Lima"));
  }
}
