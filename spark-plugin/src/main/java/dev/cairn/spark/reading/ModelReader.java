package dev.cairn.spark.reading;

import dev.cairn.spark.reading.PageTable.Part;
import java.util.Arrays;

/**
 * Reads rows of a model's variables, of any width, from pages that all tasks of this JVM share.
 * Pages that are not here are read from the shards, a few at once, and the call waits for them.
 * Thread-safe.
 */
public final class ModelReader {
  /** The most pages that are fetched at once, and the most numbers that these have together. */
  private static final int WINDOW = 256;

  private static final int WINDOW_NUMBERS = WINDOW * PageTable.NUMBERS;

  private final PageTable table;
  private final ShardSource source;
  private final PageCache cache;

  ModelReader(ReadableModel model, ShardSource source, PageCache cache) {
    this.table = new PageTable(model.layout());
    this.source = source;
    this.cache = cache;
  }

  /** Whether the application that this read for is over. */
  public boolean closed() {
    return source.closed();
  }

  /**
   * Reads some rows.
   *
   * @param rows global rows, ascending, the first {@code count} places
   * @param into receives their numbers, row after row
   * @throws IllegalStateException when they cannot be read
   */
  public void read(int[] rows, int count, float[] into) {
    int k = 0;
    int to = 0;
    for (int v = 0; k < count; v++) {
      Part part = table.part(v);
      int end = part.endRow();
      int width = part.width();
      for (; k < count && rows[k] < end; k++) {
        float[] page = table.get(part.page(rows[k]));
        if (page == null) {
          readMissing(v, k, to, rows, count, into);
          return;
        }
        copy(page, part.offset(rows[k]), into, to, width);
        to += width;
      }
    }
  }

  private static void copy(float[] page, int from, float[] into, int to, int width) {
    if (width == 1) {
      into[to] = page[from];
    } else {
      System.arraycopy(page, from, into, to, width);
    }
  }

  /**
   * Reads rows of which pages are missing, from row {@code first} of variable {@code v} on: the
   * pages are fetched together.
   */
  private void readMissing(int v, int first, int start, int[] rows, int count, float[] into) {
    int[] numbers = new int[Math.min(WINDOW, count - first)];
    int variable = v;
    int to = start;
    int k = first;
    while (k < count) {
      float[][] pages = load(variable, numbers, pagesOf(variable, k, rows, count, numbers));
      int at = 0;
      for (; k < count; k++) {
        variable = table.variable(variable, rows[k]);
        Part part = table.part(variable);
        int number = part.page(rows[k]);
        while (at < pages.length && numbers[at] != number) {
          at++;
        }
        if (at == pages.length) {
          break; // of the next pages
        }
        copy(pages[at], part.offset(rows[k]), into, to, part.width());
        to += part.width();
      }
    }
  }

  /** Finds the first pages that the rows from {@code first} on lie in; returns their number. */
  private int pagesOf(int v, int first, int[] rows, int count, int[] numbers) {
    int variable = v;
    int found = 0;
    long sum = 0;
    for (int k = first; k < count; k++) {
      variable = table.variable(variable, rows[k]);
      Part part = table.part(variable);
      int number = part.page(rows[k]);
      if (found == 0 || numbers[found - 1] != number) {
        sum += (long) part.width() << part.shift();
        if (found == numbers.length || (found > 0 && sum > WINDOW_NUMBERS)) {
          break;
        }
        numbers[found++] = number;
      }
    }
    return found;
  }

  /** Returns some pages, ascending: those that are here, and the others from the shards. */
  private float[][] load(int v, int[] numbers, int count) {
    float[][] pages = new float[count][];
    Part[] parts = new Part[count];
    int missedRows = 0;
    int variable = v;
    for (int i = 0; i < count; i++) {
      variable = table.variableOfPage(variable, numbers[i]);
      parts[i] = table.part(variable);
      pages[i] = table.get(numbers[i]);
      if (pages[i] == null) {
        missedRows += parts[i].endRowOf(numbers[i]) - parts[i].firstRowOf(numbers[i]);
      }
    }
    if (missedRows == 0) {
      return pages;
    }
    int[] rows = new int[missedRows];
    int n = 0;
    for (int i = 0; i < count; i++) {
      if (pages[i] == null) {
        int end = parts[i].endRowOf(numbers[i]);
        for (int row = parts[i].firstRowOf(numbers[i]); row < end; row++) {
          rows[n++] = row;
        }
      }
    }
    float[] read = source.read(rows);
    int from = 0;
    for (int i = 0; i < count; i++) {
      if (pages[i] == null) {
        int length = parts[i].numbersOf(numbers[i]);
        pages[i] = Arrays.copyOfRange(read, from, from + length);
        from += length;
        cache.add(table, numbers[i], pages[i]);
      }
    }
    return pages;
  }

  /** Frees its pages. */
  void forget() {
    cache.forget(table);
  }
}
