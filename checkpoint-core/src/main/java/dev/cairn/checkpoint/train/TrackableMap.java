package dev.cairn.checkpoint.train;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.cairn.checkpoint.graph.Trackable;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A map of trackable objects, itself one: what a Python dict is to {@code tf.train.Checkpoint}.
 * Entries keep the order in which they came.
 *
 * @param <T> what is in it
 */
public final class TrackableMap<T extends Trackable> extends AutoTrackable {
  private final Map<String, T> entries = new LinkedHashMap<>();

  /** Puts an entry; what was restored for its name before it came is given to it. */
  @CanIgnoreReturnValue
  public <S extends T> S put(String name, S item) {
    track(name, item);
    entries.put(name, item);
    return item;
  }

  /** An entry; null if there is none of that name. */
  public @Nullable T get(String name) {
    return entries.get(name);
  }

  /** All, as a view that cannot be changed. */
  public Map<String, T> entries() {
    return Collections.unmodifiableMap(entries);
  }
}
