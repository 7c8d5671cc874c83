package dev.cairn.checkpoint.graph;

import java.util.Collections;
import java.util.SortedMap;

/** An object with state, its own or that of the objects to which it leads. */
public interface Trackable {

  /**
   * The objects to which this one leads, by the names of the edges: as a Python object's attributes
   * lead to others. Of a list the names are {@code 0}, {@code 1} and so on. Objects may be led to
   * twice, and in a circle.
   */
  default SortedMap<String, Trackable> children() {
    return Collections.emptySortedMap();
  }
}
