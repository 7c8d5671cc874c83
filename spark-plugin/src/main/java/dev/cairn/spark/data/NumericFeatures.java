package dev.cairn.spark.data;

import java.io.Serializable;
import java.util.Arrays;
import java.util.Locale;

/**
 * The numeric features of some rows: those with a value other than 0 and 1; if there are more than
 * can be scaled, only some of them, but still more than can be. Immutable.
 *
 * @param ids their ids, ascending
 * @param largest the largest absolute value of each that is not 1
 */
record NumericFeatures(int[] ids, float[] largest) implements Serializable {
  /** The most features that can be scaled. */
  static final int MOST = 1 << 20;

  static final NumericFeatures NONE = new NumericFeatures(new int[0], new float[0]);

  /** The numeric features of these and of other rows. */
  NumericFeatures plus(NumericFeatures other) {
    if (ids.length == 0 || other.ids.length == 0) {
      return ids.length == 0 ? other : this;
    }
    int[] all = new int[ids.length + other.ids.length];
    float[] most = new float[all.length];
    int count = 0;
    int a = 0;
    int b = 0;
    while (count <= MOST && (a < ids.length || b < other.ids.length)) {
      boolean mine = b == other.ids.length || (a < ids.length && ids[a] <= other.ids[b]);
      boolean theirs = a == ids.length || (b < other.ids.length && other.ids[b] <= ids[a]);
      all[count] = mine ? ids[a] : other.ids[b];
      most[count++] = Math.max(mine ? largest[a] : 0, theirs ? other.largest[b] : 0);
      a += mine ? 1 : 0;
      b += theirs ? 1 : 0;
    }
    return new NumericFeatures(Arrays.copyOf(all, count), Arrays.copyOf(most, count));
  }

  /** The place of a feature, at {@code from} or later; negative if it is not numeric. */
  int find(int id, int from) {
    return Arrays.binarySearch(ids, from, ids.length, id);
  }

  /** Refuses more features than can be scaled. */
  void check() {
    if (ids.length > MOST) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "Cannot standardize features: expected at most %d numeric ones (with values other"
                  + " than 0 and 1), found more; set standardization to false, or scale the values"
                  + " before",
              MOST));
    }
  }

  /** Finds the numeric features: an open hash table of ids. Not thread-safe. */
  static final class Finder {
    private static final int FREE = -1;

    private int[] ids = new int[64];
    private float[] largest = new float[64];
    private int count;

    Finder() {
      Arrays.fill(ids, FREE);
    }

    /** Adds the numeric features of rows. */
    void add(RowChunk rows) {
      float[] values = rows.values();
      for (int k = 0; k < values.length; k++) {
        if (values[k] != 1f) {
          add(rows.ids()[k], Math.abs(values[k]));
        }
      }
    }

    private void add(int id, float size) {
      int at = place(id);
      if (ids[at] == FREE) {
        if (count > MOST) {
          return;
        }
        ids[at] = id;
        largest[at] = size;
        count++;
        if (count > ids.length / 2) {
          grow();
        }
      } else if (largest[at] < size) {
        largest[at] = size;
      }
    }

    private int place(int id) {
      int mask = ids.length - 1;
      int at = (int) RowHash.mix(id) & mask;
      while (ids[at] != FREE && ids[at] != id) {
        at = (at + 1) & mask;
      }
      return at;
    }

    private void grow() {
      int[] oldIds = ids;
      float[] oldLargest = largest;
      ids = new int[oldIds.length * 2];
      largest = new float[ids.length];
      Arrays.fill(ids, FREE);
      for (int i = 0; i < oldIds.length; i++) {
        if (oldIds[i] != FREE) {
          int at = place(oldIds[i]);
          ids[at] = oldIds[i];
          largest[at] = oldLargest[i];
        }
      }
    }

    /** The numeric features that were found. */
    NumericFeatures found() {
      int[] sorted = Arrays.stream(ids).filter(id -> id != FREE).sorted().toArray();
      float[] most = new float[sorted.length];
      for (int i = 0; i < sorted.length; i++) {
        most[i] = largest[place(sorted[i])];
      }
      return new NumericFeatures(sorted, most);
    }
  }
}
