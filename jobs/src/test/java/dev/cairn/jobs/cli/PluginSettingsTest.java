package dev.cairn.jobs.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.jobs.config.ConfKey;
import dev.cairn.jobs.config.JobException;
import dev.cairn.jobs.config.TrainConf;
import dev.cairn.spark.CairnConf;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.SparkConf;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Settings of the plugin, by their own names and by those that {@code train} has for some. */
final class PluginSettingsTest extends SettingsFixture {
  static List<CairnConf.Key<?>> pluginKeys() {
    return CairnConf.KEYS;
  }

  /** Values of the plugin's settings, whatever their type: the first two that one can have. */
  private static final List<List<String>> PLUGIN_VALUES =
      List.of(
          List.of("71s", "93s"),
          List.of("skip", "wait"),
          List.of("true", "false"),
          List.of("false", "true"),
          List.of("7", "9"),
          List.of("70m", "90m"));

  private static <T> boolean has(CairnConf.Key<T> key, List<String> values) {
    try {
      values.forEach(value -> key.setting().values().parse(value));
      return !key.setting().defaultText().equals(values.get(0));
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  /** The command line, the file, what Spark was told, the default: for each key of the plugin. */
  @ParameterizedTest
  @MethodSource("pluginKeys")
  <T> void thePluginsKeysHaveTheSameOrder(CairnConf.Key<T> key) throws IOException {
    List<String> values =
        PLUGIN_VALUES.stream().filter(two -> has(key, two)).findFirst().orElseThrow();
    String name = key.key();
    T first = key.setting().values().parse(values.get(0));
    T second = key.setting().values().parse(values.get(1));
    String set = name + "=" + values.get(0);
    String other = name + "=" + values.get(1);
    Map<String, String> told = Map.of(name, values.get(1));
    assertEquals(second, key.get(given(told, List.of(), List.of()).spark()), "Spark was told");
    assertEquals(first, key.get(given(told, List.of(set), List.of()).spark()), "the file says");
    assertEquals(first, key.get(given(told, List.of(), List.of(set)).spark()), "command line");
    assertEquals(first, key.get(given(told, List.of(other), List.of(set)).spark()), "both say");
    Optional<ConfKey<?>> own = own(name);
    T unset = key.get(given(Map.of(), List.of(), List.of()).spark());
    assertEquals(
        own.isPresent()
            ? key.setting().values().parse(own.get().defaultText().orElseThrow())
            : key.get(new SparkConf(false)),
        unset,
        "its default");
    if (own.isPresent()) {
      anotherNameOfIt(key, own.get().name(), values);
    }
  }

  private static Optional<ConfKey<?>> own(String plugin) {
    return TrainConf.keys().stream()
        .filter(key -> key.plugin().equals(Optional.of(plugin)))
        .findFirst();
  }

  /** Whichever name it is given by. */
  private <T> void anotherNameOfIt(CairnConf.Key<T> key, String own, List<String> values)
      throws IOException {
    T first = key.setting().values().parse(values.get(0));
    Map<String, String> told = Map.of(key.key(), values.get(1));
    String set = "=" + values.get(0);
    String other = "=" + values.get(1);
    String plugin = key.key();
    assertEquals(first, key.get(given(told, List.of(own + set), List.of()).spark()));
    assertEquals(first, key.get(given(told, List.of(own + other), List.of(own + set)).spark()));
    assertEquals(first, key.get(given(told, List.of(plugin + other), List.of(own + set)).spark()));
    assertEquals(first, key.get(given(told, List.of(own + other), List.of(plugin + set)).spark()));
    assertEquals(
        first,
        key.get(given(told, List.of(), List.of(own + set, plugin + set)).spark()),
        "the same");
    JobException twice =
        assertThrows(
            JobException.class,
            () -> given(told, List.of(), List.of(own + set, plugin + other)).spark());
    assertTrue(twice.getMessage().contains("they are one setting"), twice.getMessage());
  }

  @Test
  void whatBothHaveIsTheSame() {
    for (ConfKey<?> key : TrainConf.keys()) {
      key.plugin()
          .ifPresent(
              plugin -> {
                CairnConf.Key<?> theirs =
                    CairnConf.KEYS.stream()
                        .filter(one -> one.key().equals(plugin))
                        .findFirst()
                        .orElseThrow();
                assertEquals(theirs.setting().sentence(), key.sentence());
                assertEquals(theirs.setting().values().expected(), key.type());
                assertEquals(
                    OTHER_DEFAULTS.contains(key.name()),
                    !theirs.setting().defaultText().equals(key.defaultText().orElse("")));
              });
    }
  }
}
