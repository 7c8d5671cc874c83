package dev.cairn.spark.reading;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayDeque;

/**
 * The pages of all models that a JVM reads, at most a number of them: which one goes when another
 * comes. A page that was read since it was last looked at gets a second chance. Thread-safe; only
 * asked when a page comes.
 */
final class PageCache {
  /** Looks at no more than this many before one goes, read or not. */
  private static final int CHANCES = 64;

  private record Place(PageTable table, int page) {}

  private final int most;

  @GuardedBy("this")
  private final ArrayDeque<Place> places = new ArrayDeque<>();

  PageCache(long bytes) {
    this.most = (int) Math.max(1, Math.min(Integer.MAX_VALUE, bytes / PageTable.PAGE_BYTES));
  }

  /** Puts a page into its table, and takes another one out of its own if there are too many. */
  synchronized void add(PageTable table, int page, float[] weights) {
    if (!table.put(page, weights)) {
      return;
    }
    while (places.size() >= most) {
      evict();
    }
    places.add(new Place(table, page));
  }

  @GuardedBy("this")
  private void evict() {
    for (int chance = 0; ; chance++) {
      Place place = places.remove();
      if (chance < CHANCES && place.table().readSince(place.page())) {
        places.add(place);
      } else {
        place.table().drop(place.page());
        return;
      }
    }
  }

  /** Takes all pages of a table out. */
  synchronized void forget(PageTable table) {
    places.removeIf(
        place -> {
          boolean its = place.table().equals(table);
          if (its) {
            table.drop(place.page());
          }
          return its;
        });
  }

  /** Pages that are held now. */
  synchronized int pages() {
    return places.size();
  }
}
