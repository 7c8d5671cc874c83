package dev.cairn.jobs.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The arithmetic of the tables. */
final class PairsTest {

  @Test
  void medianOfOddAndEven() {
    assertEquals(3, new Samples(9, 1, 3).median());
    assertEquals(2.5, new Samples(4, 1, 3, 2).median());
    assertEquals(7, new Samples(7).median());
    assertThrows(IllegalArgumentException.class, Samples::new);
  }

  @Test
  void percentileIsAMeasuredValue() {
    double[] hundred = new double[100];
    for (int i = 0; i < 100; i++) {
      hundred[i] = 100 - i;
    }
    assertEquals(99, new Samples(hundred).percentile(99));
    assertEquals(1, new Samples(hundred).percentile(0));
    assertEquals(100, new Samples(hundred).percentile(100));
    assertEquals("50.5 (1.0 .. 100.0) ms", new Samples(hundred).show("%.1f", "ms"));
  }

  /** The median of the ratios, which is not the ratio of the medians. */
  @Test
  void ratiosAreTakenWithinPairs() {
    Pairs pairs = new Pairs().add(10, 10).add(1, 2).add(90, 100);
    assertEquals(0.9, pairs.ratios().median(), 1e-12);
    assertEquals(1, pairs.ours().median() / pairs.theirs().median(), 1e-12);
    assertEquals("no", Row.ratioAtLeast(0.95, "P1", "x", pairs).verdict());
    assertEquals("yes", Row.ratioAtLeast(0.9, "P1", "x", pairs).verdict());
  }

  @Test
  void sidesTakeTurnsAfterOneThatWarmsUp() throws Exception {
    List<String> order = new ArrayList<>();
    Pairs pairs = Pairs.run(2, () -> note(order, "a"), () -> note(order, "b"));
    assertEquals(List.of("b", "a", "a", "b", "b", "a"), order);
    // Measured values are how many had been measured then: a3 b4, b5 a6.
    assertEquals(new Pairs().add(3, 4).add(6, 5).ratios().median(), pairs.ratios().median());
  }

  private static double note(List<String> order, String side) {
    order.add(side);
    return order.size();
  }

  @Test
  void rowsTravelAsLines() {
    Row row = Row.atMost(0.3, 0.25, "ms", "P6", "a step", "one", "two");
    assertEquals(row, Row.parse(row.line()));
    assertEquals("<= 0.3 ms", row.wanted());
    assertEquals("yes", row.verdict());
    Row note = Row.note("JMH", "x", "1 ns");
    assertEquals(note, Row.parse(note.line()));
  }
}
