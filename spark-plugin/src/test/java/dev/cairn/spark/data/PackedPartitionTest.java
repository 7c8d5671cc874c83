package dev.cairn.spark.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.checkpoint.model.FeatureScales;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * Packing loses nothing, and the order of the batches is a permutation that only seed and epoch
 * decide.
 */
class PackedPartitionTest {

  @Test
  void everySampleIsInOneBatchWithItsFeatures() {
    for (boolean plain : new boolean[] {true, false}) {
      RowChunk rows = SampleRows.random(103, plain, 8);
      int[] order = RowOrder.of(rows, 11);
      for (int batches : new int[] {1, 7, 103, 150}) {
        PackedPartition packed = PackedPartition.pack(3, rows, order, PackRules.plain(50, batches));
        assertEquals(batches, packed.batches());
        assertEquals(3, packed.partition());
        assertEquals(103, packed.samples());
        assertEquals(rows.ids().length, packed.nonZeros());
        int sample = 0;
        for (int b = 0; b < batches; b++) {
          Batch batch = packed.batch(b);
          int[] distinct = Arrays.copyOfRange(batch.ids(), batch.idsFrom(), batch.idsTo());
          assertArrayEquals(IntStream.of(distinct).distinct().sorted().toArray(), distinct);
          boolean[] used = new boolean[distinct.length];
          for (int i = batch.firstSample(); i < batch.firstSample() + batch.samples(); i++) {
            int from = order[sample++];
            assertEquals(rows.labels()[from], batch.labels()[i]);
            int count = rows.starts()[from + 1] - rows.starts()[from];
            assertEquals(count, batch.starts()[i + 1] - batch.starts()[i]);
            for (int k = 0; k < count; k++) {
              int column = batch.columns()[batch.starts()[i] + k];
              used[column] = true;
              assertEquals(rows.ids()[rows.starts()[from] + k], distinct[column]);
              float value = batch.values() == null ? 1 : batch.values()[batch.starts()[i] + k];
              assertEquals(rows.value(rows.starts()[from] + k), value);
            }
          }
          for (int i = 0; i < used.length; i++) {
            assertTrue(used[i]);
          }
        }
        assertEquals(103, sample);
      }
    }
  }

  /** Ids that need all digits of the sort. */
  @Test
  void sortsIdsOfAnySize() {
    RowChunkBuilder builder = new RowChunkBuilder();
    int[] ids = {0, 1, 2047, 2048, 1 << 22, (1 << 22) + 1, Integer.MAX_VALUE - 2};
    builder.add(1, (byte) 0, ids, null, ids.length);
    builder.add(2, (byte) 1, new int[] {2048}, null, 1);
    Batch batch =
        PackedPartition.pack(
                0, builder.drain(), new int[] {1, 0}, PackRules.plain(Integer.MAX_VALUE - 1, 1))
            .batch(0);
    assertEquals(7, batch.distinct());
    assertArrayEquals(new int[] {3, 0, 1, 2, 3, 4, 5, 6}, batch.columns());
    assertArrayEquals(ids, Arrays.copyOf(batch.ids(), 7));
  }

  @Test
  void refusesIdsOutsideTheFeatureSpace() {
    RowChunkBuilder builder = new RowChunkBuilder();
    builder.add(1, (byte) 0, new int[] {5}, null, 1);
    RowChunk rows = builder.drain();
    Exception e =
        assertThrows(
            IllegalArgumentException.class,
            () -> PackedPartition.pack(0, rows, new int[] {0}, PackRules.plain(5, 1)));
    assertTrue(e.getMessage().contains("expected 0 to 4, found 5"), e.getMessage());
  }

  /** Weights that are all the same count as no weights. */
  @Test
  void equalWeightsAreNone() {
    RowChunk rows = SampleRows.random(10, true, 1);
    float[] weights = new float[10];
    Arrays.fill(weights, 0.1f);
    RowChunk equal =
        new RowChunk(
            rows.hashes(),
            rows.labels(),
            rows.starts(),
            rows.ids(),
            rows.values(),
            weights,
            new float[0]);
    PackRules rules =
        new PackRules(
            LabelKind.BINARY, SampleRows.FEATURES, 1, FeatureScales.NONE, 1 / (double) 0.1f);
    int[] order = IntStream.range(0, 10).toArray();
    assertNull(PackedPartition.pack(0, equal, order, rules).batch(0).weights());
  }

  @Test
  void batchOrderIsAPermutationOfSeedAndEpoch() {
    for (int batches : new int[] {1, 2, 10, 1000}) {
      BatchOrder order = new BatchOrder(42, batches);
      for (int epoch = 0; epoch < 3; epoch++) {
        boolean[] seen = new boolean[batches];
        for (int i = 0; i < batches; i++) {
          seen[order.batch((long) epoch * batches + i)] = true;
        }
        for (boolean one : seen) {
          assertTrue(one);
        }
      }
    }
    // Asked for in any order, a step's batch is the same: a resumed run goes on with the next one.
    BatchOrder forward = new BatchOrder(7, 10);
    int[] wanted = IntStream.range(0, 50).map(forward::batch).toArray();
    BatchOrder backward = new BatchOrder(7, 10);
    for (int step = 49; step >= 0; step--) {
      assertEquals(wanted[step], backward.batch(step));
    }
    assertFalse(
        Arrays.equals(wanted, IntStream.range(0, 50).map(new BatchOrder(8, 10)::batch).toArray()));
    assertFalse(Arrays.equals(wanted, 0, 10, wanted, 10, 20));
    // Pinned: a change of this order would break resuming older checkpoints.
    assertArrayEquals(PINNED, Arrays.copyOf(wanted, 20));
  }

  /** Seed 7, epochs 0 and 1 of 10 batches, from a few lines of Python with the same formulas. */
  private static final int[] PINNED = {7, 4, 1, 2, 6, 9, 8, 5, 0, 3, 3, 9, 5, 6, 0, 4, 2, 8, 1, 7};

  @Test
  void everyFirstBatchIsEquallyLikely() {
    int[] counts = new int[5];
    for (int seed = 0; seed < 10_000; seed++) {
      counts[new BatchOrder(seed, 5).batch(0)]++;
    }
    for (int count : counts) {
      assertTrue(Math.abs(count - 2000) < 200, Arrays.toString(counts));
    }
  }

  @Test
  void stepArithmetic() {
    BatchOrder order = new BatchOrder(1, 7);
    for (long step : new long[] {0, 6, 7, 20, 7_000_000_000_000L + 3}) {
      assertEquals(step, order.step(order.epoch(step), order.position(step)));
    }
    assertEquals(2, order.epoch(20));
    assertEquals(6, order.position(20));
    assertEquals(21, order.step(2, 7));
    assertThrows(IllegalArgumentException.class, () -> order.step(0, 8));
    assertThrows(IllegalArgumentException.class, () -> order.batch(-1));
    assertEquals(1, BatchOrder.batchesPerEpoch(0, 10));
    assertEquals(3, BatchOrder.batchesPerEpoch(21, 10));
    assertEquals(2, BatchOrder.batchesPerEpoch(20, 10));
    assertThrows(IllegalArgumentException.class, () -> BatchOrder.batchesPerEpoch(1L << 40, 1));
  }
}
