package dev.cairn.checkpoint.graph;

import dev.cairn.checkpoint.bundle.proto.ObjectGraphProto.ObjectReference;
import dev.cairn.checkpoint.bundle.proto.ObjectGraphProto.SerializedTensor;
import dev.cairn.checkpoint.bundle.proto.ObjectGraphProto.SlotVariableReference;
import dev.cairn.checkpoint.bundle.proto.ObjectGraphProto.TrackableObject;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Which objects of two stored graphs are the same ones: those to which edges of the same names lead
 * from both roots, and slot variables of the same name that the same optimizer keeps for the same
 * variable. Of two ways to an object the shorter one counts. Not thread-safe; for one comparison.
 */
final class GraphPairs {
  private static final int NONE = -1;

  private record Slotted(int variable, String name) {}

  private final ObjectGraph first;
  private final ObjectGraph second;

  /** For each node of one graph that of the other. */
  private final int[] toSecond;

  private final int[] toFirst;
  private final Deque<Integer> queue = new ArrayDeque<>();

  GraphPairs(ObjectGraph first, ObjectGraph second) {
    this.first = first;
    this.second = second;
    this.toSecond = new int[first.nodes()];
    this.toFirst = new int[second.nodes()];
    Arrays.fill(toSecond, NONE);
    Arrays.fill(toFirst, NONE);
    bind(0, 0);
    walk();
    bindSlots();
    walk();
  }

  private void bind(int one, int other) {
    if (toSecond[one] == NONE && toFirst[other] == NONE) {
      toSecond[one] = other;
      toFirst[other] = one;
      queue.add(one);
    }
  }

  private void walk() {
    for (Integer next = queue.poll(); next != null; next = queue.poll()) {
      Map<String, Integer> edges = edges(second.node(toSecond[next]));
      for (ObjectReference edge : first.node(next).getChildrenList()) {
        Integer target = edges.get(edge.getLocalName());
        if (target != null) {
          bind(edge.getNodeId(), target);
        }
      }
    }
  }

  private static Map<String, Integer> edges(TrackableObject node) {
    Map<String, Integer> edges = new HashMap<>();
    for (ObjectReference edge : node.getChildrenList()) {
      edges.put(edge.getLocalName(), edge.getNodeId());
    }
    return edges;
  }

  private void bindSlots() {
    for (int n = 0; n < first.nodes(); n++) {
      if (toSecond[n] == NONE) {
        continue;
      }
      Map<Slotted, Integer> theirs = slots(second.node(toSecond[n]));
      for (SlotVariableReference slot : first.node(n).getSlotVariablesList()) {
        int variable = toSecond[slot.getOriginalVariableNodeId()];
        Integer target = theirs.get(new Slotted(variable, slot.getSlotName()));
        if (target != null) {
          bind(slot.getSlotVariableNodeId(), target);
        }
      }
    }
  }

  private static Map<Slotted, Integer> slots(TrackableObject node) {
    Map<Slotted, Integer> slots = new HashMap<>();
    for (SlotVariableReference slot : node.getSlotVariablesList()) {
      slots.put(
          new Slotted(slot.getOriginalVariableNodeId(), slot.getSlotName()),
          slot.getSlotVariableNodeId());
    }
    return slots;
  }

  /** For keys of the first graph those under which the second has the same of the same object. */
  Map<String, String> keys() {
    Map<String, String> keys = new LinkedHashMap<>();
    for (int n = 0; n < first.nodes(); n++) {
      if (toSecond[n] == NONE) {
        continue;
      }
      Map<String, String> theirs = attributes(second.node(toSecond[n]));
      attributes(first.node(n))
          .forEach(
              (name, key) -> {
                String other = theirs.get(name);
                if (other != null) {
                  keys.putIfAbsent(key, other);
                }
              });
    }
    return keys;
  }

  private static Map<String, String> attributes(TrackableObject node) {
    Map<String, String> keys = new LinkedHashMap<>();
    for (SerializedTensor tensor : node.getAttributesList()) {
      keys.put(tensor.getName(), tensor.getCheckpointKey());
    }
    return keys;
  }

  /** Whether both have the same objects, joined alike, whatever their numbers and keys. */
  boolean areAlike() {
    if (first.nodes() != second.nodes()) {
      return false;
    }
    for (int n = 0; n < first.nodes(); n++) {
      if (toSecond[n] == NONE || !alike(first.node(n), second.node(toSecond[n]))) {
        return false;
      }
    }
    return true;
  }

  private boolean alike(TrackableObject one, TrackableObject other) {
    Map<String, Integer> edges = edges(one);
    edges.replaceAll((name, node) -> toSecond[node]);
    Map<Slotted, Integer> slots = new HashMap<>();
    slots(one)
        .forEach(
            (slot, node) ->
                slots.put(new Slotted(toSecond[slot.variable()], slot.name()), toSecond[node]));
    return edges.equals(edges(other))
        && slots.equals(slots(other))
        && attributes(one).keySet().equals(attributes(other).keySet());
  }
}
