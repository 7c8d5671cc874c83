package dev.cairn.spark.reading;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayDeque;

/**
 * The pages of all models that a JVM reads, of at most so many bytes together, or one page. It
 * decides which one goes when another comes. A page that was read since it was last looked at gets
 * a second chance. Thread-safe; used only when a page comes.
 */
final class PageCache {
  /** The most pages that are looked at before one goes, read or not. */
  private static final int CHANCES = 64;

  private record Place(PageTable table, int page, int bytes) {}

  private final long most;

  @GuardedBy("this")
  private final ArrayDeque<Place> places = new ArrayDeque<>();

  @GuardedBy("this")
  private long held;

  PageCache(long bytes) {
    this.most = bytes;
  }

  /** Puts a page into its table, and takes others out of their own if there are too many bytes. */
  synchronized void add(PageTable table, int page, float[] numbers) {
    if (!table.put(page, numbers)) {
      return;
    }
    Place added = new Place(table, page, PageTable.bytes(numbers));
    while (held + added.bytes() > most && !places.isEmpty()) {
      evict();
    }
    places.add(added);
    held += added.bytes();
  }

  @GuardedBy("this")
  private void evict() {
    for (int chance = 0; ; chance++) {
      Place place = places.remove();
      if (chance < CHANCES && place.table().readSince(place.page())) {
        places.add(place);
      } else {
        drop(place);
        return;
      }
    }
  }

  @GuardedBy("this")
  private void drop(Place place) {
    place.table().drop(place.page());
    held -= place.bytes();
  }

  /** Takes all pages of a table out. */
  synchronized void forget(PageTable table) {
    for (int left = places.size(); left > 0; left--) {
      Place place = places.remove();
      if (place.table().equals(table)) {
        drop(place);
      } else {
        places.add(place);
      }
    }
  }

  /** The bytes of the pages that are held now. */
  synchronized long bytes() {
    return held;
  }
}
