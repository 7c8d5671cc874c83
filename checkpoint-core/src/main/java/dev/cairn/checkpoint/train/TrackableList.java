package dev.cairn.checkpoint.train;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.cairn.checkpoint.graph.Trackable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * A list of trackable objects, itself one: what a Python list is to {@code tf.train.Checkpoint}. It
 * grows at its end only, since a list that was changed otherwise cannot be told from another one.
 *
 * @param <T> what is in it
 */
public final class TrackableList<T extends Trackable> extends AutoTrackable {
  private final List<T> items = new ArrayList<>();

  /** A list of these. */
  @SafeVarargs
  public static <T extends Trackable> TrackableList<T> of(T... items) {
    TrackableList<T> list = new TrackableList<>();
    for (T item : items) {
      list.add(item);
    }
    return list;
  }

  /** Adds an item at the end; what was restored for its place before it came is given to it. */
  @CanIgnoreReturnValue
  public <S extends T> S add(S item) {
    track(Integer.toString(items.size()), item);
    items.add(item);
    return item;
  }

  /** An item. */
  public T get(int index) {
    return items.get(index);
  }

  /** How many there are. */
  public int size() {
    return items.size();
  }

  /** All, as a view that cannot be changed. */
  public List<T> items() {
    return Collections.unmodifiableList(items);
  }
}
