package dev.cairn.jobs.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.spark.ml.CairnEstimator;
import dev.cairn.spark.ml.Estimators;
import dev.cairn.spark.settings.EstimatorSettings;
import dev.cairn.spark.settings.Setting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.spark.ml.param.Param;
import org.junit.jupiter.api.Test;

/** {@code docs/settings.md} is what the lists of settings say, and the lists have all settings. */
final class SettingsPageTest {
  private static final Path PAGE = Path.of("..", "docs", "settings.md");

  /** Spark ML's own. */
  private static final Set<String> SPARKS =
      Set.of(
          "featuresCol",
          "labelCol",
          "predictionCol",
          "rawPredictionCol",
          "probabilityCol",
          "thresholds");

  @Test
  void thePageIsWhatTheListsSay() throws IOException {
    if (Boolean.getBoolean("cairn.settings.write")) {
      Files.writeString(PAGE, SettingsText.page());
    }
    assertEquals(
        SettingsText.page(),
        Files.readString(PAGE),
        "docs/settings.md is not what the lists of settings say; write it anew with: mvn -pl jobs"
            + " -am -Dtest=SettingsPageTest -Dsurefire.failIfNoSpecifiedTests=false"
            + " -Dcairn.settings.write=true test");
  }

  /** Each parameter of an estimator is in its group, with its doc and its default. */
  @Test
  void everyParameterIsInTheLists() {
    for (Estimators each : Estimators.values()) {
      String name = each.make().getClass().getSimpleName();
      List<Setting<?>> listed =
          EstimatorSettings.GROUPS.stream()
              .filter(
                  group -> group.title().startsWith("All estimators") || group.title().equals(name))
              .flatMap(group -> group.settings().stream())
              .toList();
      Set<String> parameters =
          Arrays.stream(each.make().params()).map(Param::name).collect(Collectors.toSet());
      parameters.removeAll(SPARKS);
      assertEquals(
          new TreeSet<>(parameters),
          listed.stream().map(Setting::name).collect(Collectors.toCollection(TreeSet::new)),
          name);
      CairnEstimator<?, ?> made = each.make();
      for (Setting<?> setting : listed) {
        Param<Object> param = made.getParam(setting.name());
        assertEquals(setting.sentence(), param.doc());
        assertEquals(setting.defaultValue().isPresent(), made.hasDefault(param), setting.name());
        assertTrue(setting.sentence().endsWith("."), setting.name());
      }
    }
  }
}
