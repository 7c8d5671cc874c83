package dev.cairn.spark.shard;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Every block has one owner, shares are even, and little moves. */
final class ReassignmentTest {
  private static final ParameterLayout LAYOUT =
      new ParameterLayout(
          List.of(
              ParameterVariable.table("w", 65_536 * 60 - 5, 1),
              ParameterVariable.table("none", 0, 3),
              ParameterVariable.scalar("b")));

  private static int[] ownerOf(int[] bounds, int[] owners) {
    int[] ownerOf = new int[LAYOUT.blocks()];
    Arrays.fill(ownerOf, -2);
    for (int s = 0; s < owners.length; s++) {
      Arrays.fill(ownerOf, bounds[s], bounds[s + 1], owners[s]);
    }
    return ownerOf;
  }

  private static int[] identity(int n) {
    int[] numbers = new int[n];
    Arrays.setAll(numbers, i -> i);
    return numbers;
  }

  @Test
  void survivorsKeepWhatTheyHaveAndShareTheRest() {
    int[] bounds = ShardAssignment.balanced(LAYOUT, 1, 3).blockBounds();
    int[] before = ownerOf(bounds, identity(3));
    // The first one is lost; the others are members 0 and 1 now.
    Reassignment plan = Reassignment.plan(LAYOUT, bounds, new int[] {-1, 0, 1}, 2, false);
    int[] after = ownerOf(plan.bounds(), plan.owners());
    int[] has = new int[2];
    for (int b = 0; b < after.length; b++) {
      has[after[b]]++;
      assertTrue(before[b] == 0 || after[b] == before[b] - 1, "block " + b + " need not move");
    }
    assertTrue(Math.abs(has[0] - has[1]) <= 3, Arrays.toString(has));
  }

  @Test
  void whoeverJoinsGetsItsShareAndNothingElseMoves() {
    int[] bounds = ShardAssignment.balanced(LAYOUT, 1, 2).blockBounds();
    Reassignment same = Reassignment.plan(LAYOUT, bounds, identity(2), 2, true);
    assertArrayEquals(bounds, same.bounds());
    Reassignment plan = Reassignment.plan(LAYOUT, bounds, identity(2), 3, true);
    int[] before = ownerOf(bounds, identity(2));
    int[] after = ownerOf(plan.bounds(), plan.owners());
    int moved = 0;
    int share = 0;
    for (int b = 0; b < after.length; b++) {
      moved += before[b] == after[b] ? 0 : 1;
      share += after[b] == 2 ? 1 : 0;
    }
    assertEquals(share, moved);
    assertTrue(share >= 18 && share <= 22, "a third of 60 blocks: " + share);
    Reassignment left = Reassignment.plan(LAYOUT, bounds, identity(2), 3, false);
    assertTrue(Arrays.stream(left.owners()).noneMatch(owner -> owner == 2));
  }

  /** A thousand random lives: always complete, even enough, few shards, and within the bound. */
  @Test
  void anyLife() {
    Random random = new Random(7);
    List<Integer> people = new ArrayList<>(List.of(0, 1, 2, 3));
    int next = 4;
    int[] bounds = ShardAssignment.balanced(LAYOUT, 1, 4).blockBounds();
    List<Integer> owners = new ArrayList<>(people);
    for (int round = 0; round < 1000; round++) {
      if (people.size() > 1 && (people.size() > 6 || random.nextBoolean())) {
        people.remove(random.nextInt(people.size()));
      } else {
        people.add(next++);
      }
      int[] now = owners.stream().mapToInt(people::indexOf).toArray();
      Reassignment plan = Reassignment.plan(LAYOUT, bounds, now, people.size(), true);
      ShardAssignment checked = new ShardAssignment(LAYOUT, round, plan.bounds());
      assertTrue(checked.shards() <= 4 * people.size(), "shards: " + checked.shards());
      long[] has = new long[people.size()];
      for (int s = 0; s < checked.shards(); s++) {
        assertTrue(checked.firstBlock(s) < checked.endBlock(s) || people.size() > 60);
        has[plan.owners()[s]] += checked.endRow(s) - checked.firstRow(s);
      }
      long most = Arrays.stream(has).max().orElseThrow();
      long share = LAYOUT.totalRows() / people.size();
      assertTrue(most <= share + 2 * 65_536, "round " + round + " " + Arrays.toString(has));
      bounds = plan.bounds();
      owners = Arrays.stream(plan.owners()).mapToObj(people::get).toList();
    }
  }

  @Test
  void nobodyIsRefused() {
    int[] bounds = {0, LAYOUT.blocks()};
    assertThrows(
        IllegalArgumentException.class,
        () -> Reassignment.plan(LAYOUT, bounds, new int[] {-1}, 0, true));
    assertThrows(
        IllegalArgumentException.class,
        () -> Reassignment.plan(LAYOUT, bounds, new int[] {0, 0}, 1, true));
  }
}
