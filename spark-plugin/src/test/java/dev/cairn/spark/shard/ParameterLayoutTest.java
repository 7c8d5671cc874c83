package dev.cairn.spark.shard;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

/** The arithmetic of blocks and owners: uneven, empty, scalar, more shards than blocks (S29). */
class ParameterLayoutTest {
  private static final ParameterLayout MIXED =
      new ParameterLayout(
          List.of(
              ParameterVariable.table("none", 0, 3),
              ParameterVariable.table("weights", 200_001, 1),
              ParameterVariable.table("empty", 0, 1),
              ParameterVariable.table("factors", 70_000, 7),
              ParameterVariable.scalar("bias")));

  @Test
  void blocksCoverEveryRowOnce() {
    int row = 0;
    for (int b = 0; b < MIXED.blocks(); b++) {
      ParameterLayout.Block block = MIXED.block(b);
      assertEquals(b, block.index());
      assertEquals(row, block.firstGlobalRow());
      for (int r : new int[] {0, block.rows() / 2, block.rows() - 1}) {
        if (block.rows() > 0) {
          assertEquals(b, MIXED.blockOfRow(row + r));
        }
      }
      row += block.rows();
    }
    assertEquals(MIXED.totalRows(), row);
    assertEquals(270_002, row);
    // 1 for each variable without rows, 4 of 65,536 rows, 9 of 8,192 rows (of 28 bytes), 1.
    assertEquals(1 + 4 + 1 + 9 + 1, MIXED.blocks());
    assertEquals(0, MIXED.block(0).rows());
  }

  @Test
  void blockSizeIsAPowerOfTwoThatDependsOnTheShapeAlone() {
    assertEquals(1 << 16, ParameterLayout.rowsPerBlock(1 << 22, 1));
    assertEquals(1 << 16, ParameterLayout.rowsPerBlock(1, 1));
    assertEquals(1 << 16, ParameterLayout.rowsPerBlock(1L << 28, 1));
    assertEquals(1 << 17, ParameterLayout.rowsPerBlock((1L << 28) + 1, 1));
    assertEquals(1 << 19, ParameterLayout.rowsPerBlock(Integer.MAX_VALUE, 1));
    assertEquals(1, ParameterLayout.rowsPerBlock(1000, 1 << 20));
    assertEquals(1 << 10, ParameterLayout.rowsPerBlock(1000, 64));
  }

  @Test
  void countsElementsOfMixedWidths() {
    int[] rows = {0, 5, 200_000, 200_001, 200_003, 270_001};
    assertEquals(3 + 2 * 7 + 1, MIXED.elements(rows, 0, rows.length));
    assertEquals(1 + 7, MIXED.elements(rows, 2, 4));
    assertEquals(0, MIXED.elements(rows, 2, 2));
  }

  @Test
  void everyNumberOfShardsCoversTheLayout() {
    for (int shards = 1; shards <= 40; shards++) {
      ShardAssignment assignment = ShardAssignment.balanced(MIXED, 7, shards);
      assertEquals(shards, assignment.shards());
      int block = 0;
      int row = 0;
      for (int s = 0; s < shards; s++) {
        assertEquals(block, assignment.firstBlock(s));
        assertEquals(row, assignment.firstRow(s));
        block = assignment.endBlock(s);
        row = assignment.endRow(s);
        if (assignment.firstRow(s) < row) {
          assertEquals(s, assignment.shardOfRow(assignment.firstRow(s)));
          assertEquals(s, assignment.shardOfRow(row - 1));
        }
      }
      assertEquals(MIXED.blocks(), block);
      assertEquals(MIXED.totalRows(), row);
    }
  }

  @Test
  void balancesBytes() {
    ParameterLayout layout =
        new ParameterLayout(
            List.of(ParameterVariable.table("weights", 1 << 22, 1), ParameterVariable.scalar("b")));
    for (int shards : new int[] {2, 3, 5, 8}) {
      ShardAssignment assignment = ShardAssignment.balanced(layout, 0, shards);
      for (int s = 0; s < shards; s++) {
        int rows = assignment.endRow(s) - assignment.firstRow(s);
        assertTrue(Math.abs(rows - (1 << 22) / shards) <= 1 << 16, shards + ": " + rows);
      }
    }
  }

  @Test
  void splitsSortedRowsByOwner() {
    ShardAssignment assignment = ShardAssignment.balanced(MIXED, 0, 3);
    int[] rows = {9, 0, 1, assignment.firstRow(1) - 1, assignment.firstRow(1), 270_001};
    assertArrayEquals(new int[] {1, 4, 5, 6}, assignment.split(rows, 1, 6));
    assertArrayEquals(new int[] {5, 5, 5, 5}, assignment.split(rows, 5, 5));
    assertThrows(
        IndexOutOfBoundsException.class, () -> assignment.split(new int[] {270_002}, 0, 1));
  }

  @Test
  void equalByContent() {
    ShardAssignment assignment = ShardAssignment.balanced(MIXED, 3, 2);
    assertEquals(assignment, new ShardAssignment(MIXED, 3, assignment.blockBounds()));
    assertEquals(MIXED, new ParameterLayout(MIXED.variables()));
  }

  @Test
  void refusesNonsense() {
    assertThrows(IllegalArgumentException.class, () -> ParameterVariable.table("", 1, 1));
    assertThrows(IllegalArgumentException.class, () -> ParameterVariable.table("w", -1, 1));
    assertThrows(IllegalArgumentException.class, () -> ParameterVariable.table("w", 1, 0));
    assertThrows(
        IllegalArgumentException.class,
        () -> new ParameterVariable("w", 2, 1, 0, false, Initializer.ZEROS));
    ParameterVariable big = ParameterVariable.table("big", 1L << 40, 1);
    assertThrows(IllegalArgumentException.class, () -> new ParameterLayout(List.of(big)));
    ParameterVariable w = ParameterVariable.table("w", 1, 1);
    assertThrows(IllegalArgumentException.class, () -> new ParameterLayout(List.of(w, w)));
    assertThrows(IndexOutOfBoundsException.class, () -> MIXED.blockOfRow(270_002));
    assertThrows(IndexOutOfBoundsException.class, () -> MIXED.block(16));
    assertThrows(
        IllegalArgumentException.class, () -> new ShardAssignment(MIXED, 0, new int[] {0, 5}));
    assertThrows(
        IllegalArgumentException.class,
        () -> new ShardAssignment(MIXED, 0, new int[] {0, 9, 5, 16}));
  }
}
