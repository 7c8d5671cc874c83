package dev.cairn.spark.reading;

import dev.cairn.checkpoint.model.FeatureScales;
import dev.cairn.spark.shard.ParameterVariable;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Reads single weights of a model, from pages that all tasks of this JVM share. What is not here is
 * read from the shards, a few pages at once, and the call waits for it.
 *
 * <p>Thread-safe. Sums are made in the order of the entries, in double, so that a row has the same
 * margin bit for bit wherever it is scored.
 */
public final class ModelReader {
  /** Pages held for one row at a time: a row with more distinct ones is scored in pieces. */
  private static final int WINDOW = 256;

  private final PageTable table;
  private final ShardSource source;
  private final PageCache cache;

  ModelReader(ReadableModel model, ShardSource source, PageCache cache) {
    for (ParameterVariable variable : model.layout().variables()) {
      if (variable.width() != 1) {
        throw new IllegalArgumentException(
            "Cannot read model " + model + ": expected rows of one number, found " + variable);
      }
    }
    this.table = new PageTable(model.layout().totalRows());
    this.source = source;
    this.cache = cache;
  }

  /** Whether the application that this read for is over. */
  public boolean closed() {
    return source.closed();
  }

  /** One weight, by its global row. */
  public float weight(int row) {
    float[] page = table.get(row >>> PageTable.SHIFT);
    if (page == null) {
      page = load(new int[] {row >>> PageTable.SHIFT}, 1)[0];
    }
    return page[row & PageTable.MASK];
  }

  /**
   * A start value plus the weighted sum of some rows.
   *
   * @param rows global rows, ascending
   * @param values what each is multiplied with; rows of zeros are not looked at
   * @param scales what each weight is divided by first, see {@link FeatureScales}; null for nothing
   */
  public double sum(double start, int[] rows, double[] values, double @Nullable [] scales) {
    double sum = start;
    for (int k = 0; k < rows.length; k++) {
      double value = values[k];
      if (value != 0) {
        int row = rows[k];
        float[] page = table.get(row >>> PageTable.SHIFT);
        if (page == null) {
          return sumFrom(k, sum, rows, values, scales);
        }
        sum += value * divided(page[row & PageTable.MASK], scales, k);
      }
    }
    return sum;
  }

  private static double divided(float weight, double @Nullable [] scales, int k) {
    return scales == null ? weight : FeatureScales.divided(weight, scales[k]);
  }

  /** As {@link #sum(double, int[], double[], double[])}, of the rows from 0 on. */
  public double sum(double start, double[] values, double @Nullable [] scales) {
    double sum = start;
    for (int first = 0; first < values.length; first += PageTable.PAGE_ROWS) {
      int end = Math.min(values.length, first + PageTable.PAGE_ROWS);
      float[] page = null;
      for (int k = first; k < end; k++) {
        double value = values[k];
        if (value != 0) {
          page = page == null ? page(first >>> PageTable.SHIFT) : page;
          sum += value * divided(page[k & PageTable.MASK], scales, k);
        }
      }
    }
    return sum;
  }

  private float[] page(int number) {
    float[] page = table.get(number);
    return page == null ? load(new int[] {number}, 1)[0] : page;
  }

  /** The way for rows of which pages are missing: these are fetched together. */
  private double sumFrom(
      int from, double start, int[] rows, double[] values, double @Nullable [] scales) {
    double sum = start;
    int[] numbers = new int[Math.min(WINDOW, rows.length - from)];
    int k = from;
    while (k < rows.length) {
      int count = 0;
      int end = k;
      while (end < rows.length) {
        int number = rows[end] >>> PageTable.SHIFT;
        if (values[end] != 0 && (count == 0 || numbers[count - 1] != number)) {
          if (count == numbers.length) {
            break;
          }
          numbers[count++] = number;
        }
        end++;
      }
      float[][] pages = load(numbers, count);
      int at = 0;
      for (; k < end; k++) {
        if (values[k] != 0) {
          while (numbers[at] != rows[k] >>> PageTable.SHIFT) {
            at++;
          }
          sum += values[k] * divided(pages[at][rows[k] & PageTable.MASK], scales, k);
        }
      }
    }
    return sum;
  }

  /** Some pages, ascending: those that are here, and the others from the shards. */
  private float[][] load(int[] numbers, int count) {
    float[][] pages = new float[count][];
    int[] missing = new int[count];
    int missed = 0;
    int rowCount = 0;
    for (int i = 0; i < count; i++) {
      pages[i] = table.get(numbers[i]);
      if (pages[i] == null) {
        missing[missed++] = i;
        rowCount += table.endOf(numbers[i]) - (numbers[i] << PageTable.SHIFT);
      }
    }
    if (missed == 0) {
      return pages;
    }
    int[] rows = new int[rowCount];
    int n = 0;
    for (int m = 0; m < missed; m++) {
      int number = numbers[missing[m]];
      for (int row = number << PageTable.SHIFT; row < table.endOf(number); row++) {
        rows[n++] = row;
      }
    }
    float[] weights = source.read(rows);
    int from = 0;
    for (int m = 0; m < missed; m++) {
      int number = numbers[missing[m]];
      int length = table.endOf(number) - (number << PageTable.SHIFT);
      float[] page = Arrays.copyOfRange(weights, from, from + length);
      from += length;
      pages[missing[m]] = page;
      cache.add(table, number, page);
    }
    return pages;
  }

  /** Gives its pages back. */
  void forget() {
    cache.forget(table);
  }
}
