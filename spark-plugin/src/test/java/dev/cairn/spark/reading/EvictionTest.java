package dev.cairn.spark.reading;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.cairn.spark.reading.Eviction.Bounds;
import dev.cairn.spark.reading.Eviction.Candidate;
import dev.cairn.spark.shard.ParameterLayout;
import dev.cairn.spark.shard.ParameterVariable;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Tests which models go, of several that are used or not for some time. */
class EvictionTest {
  private static final ParameterLayout LAYOUT =
      new ParameterLayout(List.of(ParameterVariable.table("weights", 10, 1)));
  private static final long SECOND = 1_000_000_000L;
  private static final Bounds WIDE = new Bounds(9, 900, 600 * SECOND);

  private static ReadableModel model(String name) {
    return new ReadableModel(name, "1", LAYOUT);
  }

  private static Candidate held(String name, long unusedSeconds) {
    return new Candidate(model(name), 100, true, false, false, unusedSeconds * SECOND);
  }

  private static List<String> victims(Bounds bounds, Candidate... all) {
    return Eviction.victims(Arrays.asList(all), bounds).stream()
        .map(ReadableModel::checkpoint)
        .toList();
  }

  @Test
  void nothingGoesWhileThereIsRoom() {
    assertEquals(List.of(), victims(WIDE, held("a", 500), held("b", 1)));
  }

  @Test
  void whatWasNotUsedForLongGoes() {
    assertEquals(List.of("a"), victims(WIDE, held("b", 600), held("a", 601)));
  }

  @Test
  void theLongestUnusedGoUntilTheOthersFit() {
    Candidate[] all = {held("b", 30), held("a", 40), held("c", 20), held("d", 1)};
    assertEquals(List.of("a"), victims(new Bounds(3, 900, 600 * SECOND), all));
    assertEquals(List.of("a", "b"), victims(new Bounds(9, 250, 600 * SECOND), all));
  }

  @Test
  void whatIsInUseStays() {
    Bounds none = new Bounds(0, 0, 600 * SECOND);
    Candidate copied = new Candidate(model("copied"), 100, true, false, true, 700 * SECOND);
    Candidate again = new Candidate(model("again"), 100, true, true, false, 700 * SECOND);
    assertEquals(List.of("old"), victims(none, held("asked", 5), copied, again, held("old", 6)));
  }

  /**
   * A model that is being loaded needs its room before it has it; one that failed to be loaded has
   * none.
   */
  @Test
  void roomIsMadeForWhatComes() {
    Candidate coming = new Candidate(model("coming"), 100, false, true, false, 0);
    Candidate failed = new Candidate(model("failed"), 100, false, false, false, 20 * SECOND);
    Bounds two = new Bounds(2, 900, 600 * SECOND);
    assertEquals(List.of("failed", "a"), victims(two, held("a", 10), failed, held("b", 9), coming));
    assertEquals(List.of("failed"), victims(two, held("a", 10), failed, coming));
  }
}
