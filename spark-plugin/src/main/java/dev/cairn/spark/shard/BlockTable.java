package dev.cairn.spark.shard;

import dev.cairn.spark.optimizer.Optimizer;
import dev.cairn.spark.optimizer.SlotSpec;
import dev.cairn.spark.optimizer.Update;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The blocks of a shard by their numbers in the layout. Not thread-safe: {@link ParameterShard}
 * locks.
 *
 * <p>Part 0 of a block is its values, part 1 + s its slot s.
 */
final class BlockTable {
  private final ParameterLayout layout;
  private final int firstBlock;
  private final ParameterLayout.Block[] blocks;

  /** The variable of each block, by position in the layout. */
  private final int[] variables;

  private final LiveBlock[] live;

  /** The optimizer of each variable of the layout. */
  private final Optimizer[] optimizers;

  private long copiedBytes;

  BlockTable(ParameterLayout layout, int firstBlock, int endBlock, Optimizer optimizer) {
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
    this.optimizers =
        layout.variables().stream().map(v -> optimizer.of(v.name())).toArray(Optimizer[]::new);
    this.blocks = new ParameterLayout.Block[endBlock - firstBlock];
    this.variables = new int[blocks.length];
    this.live = new LiveBlock[blocks.length];
    int v = 0;
    for (int b = 0; b < blocks.length; b++) {
      while (layout.firstBlock(v + 1) <= firstBlock + b) {
        v++;
      }
      variables[b] = v;
      blocks[b] = layout.block(firstBlock + b);
      live[b] = new LiveBlock(blocks[b].elements(), slots(b).size());
    }
  }

  /** See {@link ParameterShard#initialise}. */
  void initialise() {
    for (int b = 0; b < blocks.length; b++) {
      float[] values = new float[blocks[b].elements()];
      ParameterVariable variable = blocks[b].variable();
      variable.initial().fill(blocks[b].firstRow() * variable.width(), values);
      live[b].load(0, values);
    }
    initialiseSlots();
  }

  /** See {@link ParameterShard#initialiseSlots}. */
  void initialiseSlots() {
    for (int b = 0; b < blocks.length; b++) {
      List<SlotSpec> slots = slots(b);
      for (int s = 0; s < slots.size(); s++) {
        float[] data = new float[blocks[b].elements()];
        Arrays.fill(data, slots.get(s).initial());
        live[b].load(1 + s, data);
      }
    }
  }

  /** The bytes that were kept for frozen shards before writes so far. */
  long copiedBytes() {
    return copiedBytes;
  }

  /** See {@link ParameterShard#gather}. */
  int gather(int[] rows, int from, int to, float[] out, int outOffset) {
    int next = from;
    int at = outOffset;
    while (next < to) {
      int v = layout.variableOfRow(rows[next]);
      int end = ParameterLayout.lowerBound(rows, next, to, layout.firstRow(v + 1));
      ownedBlock(layout.blockOfRow(rows[next]));
      ownedBlock(layout.blockOfRow(rows[end - 1]));
      int width = layout.width(v);
      if (width == 1) {
        gatherNarrow(v, rows, next, end, out, at);
      } else {
        gatherWide(v, width, rows, next, end, out, at);
      }
      at += (end - next) * width;
      next = end;
    }
    return at;
  }

  /**
   * Gathers rows of one number. A visit to a block finds few rows, so finding the block must be
   * cheap.
   */
  private void gatherNarrow(int v, int[] rows, int from, int to, float[] out, int outOffset) {
    int shift = layout.blockShift(v);
    int lastInBlock = (1 << shift) - 1;
    int firstOfVariable = layout.firstRow(v);
    int b = layout.firstBlock(v) - firstBlock;
    int shiftOut = outOffset - from;
    int next = from;
    while (next < to) {
      int in = (rows[next] - firstOfVariable) >>> shift;
      int first = firstOfVariable + (in << shift);
      float[] data = live[b + in].values();
      for (; next < to && rows[next] - first <= lastInBlock; next++) {
        out[next + shiftOut] = data[rows[next] - first];
      }
    }
  }

  private void gatherWide(
      int v, int width, int[] rows, int from, int to, float[] out, int outOffset) {
    int shift = layout.blockShift(v);
    int first = layout.firstRow(v);
    int b = layout.firstBlock(v) - firstBlock;
    int at = outOffset;
    for (int i = from; i < to; i++) {
      int row = rows[i] - first;
      float[] data = live[b + (row >>> shift)].values();
      System.arraycopy(data, (row & ((1 << shift) - 1)) * width, out, at, width);
      at += width;
    }
  }

  /**
   * Begins a step.
   *
   * @param step the number of updates that were done before it
   * @param squares the sum of the squares of each variable's gradients; none if no norm is limited
   */
  Step step(long step, double[] squares) {
    return new Step(step, squares);
  }

  /** The factors for each variable's gradients by which limits of the norm hold. */
  private double[] normsLeave(double[] squares) {
    double[] left = new double[optimizers.length];
    for (int v = 0; v < left.length; v++) {
      Optimizer own = optimizers[v];
      left[v] =
          switch (own.norm()) {
            case NONE -> 1;
            case VARIABLE -> own.normLeaves(squares[v]);
            case ALL -> own.normLeaves(squaresOfAll(own, squares));
          };
    }
    return left;
  }

  /** The sum of the squares of the variables that have the optimizer. */
  private double squaresOfAll(Optimizer own, double[] squares) {
    double all = 0;
    for (int v = 0; v < optimizers.length; v++) {
      if (optimizers[v] == own) {
        all += squares[v];
      }
    }
    return all;
  }

  private List<SlotSpec> slots(int b) {
    return optimizers[variables[b]].slots();
  }

  /** One step of this shard. */
  final class Step implements GradientSum.Taker {
    /** The update of each variable of the layout. */
    private final Update[] updates;

    private final double[] left;

    private Step(long step, double[] squares) {
      this.updates = new Update[optimizers.length];
      for (int v = 0; v < updates.length; v++) {
        updates[v] = optimizers[v].at(step, layout.variables().get(v).regularised());
      }
      this.left = normsLeave(squares);
    }

    /** Whether a variable's numbers without a gradient are changed, too. */
    boolean dense(int variable) {
      return optimizers[variable].dense();
    }

    /**
     * Applies summed gradients to rows of one block.
     *
     * @throws NotFiniteException naming a number that is not finite afterwards
     */
    @Override
    public void take(int block, int[] places, int count, double[] gradients) {
      int b = ownedBlock(block);
      double part = left[variables[b]];
      if (part != 1) {
        for (int i = 0; i < count; i++) {
          gradients[i] *= part;
        }
      }
      try {
        copiedBytes += live[b].apply(updates[variables[b]], places, count, gradients);
      } catch (NotFiniteException e) {
        throw e.in(blocks[b]);
      }
    }
  }

  /** See {@link ParameterShard#loadBlock}. */
  void load(int block, Optional<String> slot, float[] values) {
    int b = ownedBlock(block);
    int part = slot.isEmpty() ? 0 : 1 + slotNames(b).indexOf(slot.get());
    if (slot.isPresent() && part == 0) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "Cannot load block %d: unknown slot, expected one of %s, found %s",
              block,
              slotNames(b),
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
    live[b].load(part, values);
  }

  /** See {@link ParameterShard#adopt}. */
  long adopt(FrozenShard.Entry entry) {
    int b = entry.block().index() - firstBlock;
    LiveBlock theirs = entry.view().block();
    if (b < 0
        || b >= blocks.length
        || !entry.block().equals(blocks[b])
        || !live[b].empty()
        || theirs.parts() != 1 + slots(b).size()
        || !entry.view().rollBack()) {
      return 0;
    }
    live[b] = theirs;
    return (long) Float.BYTES * blocks[b].elements() * theirs.parts();
  }

  /**
   * Visits the parts of all blocks, one after the other, in the order in which they lie on disk.
   */
  private interface PartVisitor {
    void visit(int b, int part);
  }

  private void inDiskOrder(PartVisitor visitor) {
    int next = 0;
    while (next < blocks.length) {
      ParameterVariable variable = blocks[next].variable();
      int end = next;
      while (end < blocks.length && blocks[end].variable().equals(variable)) {
        end++;
      }
      for (int part = 0; part <= slots(next).size(); part++) {
        for (int b = next; b < end; b++) {
          visitor.visit(b, part);
        }
      }
      next = end;
    }
  }

  /** See {@link ParameterShard#missing}. */
  List<ParameterShard.Piece> missing() {
    List<ParameterShard.Piece> pieces = new ArrayList<>();
    inDiskOrder(
        (b, part) -> {
          if (!live[b].has(part)) {
            pieces.add(new ParameterShard.Piece(blocks[b], slotName(b, part)));
          }
        });
    return pieces;
  }

  /** See {@link ParameterShard#freeze}. */
  FrozenShard freeze() {
    LiveBlock.View[] views = new LiveBlock.View[blocks.length];
    for (int b = 0; b < blocks.length; b++) {
      views[b] = live[b].freeze();
    }
    List<FrozenShard.Entry> entries = new ArrayList<>();
    inDiskOrder(
        (b, part) ->
            entries.add(new FrozenShard.Entry(blocks[b], slotName(b, part), part, views[b])));
    return new FrozenShard(entries);
  }

  private Optional<String> slotName(int b, int part) {
    return part == 0 ? Optional.empty() : Optional.of(slots(b).get(part - 1).name());
  }

  private List<String> slotNames(int b) {
    return slots(b).stream().map(SlotSpec::name).toList();
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
