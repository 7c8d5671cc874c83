package dev.cairn.checkpoint.train;

import dev.cairn.checkpoint.graph.Trackable;
import java.util.List;
import java.util.Map;

/**
 * A tuple of trackable objects, itself one. A plain one leads to each item by its number; a named
 * one by its name and by its number, as TensorFlow has it of a Python namedtuple. Immutable.
 */
public final class TrackableTuple extends AutoTrackable {
  private final List<Trackable> items;

  private TrackableTuple(List<? extends Trackable> items) {
    this.items = List.copyOf(items);
  }

  /** A plain tuple. */
  public static TrackableTuple of(Trackable... items) {
    return new TrackableTuple(List.of(items)).numbered();
  }

  /** A named tuple, whose items have the order of the map. */
  public static TrackableTuple named(Map<String, ? extends Trackable> items) {
    TrackableTuple tuple = new TrackableTuple(List.copyOf(items.values()));
    items.forEach(tuple::track);
    return tuple.numbered();
  }

  private TrackableTuple numbered() {
    for (int i = 0; i < items.size(); i++) {
      track(Integer.toString(i), items.get(i));
    }
    return this;
  }

  /** An item. */
  public Trackable get(int index) {
    return items.get(index);
  }

  /** How many there are. */
  public int size() {
    return items.size();
  }
}
