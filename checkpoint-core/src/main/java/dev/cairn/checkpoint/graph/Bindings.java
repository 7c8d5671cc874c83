package dev.cairn.checkpoint.graph;

import java.util.IdentityHashMap;
import org.jspecify.annotations.Nullable;

/** Which stored node each object of a program is, and the other way round. Not thread-safe. */
final class Bindings {
  private final IdentityHashMap<Trackable, Integer> nodes = new IdentityHashMap<>();
  private final @Nullable Trackable[] objects;

  /** Nothing is bound yet. */
  Bindings(int storedNodes) {
    this.objects = new @Nullable Trackable[storedNodes];
  }

  /** The node of an object; -1 if it has none. */
  int node(Trackable object) {
    Integer node = nodes.get(object);
    return node == null ? -1 : node;
  }

  /** The object of a node; null if it has none. */
  @Nullable Trackable object(int node) {
    return objects[node];
  }

  void bind(Trackable object, int node) {
    nodes.put(object, node);
    objects[node] = object;
  }

  void unbind(Trackable object) {
    Integer node = nodes.remove(object);
    if (node != null) {
      objects[node] = null;
    }
  }
}
