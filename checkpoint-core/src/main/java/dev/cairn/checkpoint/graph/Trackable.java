package dev.cairn.checkpoint.graph;

import java.util.Map;

/** An object with state, its own or that of the objects to which it leads. */
public interface Trackable {

  /**
   * The objects to which this one leads, by the names of the edges: as a Python object's attributes
   * lead to others. Of a list the names are {@code 0}, {@code 1} and so on. Objects may be led to
   * twice, and in a circle. The order of the map is that in which edges are written and followed:
   * of two ways of the same length to an object the earlier one gives it its key.
   */
  default Map<String, Trackable> children() {
    return Map.of();
  }
}
