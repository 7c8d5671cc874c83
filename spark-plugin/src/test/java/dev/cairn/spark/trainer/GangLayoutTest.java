package dev.cairn.spark.trainer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Tests which executor works on which cached partitions. */
class GangLayoutTest {

  private static List<List<String>> onOneEach(String... executors) {
    return Arrays.stream(executors).map(List::of).toList();
  }

  /**
   * One of the two executors that have a partition works on it; one without any takes what is left.
   */
  @Test
  void gangUsesAnyCopy() {
    List<GangLayout.Seat> seats =
        List.of(new GangLayout.Seat("0", "a", 1), new GangLayout.Seat("1", "b", 1));
    GangLayout layout =
        GangLayout.of(
            List.of(List.of("0", "1"), List.of("1", "0"), List.of("1"), List.of("7")), seats);
    assertEquals(List.of(0, 1), layout.tasks().get(0).partitions());
    assertEquals(List.of(2, 3), layout.tasks().get(1).partitions());
  }

  @Test
  void gangKeepsCachedPartitionsAtHomeAndLoadsEven() {
    List<GangLayout.Seat> seats =
        List.of(new GangLayout.Seat("0", "a", 1), new GangLayout.Seat("1", "b", 1));
    GangLayout layout = GangLayout.of(onOneEach("1", "0", "1", "0", "1", "1", "1"), seats);
    assertEquals(2, layout.tasks().size());
    // Executor 1 caches five of seven; two of them move so that the load is 4 and 3.
    assertEquals(List.of(1, 3, 5, 6), layout.tasks().get(0).partitions());
    assertEquals(List.of(0, 2, 4), layout.tasks().get(1).partitions());
    assertArrayEquals(
        new int[] {1, 1, 1},
        GangLayout.of(
                onOneEach("0", "0", "0"),
                List.of(
                    new GangLayout.Seat("0", "a", 2),
                    new GangLayout.Seat("1", "b", 2),
                    new GangLayout.Seat("2", "c", 2)))
            .tasks()
            .stream()
            .mapToInt(t -> t.partitions().size())
            .toArray());
    assertThrows(IllegalArgumentException.class, () -> GangLayout.of(onOneEach("0"), List.of()));
  }
}
