package dev.cairn.spark.optimizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.checkpoint.model.OptimizerSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Tests the properties of every optimizer, in several settings of each. */
class OptimizerPropertiesTest {
  private static final int ELEMENTS = 64;

  static Stream<OptimizerSpec> all() {
    Map<String, Double> common =
        Map.of("learning_rate", 0.05, "l1", 0.01, "l2", 0.02, "clipvalue", 0.9);
    List<OptimizerSpec> specs = new ArrayList<>();
    for (String name : Optimizers.names()) {
      specs.add(new OptimizerSpec(name, new TreeMap<>()));
      specs.add(spec(name, common, Map.of(), ""));
      if (!name.equals("ftrl")) {
        String warmUp = "cosine decay_steps=7 alpha=0.2 warmup_steps=3";
        specs.add(spec(name, common, Map.of("weight_decay", 0.3), warmUp));
      }
    }
    Map<String, Double> momentum = Map.of("momentum", 0.7);
    specs.add(spec("sgd", common, momentum, "inverse-time decay_steps=4 decay_rate=0.5"));
    specs.add(spec("sgd", momentum, Map.of("nesterov", 1.0), ""));
    specs.add(spec("rmsprop", common, momentum, ""));
    specs.add(spec("rmsprop", momentum, Map.of("centered", 1.0), ""));
    specs.add(spec("adam", common, Map.of("amsgrad", 1.0), ""));
    return specs.stream();
  }

  private static OptimizerSpec spec(
      String name, Map<String, Double> some, Map<String, Double> more, String schedule) {
    TreeMap<String, Double> values = new TreeMap<>(some);
    values.putAll(more);
    return new OptimizerSpec(
        name, values, schedule.isEmpty() ? Optional.empty() : Optional.of(schedule));
  }

  /** A variable and its slots. */
  private record State(float[] values, float[][] slots) {
    static State of(Optimizer optimizer) {
      float[] values = new float[ELEMENTS];
      SplittableRandom random = new SplittableRandom(3);
      for (int i = 0; i < ELEMENTS; i++) {
        values[i] = (float) random.nextDouble(-1, 1);
      }
      float[][] slots = new float[optimizer.slots().size()][ELEMENTS];
      for (int s = 0; s < slots.length; s++) {
        Arrays.fill(slots[s], optimizer.slots().get(s).initial());
      }
      return new State(values, slots);
    }

    void assertSameBits(State other) {
      assertArrayEquals(values, other.values);
      assertArrayEquals(slots, other.slots);
    }
  }

  private static double[] gradients(int step) {
    return new SplittableRandom(step).doubles(ELEMENTS, -1.5, 1.5).toArray();
  }

  private static void train(Optimizer optimizer, State state, int from, int to) {
    int[] places = IntStream.range(0, ELEMENTS).toArray();
    for (int step = from; step < to; step++) {
      Update update = optimizer.at(step, true);
      assertTrue(update.apply(state.values, state.slots, places, ELEMENTS, gradients(step)));
    }
  }

  /** Whatever the order and the pieces in which the numbers of a step come. */
  @ParameterizedTest
  @MethodSource("all")
  void sameBitsInAnySplit(OptimizerSpec spec) {
    Optimizer optimizer = Optimizers.of(spec);
    State wanted = State.of(optimizer);
    train(optimizer, wanted, 0, 12);
    State found = State.of(optimizer);
    SplittableRandom random = new SplittableRandom(9);
    for (int step = 0; step < 12; step++) {
      Update update = optimizer.at(step, true);
      double[] gradients = gradients(step);
      List<Integer> left = new ArrayList<>(IntStream.range(0, ELEMENTS).boxed().toList());
      while (!left.isEmpty()) {
        int count = 1 + random.nextInt(left.size());
        int[] places = new int[count];
        double[] some = new double[count];
        for (int i = 0; i < count; i++) {
          places[i] = left.remove(random.nextInt(left.size()));
          some[i] = gradients[places[i]];
        }
        assertTrue(update.apply(found.values, found.slots, places, count, some));
      }
    }
    wanted.assertSameBits(found);
  }

  /**
   * A checkpoint's values, the step and the record of the optimizer are enough to resume with the
   * same bits.
   */
  @ParameterizedTest
  @MethodSource("all")
  void resumedInTheMiddleGivesTheSameBits(OptimizerSpec spec) {
    Optimizer first = Optimizers.of(spec);
    State wanted = State.of(first);
    train(first, wanted, 0, 12);
    State found = State.of(first);
    train(first, found, 0, 5);
    Optimizer second = Optimizers.of(first.spec());
    assertEquals(first.spec(), second.spec());
    assertEquals(first.slots(), second.slots());
    train(second, found, 5, 12);
    wanted.assertSameBits(found);
  }

  @ParameterizedTest
  @MethodSource("all")
  void leavesOtherNumbersAlone(OptimizerSpec spec) {
    Optimizer optimizer = Optimizers.of(spec);
    State state = State.of(optimizer);
    train(optimizer, state, 0, 4);
    float[] before = state.values.clone();
    float[][] slots = Arrays.stream(state.slots).map(float[]::clone).toArray(float[][]::new);
    optimizer
        .at(4, true)
        .apply(state.values, state.slots, new int[] {2, 3}, 2, new double[] {1, -1});
    for (int i = 0; i < ELEMENTS; i++) {
      boolean changed = i == 2 || i == 3;
      assertEquals(changed, before[i] != state.values[i], "number " + i);
      for (int s = 0; s < slots.length; s++) {
        if (!changed) {
          assertEquals(slots[s][i], state.slots[s][i]);
        }
      }
    }
  }

  /** Gradients that values of 1e18 and more bring; the numbers that are stored tell. */
  @ParameterizedTest
  @MethodSource("all")
  void tellsWhenNumbersAreNotFinite(OptimizerSpec spec) {
    Optimizer optimizer = Optimizers.of(spec);
    State state = State.of(optimizer);
    int[] places = {0, 1, 2};
    // In the first step of a warm-up the rate is 0.
    Update update = optimizer.at(1, true);
    assertTrue(update.apply(state.values, state.slots, places, 3, new double[] {1e18, -1e18, 0}));
    double[] spoiling = {1, Double.NaN, 1};
    assertFalse(update.apply(state.values, state.slots, places, 3, spoiling));
    assertTrue(update.apply(state.values, state.slots, new int[] {0}, 1, new double[] {1}));
    state.values[2] = Float.NaN;
    assertFalse(update.apply(state.values, state.slots, new int[] {2}, 1, new double[] {0}));
    if (!spec.hyperparameters().containsKey("clipvalue")) {
      for (double infinite : new double[] {Double.NEGATIVE_INFINITY, 1e200}) {
        State other = State.of(optimizer);
        double[] one = {infinite};
        assertFalse(update.apply(other.values, other.slots, new int[] {0}, 1, one));
      }
    }
  }

  /** An intercept is trained as if there were neither L1 nor L2 nor weight decay. */
  @ParameterizedTest
  @MethodSource("all")
  void interceptsAreNotRegularised(OptimizerSpec spec) {
    TreeMap<String, Double> without = new TreeMap<>(spec.hyperparameters());
    without.putAll(Map.of("l1", 0.0, "l2", 0.0));
    if (!spec.name().equals("ftrl")) {
      without.put("weight_decay", 0.0);
    }
    Optimizer plain = Optimizers.of(new OptimizerSpec(spec.name(), without, spec.schedule()));
    Optimizer strong = Optimizers.of(spec);
    State wanted = State.of(plain);
    State found = State.of(plain);
    int[] places = IntStream.range(0, ELEMENTS).toArray();
    for (int step = 0; step < 6; step++) {
      double[] g = gradients(step);
      plain.at(step, true).apply(wanted.values, wanted.slots, places, ELEMENTS, g.clone());
      strong.at(step, false).apply(found.values, found.slots, places, ELEMENTS, g.clone());
    }
    wanted.assertSameBits(found);
    State other = State.of(plain);
    train(strong, other, 0, 6);
    boolean regularised = !strong.spec().equals(plain.spec());
    assertEquals(regularised, !Arrays.equals(wanted.values, other.values));
  }

  static Stream<OptimizerSpec> allButFtrl() {
    return all().filter(spec -> !spec.name().equals("ftrl"));
  }

  /**
   * Training rests where the loss and its penalties together are smallest: the loss is {@code a / 2
   * (w - c)^2}, whose best w with L1 and L2 is {@code sign(c) max(|a c| - l1, 0) / (a + l2)}.
   * FTRL's penalties are for the sum of all steps.
   */
  @ParameterizedTest
  @MethodSource("allButFtrl")
  void penaltiesMeanWhatTheySay(OptimizerSpec spec) {
    double l1 = 0.3;
    double l2 = 0.4;
    TreeMap<String, Double> values = new TreeMap<>(spec.hyperparameters());
    values.putAll(Map.of("learning_rate", 0.05, "l1", l1, "l2", l2, "weight_decay", 0.0));
    values.remove("clipvalue");
    if (values.containsKey("centered")) {
      values.put("epsilon", 0.01); // else it divides by the deviation of gradients that rest
    }
    Optional<String> falling =
        spec.name().equals("adagrad")
            ? Optional.empty()
            : Optional.of("piecewise boundaries=2000,4000 values=0.05,0.005,0.0005");
    Optimizer optimizer = Optimizers.of(new OptimizerSpec(spec.name(), values, falling));
    double[] a = {1, 0.5, 2, 1, 1, 3};
    double[] c = {1, -2, 0.1, 0.29, -0.5, -1};
    State state = State.of(optimizer);
    int[] places = IntStream.range(0, a.length).toArray();
    for (int step = 0; step < 6000; step++) {
      double[] g = new double[a.length];
      for (int i = 0; i < a.length; i++) {
        g[i] = a[i] * (state.values[i] - c[i]);
      }
      optimizer.at(step, true).apply(state.values, state.slots, places, a.length, g);
    }
    for (int i = 0; i < a.length; i++) {
      double best = Math.max(Math.abs(a[i] * c[i]) - l1, 0) / (a[i] + l2);
      assertEquals(Math.copySign(best, c[i]), state.values[i] + 0.0, 2e-3, spec + " " + i);
      assertEquals(best == 0, state.values[i] == 0, spec + " has a 0 that is exact, " + i);
    }
  }

  @ParameterizedTest
  @MethodSource("all")
  void clippingIsOfTheSum(OptimizerSpec spec) {
    TreeMap<String, Double> values = new TreeMap<>(spec.hyperparameters());
    values.put("clipvalue", 0.25);
    Optimizer clipped = Optimizers.of(new OptimizerSpec(spec.name(), values, spec.schedule()));
    values.remove("clipvalue");
    Optimizer plain = Optimizers.of(new OptimizerSpec(spec.name(), values, spec.schedule()));
    State wanted = State.of(plain);
    State found = State.of(plain);
    State unlimited = State.of(plain);
    int[] places = {0, 1, 2};
    for (int step = 0; step < 4; step++) {
      Update limits = clipped.at(step, true);
      Update none = plain.at(step, true);
      limits.apply(found.values, found.slots, places, 3, new double[] {7, -0.26, 0.1 * step});
      none.apply(
          wanted.values,
          wanted.slots,
          places,
          3,
          new double[] {0.25, -0.25, Math.min(0.1 * step, 0.25)});
      none.apply(unlimited.values, unlimited.slots, places, 3, new double[] {7, -0.26, 0.1 * step});
    }
    wanted.assertSameBits(found);
    assertNotEquals(Arrays.toString(unlimited.values), Arrays.toString(found.values));
  }
}
