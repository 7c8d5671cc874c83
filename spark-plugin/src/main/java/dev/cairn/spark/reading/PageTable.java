package dev.cairn.spark.reading;

import dev.cairn.spark.shard.ParameterLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * The pages of one model that are here: stretches of adjacent rows of one variable, numbered
 * through all variables. A page has as many rows, a power of two, as make up to {@value #NUMBERS}
 * numbers, or one row that has more. Reading takes no lock; {@link PageCache} changes it, under its
 * own.
 */
final class PageTable {
  /** The numbers in a page, unless a row alone has more. */
  static final int NUMBERS = 1024;

  /**
   * The bytes that a page takes beside its numbers: its array's head and its place in the cache.
   */
  private static final int OVERHEAD_BYTES = 64;

  private static final VarHandle PAGE = MethodHandles.arrayElementVarHandle(float[][].class);

  /**
   * The rows of one variable and their pages.
   *
   * @param firstRow its first global row
   * @param endRow the one after its last
   * @param shift binary logarithm of the rows in a page
   */
  record Part(int firstRow, int endRow, int width, int shift, int firstPage) {
    int page(int row) {
      return firstPage + ((row - firstRow) >>> shift);
    }

    /** The place where the row's numbers begin in its page. */
    int offset(int row) {
      return ((row - firstRow) & ((1 << shift) - 1)) * width;
    }

    int firstRowOf(int page) {
      return firstRow + ((page - firstPage) << shift);
    }

    int endRowOf(int page) {
      return (int) Math.min(endRow, firstRowOf(page) + (1L << shift));
    }

    int numbersOf(int page) {
      return (endRowOf(page) - firstRowOf(page)) * width;
    }

    private int pages() {
      return (int) ((endRow - firstRow + (1L << shift) - 1) >>> shift);
    }
  }

  private final Part[] parts;
  private final float[][] pages;

  /**
   * Marks of pages that were read, set by readers without order: an old value costs a page its
   * second chance.
   */
  private final byte[] read;

  PageTable(ParameterLayout layout) {
    this.parts = new Part[layout.variables().size()];
    int count = 0;
    for (int v = 0; v < parts.length; v++) {
      int width = layout.variables().get(v).width();
      int rows = Integer.highestOneBit(Math.max(1, NUMBERS / width));
      int shift = Integer.numberOfTrailingZeros(rows);
      parts[v] = new Part(layout.firstRow(v), layout.firstRow(v + 1), width, shift, count);
      count = Math.addExact(count, parts[v].pages());
    }
    this.pages = new float[count][];
    this.read = new byte[count];
  }

  /** The rows of a variable. */
  Part part(int variable) {
    return parts[variable];
  }

  /** The variable, this or a later one, that a row belongs to. */
  int variable(int from, int row) {
    int variable = from;
    while (row >= parts[variable].endRow()) {
      variable++;
    }
    return variable;
  }

  /** The variable, this or a later one, that a page belongs to. */
  int variableOfPage(int from, int page) {
    int variable = from;
    while (variable + 1 < parts.length && page >= parts[variable + 1].firstPage()) {
      variable++;
    }
    return variable;
  }

  /** A page, null when it is not here. */
  float @Nullable [] get(int page) {
    float[] found = (float[]) PAGE.getAcquire(pages, page);
    if (found != null && read[page] == 0) {
      read[page] = 1;
    }
    return found;
  }

  /** Puts a page in its place; returns false if there is one. */
  boolean put(int page, float[] numbers) {
    boolean free = PAGE.getAcquire(pages, page) == null;
    if (free) {
      read[page] = 0;
      PAGE.setRelease(pages, page, numbers);
    }
    return free;
  }

  /** Whether a page was read since the last call. */
  boolean readSince(int page) {
    boolean was = read[page] != 0;
    read[page] = 0;
    return was;
  }

  void drop(int page) {
    PAGE.setRelease(pages, page, (float[]) null);
  }

  /** The bytes that a page takes. */
  static int bytes(float[] numbers) {
    return numbers.length * Float.BYTES + OVERHEAD_BYTES;
  }
}
