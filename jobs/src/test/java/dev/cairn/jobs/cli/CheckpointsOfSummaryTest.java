package dev.cairn.jobs.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Tests the lines on checkpoints at the end of a run. */
final class CheckpointsOfSummaryTest {
  private static List<RunWatch.Committed> made(int count) {
    List<RunWatch.Committed> made = new ArrayList<>();
    for (int i = 1; i <= count; i++) {
      made.add(new RunWatch.Committed("/runs/a/ckpt-" + i * 100, i * 100, 1 << 20, 3, 40));
    }
    return made;
  }

  @Test
  void whatRetentionHasDeletedIsNotListed() {
    List<String> lines =
        Summary.checkpoints(
            made(12), path -> path.endsWith("-1100") || path.endsWith("-1200"), "/runs/a");
    assertEquals("12 checkpoints committed in /runs/a, the newest 2 that are kept:", lines.get(0));
    assertEquals(4, lines.size(), lines.toString());
    assertTrue(lines.get(2).endsWith("ckpt-1100"), lines.toString());
    assertFalse(lines.toString().contains("ckpt-1000"), lines.toString());
  }

  @Test
  void allAreListedWhenAllAreThere() {
    List<String> lines = Summary.checkpoints(made(3), path -> true, "/runs/a");
    assertEquals("3 checkpoints committed in /runs/a", lines.get(0));
    assertEquals(5, lines.size(), lines.toString());
    assertEquals(
        List.of("0 checkpoints committed in /runs/a"),
        Summary.checkpoints(List.of(), path -> true, "/runs/a"));
    assertEquals(
        "1 checkpoint committed in /runs/a",
        Summary.checkpoints(made(1), p -> true, "/runs/a").get(0));
  }
}
