package dev.cairn.jobs.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.jobs.config.ConfKey;
import dev.cairn.jobs.config.ModelKeys;
import dev.cairn.spark.ml.CairnEstimator;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.ml.param.Param;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A key of a setting that an estimator has, too, is that setting. */
final class EstimatorSettingsTest extends SettingsFixture {
  /** The sentence and the default of a key are those of the parameter that it sets. */
  @ParameterizedTest
  @MethodSource("parameters")
  void aKeyIsTheParameterThatItSets(Case one) throws IOException {
    ConfKey<?> key = key(one.key());
    CairnEstimator<?, ?> made = EstimatorSetup.bare(given(Map.of(), one.with(), List.of()).conf());
    Param<Object> param = made.getParam(one.parameter().orElseThrow());
    if (!one.key().equals(ModelKeys.LOSS.name())) { // one for two estimators
      assertEquals(one.parameter(), key.setting());
      assertEquals(key.sentence(), param.doc());
      assertTrue(made.explainParam(param).contains(key.sentence()));
    }
    String theirs = made.hasDefault(param) ? text(made.getDefault(param).get()) : "";
    boolean other = OTHER_DEFAULTS.contains(one.key()) || one.key().equals(ModelKeys.LOSS.name());
    assertEquals(other, !theirs.equals(key.defaultText().orElse("")), "the default");
  }

  /** A value that the parameter refuses the key refuses, too, in the same words. */
  @ParameterizedTest
  @MethodSource("parameters")
  void aKeyRefusesWhatTheParameterDoes(Case one) throws IOException {
    CairnEstimator<?, ?> made = EstimatorSetup.bare(given(Map.of(), one.with(), List.of()).conf());
    Param<Object> param = made.getParam(one.parameter().orElseThrow());
    Object like = value(param, one.first());
    for (Object bad : bad(like)) {
      Optional<String> refused = refusal(() -> made.set(param, bad));
      Optional<String> key =
          refusal(() -> given(Map.of(), one.with(), List.of(one.key() + "=" + bad)));
      assertEquals(refused.isPresent(), key.isPresent(), one.key() + "=" + bad + ": " + key);
      if (refused.isPresent()) {
        String expected = ": expected " + key(one.key()).type() + ", found ";
        boolean loss = one.key().equals(ModelKeys.LOSS.name());
        assertTrue(loss || refused.get().contains(expected), refused.get());
        assertTrue(loss || key.orElseThrow().contains(expected), key.orElseThrow());
      }
    }
  }

  private static Object value(Param<Object> param, String text) {
    return switch (param.getClass().getSimpleName()) {
      case "IntParam" -> Integer.valueOf(text);
      case "LongParam" -> Long.valueOf(text);
      case "DoubleParam" -> Double.valueOf(text);
      case "BooleanParam" -> Boolean.valueOf(text);
      default -> text;
    };
  }

  /** Values of the same type of which some are refused. */
  private static List<Object> bad(Object like) {
    if (like instanceof Integer) {
      return List.of(-1, 0, 1, 16, 65_536, 65_537, 100_000, 100_001);
    }
    if (like instanceof Long) {
      return List.of(-1L, 0L, 1L);
    }
    return like instanceof Double
        ? List.of(-0.5, 0.0, 1e-300, 0.5, 1.0, 2.0, 1e39, Double.NaN, Double.POSITIVE_INFINITY)
        : List.of();
  }

  private interface Act {
    Object run() throws Exception;
  }

  private static Optional<String> refusal(Act act) {
    try {
      act.run();
      return Optional.empty();
    } catch (Exception e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  @Test
  void defaultsThatDifferAreThoseThatShould() {
    for (String name : OTHER_DEFAULTS) {
      assertFalse(key(name).defaultText().orElseThrow().isEmpty());
    }
  }
}
