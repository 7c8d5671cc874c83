package dev.cairn.checkpoint.graph;

import dev.cairn.checkpoint.bundle.proto.ObjectGraphProto.ObjectReference;
import dev.cairn.checkpoint.bundle.proto.ObjectGraphProto.SerializedTensor;
import dev.cairn.checkpoint.bundle.proto.ObjectGraphProto.SlotVariableReference;
import dev.cairn.checkpoint.bundle.proto.ObjectGraphProto.TrackableObject;
import dev.cairn.checkpoint.graph.Restoration.Match;
import dev.cairn.checkpoint.graph.Restoration.Report;
import dev.cairn.checkpoint.graph.Restoration.StateMatch;
import dev.cairn.checkpoint.model.VariableSpec;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Walks two graphs from their roots along edges of the same name. Of two ways to a node the shorter
 * one counts, and slot variables are bound once variable and optimizer are. Makes one report; not
 * thread-safe.
 */
final class GraphMatcher {
  private static final int UNBOUND = -1;

  private record Slotted(int variable, String name) {}

  private final ObjectGraph program;
  private final @Nullable ObjectGraph stored;
  private final Map<String, VariableSpec> tensors;

  /** The stored node of each node of the program; {@link #taken} has the other way round. */
  private final int[] bound;

  private final int[] taken;
  private final Deque<Integer> queue = new ArrayDeque<>();

  private final List<Match> matched = new ArrayList<>();
  private final List<StateMatch> states = new ArrayList<>();
  private final Map<String, VariableSpec> missing = new HashMap<>();
  private final List<String> missingKeys = new ArrayList<>();
  private final List<String> mismatched = new ArrayList<>();
  private final Set<String> shared = new java.util.LinkedHashSet<>();
  private final Set<String> used = new HashSet<>();

  GraphMatcher(
      ObjectGraph program, Optional<ObjectGraph> stored, Map<String, VariableSpec> tensors) {
    this.program = program;
    this.stored = stored.orElse(null);
    this.tensors = tensors;
    this.bound = new int[program.nodes()];
    this.taken = new int[stored.map(ObjectGraph::nodes).orElse(0)];
    Arrays.fill(bound, UNBOUND);
    Arrays.fill(taken, UNBOUND);
  }

  Report report() {
    ObjectGraph other = stored;
    if (other != null) {
      bind(0, 0);
      walk(other);
      bindSlots(other);
    }
    for (int n = 0; n < program.nodes(); n++) {
      match(n, other);
    }
    List<String> left = leftOver();
    List<String> missed = new ArrayList<>();
    for (String key : missingKeys) {
      VariableSpec spec = missing.get(key);
      missed.add((spec == null ? key : spec) + NearNames.hint(key, left, missed.size()));
    }
    List<String> otherSlots = other == null ? List.of() : otherSlots(other);
    return new Report(matched, states, missed, left, otherSlots, mismatched, List.copyOf(shared));
  }

  private void bind(int node, int to) {
    if (bound[node] == to) {
      return;
    }
    if (bound[node] != UNBOUND || taken[to] != UNBOUND) {
      boolean values =
          program.node(node).getAttributesCount() > 0
              || (stored != null && stored.node(to).getAttributesCount() > 0);
      if (values) {
        shared.add(describeShared(node, to));
      }
      return;
    }
    bound[node] = to;
    taken[to] = node;
    queue.add(node);
  }

  private String describeShared(int node, int to) {
    return bound[node] != UNBOUND
        ? "the program has one object " + path(node) + " where the checkpoint has two"
        : "the program has two objects, "
            + path(taken[to])
            + " and "
            + path(node)
            + ", where the checkpoint has one";
  }

  /** A node's name for people: the key of its value. */
  private String path(int node) {
    TrackableObject it = program.node(node);
    return it.getAttributesCount() > 0
        ? it.getAttributes(0).getCheckpointKey()
        : "without a value of its own";
  }

  private void walk(ObjectGraph other) {
    for (Integer next = queue.poll(); next != null; next = queue.poll()) {
      TrackableObject node = program.node(next);
      if (node.getChildrenCount() == 0) {
        continue;
      }
      Map<String, Integer> edges = new HashMap<>();
      for (ObjectReference edge : other.node(bound[next]).getChildrenList()) {
        edges.put(edge.getLocalName(), edge.getNodeId());
      }
      for (ObjectReference edge : node.getChildrenList()) {
        Integer target = edges.get(edge.getLocalName());
        if (target != null) {
          bind(edge.getNodeId(), target);
        }
      }
    }
  }

  private void bindSlots(ObjectGraph other) {
    for (int n = 0; n < program.nodes(); n++) {
      if (bound[n] == UNBOUND || program.node(n).getSlotVariablesCount() == 0) {
        continue;
      }
      Map<Slotted, Integer> theirs = new HashMap<>();
      for (SlotVariableReference slot : other.node(bound[n]).getSlotVariablesList()) {
        theirs.put(
            new Slotted(slot.getOriginalVariableNodeId(), slot.getSlotName()),
            slot.getSlotVariableNodeId());
      }
      for (SlotVariableReference slot : program.node(n).getSlotVariablesList()) {
        Integer target =
            theirs.get(new Slotted(bound[slot.getOriginalVariableNodeId()], slot.getSlotName()));
        if (target != null) {
          bind(slot.getSlotVariableNodeId(), target);
        }
      }
    }
    walk(other); // what slot variables lead to
  }

  private void match(int node, @Nullable ObjectGraph other) {
    Trackable object = program.objects().get(node);
    if (object instanceof Variable variable) {
      VariableSpec wanted = program.spec(variable);
      VariableSpec found = tensors.get(storedKey(node, ObjectGraph.VALUE, wanted.key(), other));
      if (found == null) {
        missing.put(wanted.key(), wanted);
        missingKeys.add(wanted.key());
      } else {
        used.add(found.key());
        if (found.dtype() != wanted.dtype() || !found.shape().equals(wanted.shape())) {
          mismatched.add("expected " + wanted + ", found " + found);
        } else {
          matched.add(new Match(variable, wanted.key(), found));
        }
      }
    }
    if (object instanceof State state) {
      String own = String.valueOf(program.states().get(state));
      String key = storedKey(node, ObjectGraph.STATE, own, other);
      if (tensors.containsKey(key)) {
        used.add(key);
        states.add(new StateMatch(state, key));
      } else {
        missingKeys.add(own);
      }
    }
  }

  /** The key that the stored graph gives an attribute; empty if it has no such attribute. */
  private String storedKey(int node, String attribute, String own, @Nullable ObjectGraph other) {
    if (other == null) {
      return own;
    }
    if (bound[node] != UNBOUND) {
      for (SerializedTensor tensor : other.node(bound[node]).getAttributesList()) {
        if (tensor.getName().equals(attribute)) {
          return tensor.getCheckpointKey();
        }
      }
    }
    return "";
  }

  /**
   * The keys of slots that only the stored graph has, of an optimizer and a variable that both
   * graphs have.
   */
  private List<String> otherSlots(ObjectGraph other) {
    List<String> left = new ArrayList<>();
    for (int n = 0; n < program.nodes(); n++) {
      if (bound[n] == UNBOUND || !(program.objects().get(n) instanceof SlotOwner)) {
        continue;
      }
      for (SlotVariableReference slot : other.node(bound[n]).getSlotVariablesList()) {
        int kept = slot.getSlotVariableNodeId();
        if (taken[slot.getOriginalVariableNodeId()] != UNBOUND && taken[kept] == UNBOUND) {
          other.node(kept).getAttributesList().forEach(one -> left.add(one.getCheckpointKey()));
        }
      }
    }
    return left;
  }

  private List<String> leftOver() {
    List<String> left = new ArrayList<>();
    if (stored == null) {
      tensors.keySet().stream().filter(key -> !used.contains(key)).forEach(left::add);
      return left;
    }
    for (int n = 0; n < taken.length; n++) {
      for (SerializedTensor attribute : stored.node(n).getAttributesList()) {
        if (taken[n] == UNBOUND || !used.contains(attribute.getCheckpointKey())) {
          left.add(attribute.getCheckpointKey());
        }
      }
    }
    return left;
  }
}
