package dev.cairn.spark.shard;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The arrays of a shard's blocks, copied before a write if a frozen shard still reads them. Not
 * thread-safe: {@link ParameterShard} locks.
 *
 * <p>Part 0 of a block is its values, part 1 + s its slot s.
 */
final class BlockTable {
  private final ParameterLayout layout;
  private final int firstBlock;
  private final RowOptimizer optimizer;
  private final RowOptimizer unregularized;
  private final ParameterLayout.Block[] blocks;
  private final BlockArray[][] arrays;
  private final float[][] slotArrays;
  private long copiedBytes;

  BlockTable(ParameterLayout layout, int firstBlock, int endBlock, RowOptimizer optimizer) {
    if (firstBlock < 0 || firstBlock > endBlock || endBlock > layout.blocks()) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "Cannot create shard: expected a range of blocks within 0 to %d, found %d to %d",
              layout.blocks(),
              firstBlock,
              endBlock));
    }
    this.layout = layout;
    this.firstBlock = firstBlock;
    this.optimizer = optimizer;
    this.unregularized = optimizer.withoutRegularization();
    int slots = optimizer.slots().size();
    this.blocks = new ParameterLayout.Block[endBlock - firstBlock];
    this.arrays = new BlockArray[blocks.length][1 + slots];
    this.slotArrays = new float[slots][];
    for (int b = 0; b < blocks.length; b++) {
      blocks[b] = layout.block(firstBlock + b);
      arrays[b][0] = new BlockArray(new float[blocks[b].elements()]);
      for (int s = 0; s < slots; s++) {
        float[] data = new float[blocks[b].elements()];
        Arrays.fill(data, optimizer.slotInitial(s));
        arrays[b][1 + s] = new BlockArray(data);
      }
    }
  }

  /** Bytes copied before writes so far. */
  long copiedBytes() {
    return copiedBytes;
  }

  /** See {@link ParameterShard#gather}. */
  int gather(int[] rows, int from, int to, float[] out, int outOffset) {
    int next = from;
    int at = outOffset;
    while (next < to) {
      int b = ownedBlock(layout.blockOfRow(rows[next]));
      int width = blocks[b].variable().width();
      int first = blocks[b].firstGlobalRow();
      int end = first + blocks[b].rows();
      float[] data = arrays[b][0].data;
      if (width == 1) {
        for (; next < to && rows[next] < end; next++) {
          out[at++] = data[rows[next] - first];
        }
      } else {
        for (; next < to && rows[next] < end; next++) {
          System.arraycopy(data, (rows[next] - first) * width, out, at, width);
          at += width;
        }
      }
    }
    return at;
  }

  /**
   * Applies summed gradients to rows of one block.
   *
   * @param block number of the block in the layout
   * @param places positions in the block, all distinct
   * @param count how many there are
   * @param gradients summed gradient of the number at each of the places
   */
  void apply(int block, int[] places, int count, double[] gradients) {
    int b = ownedBlock(block);
    float[] values = writable(b, 0);
    for (int s = 0; s < slotArrays.length; s++) {
      slotArrays[s] = writable(b, 1 + s);
    }
    (blocks[b].variable().scalar() ? unregularized : optimizer)
        .apply(values, slotArrays, places, count, gradients);
  }

  /** See {@link ParameterShard#loadBlock}. */
  void load(int block, Optional<String> slot, float[] values) {
    int b = ownedBlock(block);
    int part = slot.isEmpty() ? 0 : 1 + optimizer.slots().indexOf(slot.get());
    if (slot.isPresent() && part == 0) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "Cannot load block %d: unknown slot, expected one of %s, found %s",
              block,
              optimizer.slots(),
              slot.get()));
    }
    if (values.length != blocks[b].elements()) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "Cannot load block %d of variable %s: expected %d numbers, found %d",
              block,
              blocks[b].variable().name(),
              blocks[b].elements(),
              values.length));
    }
    arrays[b][part] = replaced(arrays[b][part], values);
  }

  private static BlockArray replaced(BlockArray array, float[] values) {
    if (array.shared()) {
      return new BlockArray(values.clone());
    }
    System.arraycopy(values, 0, array.data, 0, values.length);
    return array;
  }

  /** See {@link ParameterShard#freeze}. */
  FrozenShard freeze() {
    List<FrozenShard.Entry> entries = new ArrayList<>();
    int next = 0;
    while (next < blocks.length) {
      ParameterVariable variable = blocks[next].variable();
      int end = next;
      while (end < blocks.length && blocks[end].variable().equals(variable)) {
        end++;
      }
      for (int part = 0; part <= slotArrays.length; part++) {
        for (int b = next; b < end; b++) {
          arrays[b][part].retain();
          entries.add(new FrozenShard.Entry(blocks[b], slotName(part), arrays[b][part]));
        }
      }
      next = end;
    }
    return new FrozenShard(entries);
  }

  private Optional<String> slotName(int part) {
    return part == 0 ? Optional.empty() : Optional.of(optimizer.slots().get(part - 1));
  }

  private float[] writable(int b, int part) {
    BlockArray array = arrays[b][part];
    if (array.shared()) {
      array = new BlockArray(array.data.clone());
      arrays[b][part] = array;
      copiedBytes += (long) Float.BYTES * array.data.length;
    }
    return array.data;
  }

  private int ownedBlock(int block) {
    int b = block - firstBlock;
    if (b < 0 || b >= blocks.length) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "Cannot touch block %d: this shard owns the blocks from %d to before %d",
              block,
              firstBlock,
              firstBlock + blocks.length));
    }
    return b;
  }
}
