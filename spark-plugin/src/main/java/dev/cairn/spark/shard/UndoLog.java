package dev.cairn.spark.shard;

import java.util.Arrays;

/**
 * The numbers of a block as they were before they were first changed, with which the changed block
 * is turned back. It grows with the numbers that are touched, not with the block. Not thread-safe:
 * {@link LiveBlock} locks.
 */
final class UndoLog {
  private static final int FIRST = 16;

  private final int most;
  private final long[] seen;
  private final float[][] before;
  private int[] places;
  private int count;

  /**
   * Makes an empty log.
   *
   * @param elements the number of numbers in each part of the block
   * @param parts the number of parts: the values, and the slots
   * @param most the most numbers of a part that it may hold
   */
  UndoLog(int elements, int parts, int most) {
    this.most = most;
    this.seen = new long[(elements + Long.SIZE - 1) / Long.SIZE];
    this.before = new float[parts][Math.min(FIRST, most)];
    this.places = new int[Math.min(FIRST, most)];
  }

  /**
   * Keeps the numbers at some places, except those that are here already.
   *
   * @param parts the block's arrays before they are changed
   * @return false when that would be more than the most; some are kept then, and those are right
   */
  boolean keep(float[][] parts, int[] changing, int changes) {
    for (int i = 0; i < changes; i++) {
      int place = changing[i];
      long bit = 1L << place;
      if ((seen[place >>> 6] & bit) != 0) {
        continue;
      }
      if (count == places.length && !grow()) {
        return false;
      }
      seen[place >>> 6] |= bit;
      places[count] = place;
      for (int part = 0; part < parts.length; part++) {
        before[part][count] = parts[part][place];
      }
      count++;
    }
    return true;
  }

  private boolean grow() {
    if (count == most) {
      return false;
    }
    int size = Math.min(2 * count, most);
    places = Arrays.copyOf(places, size);
    for (int part = 0; part < before.length; part++) {
      before[part] = Arrays.copyOf(before[part], size);
    }
    return true;
  }

  /** Writes the numbers that are kept of one part over an array that was changed since. */
  void undo(int part, float[] numbers) {
    float[] kept = before[part];
    for (int i = 0; i < count; i++) {
      numbers[places[i]] = kept[i];
    }
  }

  /** The places of which numbers are kept; only the first {@link #count} are meant. */
  int[] places() {
    return places;
  }

  /** The number of numbers of each part that are kept. */
  int count() {
    return count;
  }
}
