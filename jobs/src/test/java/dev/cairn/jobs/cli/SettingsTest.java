package dev.cairn.jobs.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.cairn.jobs.config.ConfKey;
import dev.cairn.jobs.config.TrainConf;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every setting of {@code train}: who wins, down to what the estimator or Spark is given. */
final class SettingsTest extends SettingsFixture {
  private String arrived(Case one, Map<String, String> told, List<String> file, String... words)
      throws IOException {
    List<String> all = new ArrayList<>(one.with());
    all.addAll(file);
    return one.arrives().apply(given(told, all, List.of(words)));
  }

  @Test
  void everyKeyOfTrainIsHere() {
    assertEquals(
        TrainConf.keys().stream().map(ConfKey::name).sorted().toList(),
        cases().map(Case::key).sorted().toList(),
        "add a case for a new key");
  }

  /** The command line wins over the file, the file over the default. */
  @ParameterizedTest
  @MethodSource("cases")
  void theCommandLineWinsOverTheFile(Case one) throws IOException {
    String first = one.key() + "=" + one.first();
    String second = one.key() + "=" + one.second();
    String unset = arrived(one, Map.of(), List.of());
    assertNotEquals(one.first(), unset);
    assertEquals(one.first(), arrived(one, Map.of(), List.of(first)));
    assertEquals(one.second(), arrived(one, Map.of(), List.of(second)));
    assertEquals(one.first(), arrived(one, Map.of(), List.of(second), first));
    assertEquals(one.second(), arrived(one, Map.of(), List.of(first), second));
    Optional<String> otherwise = key(one.key()).defaultText();
    if (otherwise.isPresent() && !otherwise.get().isEmpty() && !one.key().equals("run.name")) {
      assertEquals(otherwise.get(), unset, "its default");
    }
  }

  @Test
  void sparksOwnKeysHaveTheSameOrder() throws IOException {
    String key = "spark.executor.memory";
    Map<String, String> told = Map.of(key, "3g");
    assertEquals("1g", given(Map.of(), List.of(), List.of()).spark().get(key));
    assertEquals("3g", given(told, List.of(), List.of()).spark().get(key));
    assertEquals("4g", given(told, List.of(key + "=4g"), List.of()).spark().get(key));
    assertEquals("5g", given(told, List.of(key + "=4g"), List.of(key + "=5g")).spark().get(key));
  }

  /** Names that the user chooses. */
  @Test
  void familiesHaveTheSameOrder() throws IOException {
    List<String> file = List.of("features.derive.a=1", "input.option.sep=|", "optimizer.for.b=sgd");
    Given given =
        given(Map.of(), file, file.stream().map(line -> line.replaceFirst("=.*", "=2")).toList());
    assertEquals("2", given.conf().derived().get("a"));
    assertEquals("2", given.conf().inputOptions().get("sep"));
    assertEquals("b: 2", text(given.estimator(), "optimizerFor"));
    assertEquals(4, TrainConf.families().size(), "add one to this test");
  }
}
