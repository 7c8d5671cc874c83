package dev.cairn.checkpoint.graph;

import dev.cairn.checkpoint.bundle.proto.ObjectGraphProto.ObjectReference;
import dev.cairn.checkpoint.model.VariableSpec;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What a stored graph has for objects that the program gets later, by parent and edge. An arrival
 * costs as much as what arrives, whatever the size of the two graphs. Not thread-safe.
 */
public final class Arrivals {
  private final ObjectGraph stored;
  private final Map<String, VariableSpec> tensors;
  private final Bindings bindings;
  private final String where;

  Arrivals(ObjectGraph stored, Map<String, VariableSpec> tensors, Bindings bindings, String where) {
    this.stored = stored;
    this.tensors = tensors;
    this.bindings = bindings;
    this.where = where;
  }

  /** Whether the stored graph has children of an object that the program has not. */
  public boolean awaited(Trackable parent) {
    int node = bindings.node(parent);
    if (node < 0) {
      return false;
    }
    Set<String> there = new HashSet<>(parent.children().keySet());
    for (ObjectReference edge : stored.node(node).getChildrenList()) {
      if (!there.contains(edge.getLocalName())) {
        return true;
      }
    }
    return false;
  }

  /**
   * What is stored for a child, and for all that it leads to, that came just now; empty if there is
   * nothing. Slots of optimizers are left out.
   *
   * @return its objects are those for which there was nothing before; of the report only what
   *     matched, does not fit, or is shared otherwise
   */
  public Optional<Restoration> arrived(Trackable parent, String edge, Trackable child) {
    int node = bindings.node(parent);
    if (node < 0) {
      return Optional.empty();
    }
    for (ObjectReference one : stored.node(node).getChildrenList()) {
      if (one.getLocalName().equals(edge)) {
        ObjectGraph part = new GraphMaker(child, Map.of(), GraphMaker.Slots.OF_PART).make();
        GraphMatcher matcher = new GraphMatcher(part, Optional.of(stored), tensors, bindings);
        Restoration.Report report = matcher.part(stored, one.getNodeId());
        return Optional.of(new Restoration(report, matcher.freshlyBound(), where, true, this));
      }
    }
    return Optional.empty();
  }

  /** Takes an arrival back: its objects never came. */
  public void forget(Restoration arrival) {
    arrival.objects().forEach(bindings::unbind);
  }
}
