package dev.cairn.spark.reading;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * The pages of one model that are here: stretches of {@value #PAGE_ROWS} adjacent rows of one
 * number each. Reading takes no lock; {@link PageCache} changes it, under its own.
 */
final class PageTable {
  static final int SHIFT = 10;
  static final int PAGE_ROWS = 1 << SHIFT;
  static final int MASK = PAGE_ROWS - 1;

  /** What a page takes, with its array's head and its place in the cache. */
  static final int PAGE_BYTES = PAGE_ROWS * Float.BYTES + 64;

  private static final VarHandle PAGE = MethodHandles.arrayElementVarHandle(float[][].class);

  private final int rows;
  private final float[][] pages;

  /** Set by readers, without order: an old value costs a page its second chance. */
  private final byte[] read;

  PageTable(int rows) {
    this.rows = rows;
    int count = (rows + MASK) >>> SHIFT;
    this.pages = new float[count][];
    this.read = new byte[count];
  }

  /** First row after a page. */
  int endOf(int page) {
    return (int) Math.min(rows, (page + 1L) << SHIFT);
  }

  /** A page, null when it is not here. */
  float @Nullable [] get(int page) {
    float[] found = (float[]) PAGE.getAcquire(pages, page);
    if (found != null && read[page] == 0) {
      read[page] = 1;
    }
    return found;
  }

  /** Puts a page in its place; false if there is one. */
  boolean put(int page, float[] weights) {
    boolean free = PAGE.getAcquire(pages, page) == null;
    if (free) {
      read[page] = 0;
      PAGE.setRelease(pages, page, weights);
    }
    return free;
  }

  /** Whether a page was read since this was last asked. */
  boolean readSince(int page) {
    boolean was = read[page] != 0;
    read[page] = 0;
    return was;
  }

  void drop(int page) {
    PAGE.setRelease(pages, page, (float[]) null);
  }
}
