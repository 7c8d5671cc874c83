package dev.cairn.spark.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.checkpoint.model.ModelDefinition;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Models are made again from what checkpoints say of them. */
class ModelsTest {
  static Stream<Model> models() {
    return KnownModels.all().stream()
        .flatMap(known -> Stream.of(known.model().apply(true), known.model().apply(false)));
  }

  @ParameterizedTest
  @MethodSource("models")
  void areMadeOfTheirDefinitions(Model model) {
    assertEquals(Optional.of(model), Models.of(model.definition()));
  }

  /** Each setting decides something: no two models share a definition. */
  @Test
  void haveDefinitionsOfTheirOwn() {
    long models = models().distinct().count();
    assertEquals(models, models().map(Model::definition).distinct().count());
  }

  @Test
  void ofOthersNothingIsKnown() {
    assertEquals(Optional.empty(), Models.of(new ModelDefinition("mine", new TreeMap<>())));
    assertEquals(Optional.empty(), Models.of(new ModelDefinition("fm-mine", new TreeMap<>())));
  }

  @Test
  void badSettingsAreNamed() {
    SortedMap<String, String> settings =
        new TreeMap<>(new SoftmaxModel(5, 3, true).definition().settings());
    assertRefused("setting classes, expected a whole number, found 'x'", settings, "classes", "x");
    assertRefused(
        "setting fit-intercept, expected true or false, found 'yes'",
        settings,
        "fit-intercept",
        "yes");
    settings.remove("features");
    assertRefused(
        "setting features, expected a whole number, found none", settings, "classes", "3");
  }

  private static void assertRefused(
      String message, Map<String, String> settings, String name, String value) {
    SortedMap<String, String> changed = new TreeMap<>(settings);
    changed.put(name, value);
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () -> Models.of(new ModelDefinition("softmax", changed)));
    assertTrue(String.valueOf(e.getMessage()).contains(message), e::getMessage);
  }
}
