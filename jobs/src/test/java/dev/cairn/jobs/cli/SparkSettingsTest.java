package dev.cairn.jobs.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.checkpoint.model.DataPosition;
import dev.cairn.checkpoint.model.FeatureScales;
import dev.cairn.checkpoint.model.OptimizerSpec;
import dev.cairn.checkpoint.model.TrainingState;
import dev.cairn.jobs.config.JobException;
import dev.cairn.jobs.config.TrainConfLoader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.spark.SparkConf;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which session scores the rows of a model. */
final class SparkSettingsTest {
  @TempDir private Path temp = Path.of("");

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

  /** {@code name=value} of a setting by each of its two names, and one that differs. */
  private static final String[][] SHARED = {
    {"train.max-recoveries", "spark.cairn.recovery.max", "7", "8"},
    {"train.data-copies", "spark.cairn.data.copies", "3", "4"},
    {"checkpoint.in-flight", "spark.cairn.save.in-flight", "skip", "wait"},
    {"checkpoint.tolerated-failures", "spark.cairn.save.tolerated-failures", "5", "6"},
  };

  /**
   * What a run's Spark settings say of a plugin's key.
   *
   * @param file lines of the run's file
   */
  private String shared(String key, String submitted, String file, String... words)
      throws IOException {
    Path run = Files.writeString(temp.resolve("run.properties"), file);
    List<String> all = new ArrayList<>(List.of("input=x", "checkpoint.dir=y", "label=z"));
    all.addAll(List.of(words));
    SparkConf told = new SparkConf(false).setMaster("local[1]");
    if (!submitted.isEmpty()) {
      told.set(key, submitted);
    }
    return SparkSettings.of(TrainConfLoader.load(run, all), told).get(key);
  }

  /** Command line, file, what Spark was told, default: by whichever of its names it was given. */
  @Test
  void aSettingWithTwoNamesHasOneValue() throws Exception {
    for (String[] one : SHARED) {
      String here = one[0];
      String plugin = one[1];
      String set = one[2];
      String other = one[3];
      assertEquals(set, shared(plugin, set, ""), here);
      assertEquals(set, shared(plugin, other, here + "=" + set), here);
      assertEquals(set, shared(plugin, other, plugin + "=" + set), here);
      assertEquals(set, shared(plugin, other, "", here + "=" + set), here);
      assertEquals(set, shared(plugin, other, here + "=" + other, plugin + "=" + set), here);
      assertEquals(set, shared(plugin, other, plugin + "=" + other, here + "=" + set), here);
      assertEquals(set, shared(plugin, other, "", plugin + "=" + set, here + "=" + set), here);
      JobException twice =
          assertThrows(
              JobException.class,
              () -> shared(plugin, "", "", plugin + "=" + set, here + "=" + other));
      assertTrue(twice.getMessage().contains("they are one setting"), twice.getMessage());
    }
  }
}
