package dev.cairn.checkpoint.graph;

import dev.cairn.checkpoint.bundle.proto.ObjectGraphProto.ObjectReference;
import dev.cairn.checkpoint.bundle.proto.ObjectGraphProto.SerializedTensor;
import dev.cairn.checkpoint.bundle.proto.ObjectGraphProto.SlotVariableReference;
import dev.cairn.checkpoint.graph.Restoration.Match;
import dev.cairn.checkpoint.graph.Restoration.Report;
import dev.cairn.checkpoint.graph.Restoration.StateMatch;
import dev.cairn.checkpoint.model.DType;
import dev.cairn.checkpoint.model.Shape;
import dev.cairn.checkpoint.model.VariableSpec;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
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
  private final Bindings bindings;

  /** Nodes of the program that were bound here: others have been before, or never are. */
  private final boolean[] fresh;

  private final Deque<Integer> queue = new ArrayDeque<>();

  private final List<Match> matched = new ArrayList<>();
  private final List<StateMatch> states = new ArrayList<>();
  private final Map<String, VariableSpec> missing = new HashMap<>();
  private final List<String> missingKeys = new ArrayList<>();
  private final List<String> mismatched = new ArrayList<>();
  private final Set<String> shared = new LinkedHashSet<>();
  private final Set<String> used = new HashSet<>();

  /**
   * For one report.
   *
   * @param bindings what was bound before; receives what is bound now
   */
  GraphMatcher(
      ObjectGraph program,
      Optional<ObjectGraph> stored,
      Map<String, VariableSpec> tensors,
      Bindings bindings) {
    this.program = program;
    this.stored = stored.orElse(null);
    this.tensors = tensors;
    this.bindings = bindings;
    this.fresh = new boolean[program.nodes()];
  }

  /** Lays the whole program over the whole stored graph. */
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

  /** Lays a part of a program that came later over the stored graph from a node on. */
  Report part(ObjectGraph other, int node) {
    bind(0, node);
    walk(other);
    for (int n = 0; n < program.nodes(); n++) {
      if (fresh[n]) {
        match(n, other);
      }
    }
    return new Report(
        matched, states, List.of(), List.of(), List.of(), mismatched, List.copyOf(shared));
  }

  /** The program's objects that were bound here. */
  List<Trackable> freshlyBound() {
    List<Trackable> all = new ArrayList<>();
    for (int n = 0; n < fresh.length; n++) {
      if (fresh[n]) {
        all.add(program.objects().get(n));
      }
    }
    return all;
  }

  private int bound(int node) {
    return bindings.node(program.objects().get(node));
  }

  private void bind(int node, int to) {
    int before = bound(node);
    if (before == to) {
      return;
    }
    Trackable other = bindings.object(to);
    if (before != UNBOUND || other != null) {
      boolean values =
          program.node(node).getAttributesCount() > 0
              || (stored != null && stored.node(to).getAttributesCount() > 0);
      if (values) {
        shared.add(describeShared(node, before, other));
      }
      return;
    }
    bindings.bind(program.objects().get(node), to);
    fresh[node] = true;
    queue.add(node);
  }

  private String describeShared(int node, int before, @Nullable Trackable other) {
    return before != UNBOUND
        ? "the program has one object " + path(node) + " where the checkpoint has two"
        : "the program has two objects, "
            + program.nameOf(other).orElse("one that came before")
            + " and "
            + path(node)
            + ", where the checkpoint has one";
  }

  /** A node's name for people: the key of its value. */
  private String path(int node) {
    return program.nameOf(program.objects().get(node)).orElse("without a value of its own");
  }

  private void walk(ObjectGraph other) {
    for (Integer next = queue.poll(); next != null; next = queue.poll()) {
      var node = program.node(next);
      if (node.getChildrenCount() == 0) {
        continue;
      }
      Map<String, Integer> edges = new HashMap<>();
      for (ObjectReference edge : other.node(bound(next)).getChildrenList()) {
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
      int to = bound(n);
      if (to == UNBOUND || program.node(n).getSlotVariablesCount() == 0) {
        continue;
      }
      Map<Slotted, Integer> theirs = new HashMap<>();
      for (SlotVariableReference slot : other.node(to).getSlotVariablesList()) {
        theirs.put(
            new Slotted(slot.getOriginalVariableNodeId(), slot.getSlotName()),
            slot.getSlotVariableNodeId());
      }
      for (SlotVariableReference slot : program.node(n).getSlotVariablesList()) {
        Integer target =
            theirs.get(new Slotted(bound(slot.getOriginalVariableNodeId()), slot.getSlotName()));
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
      matchState(node, state, other);
    }
  }

  private void matchState(int node, State state, @Nullable ObjectGraph other) {
    String own = String.valueOf(program.states().get(state));
    VariableSpec found = tensors.get(storedKey(node, ObjectGraph.STATE, own, other));
    if (found == null) {
      missingKeys.add(own);
      return;
    }
    used.add(found.key());
    if (found.dtype() == DType.STRING && found.shape().rank() == 0) {
      states.add(new StateMatch(state, found.key()));
    } else {
      VariableSpec wanted = new VariableSpec(own, DType.STRING, Shape.scalar());
      mismatched.add("expected " + wanted + ", found " + found);
    }
  }

  /** The key that the stored graph gives an attribute; empty if it has no such attribute. */
  private String storedKey(int node, String attribute, String own, @Nullable ObjectGraph other) {
    if (other == null) {
      return own;
    }
    int to = bound(node);
    if (to != UNBOUND) {
      for (SerializedTensor tensor : other.node(to).getAttributesList()) {
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
      int to = bound(n);
      if (to == UNBOUND || !(program.objects().get(n) instanceof SlotOwner)) {
        continue;
      }
      for (SlotVariableReference slot : other.node(to).getSlotVariablesList()) {
        int kept = slot.getSlotVariableNodeId();
        if (bindings.object(slot.getOriginalVariableNodeId()) != null
            && bindings.object(kept) == null) {
          other.node(kept).getAttributesList().forEach(one -> left.add(one.getCheckpointKey()));
        }
      }
    }
    return left;
  }

  private List<String> leftOver() {
    List<String> left = new ArrayList<>();
    ObjectGraph other = stored;
    if (other == null) {
      tensors.values().stream()
          .map(VariableSpec::key)
          .filter(key -> !used.contains(key))
          .forEach(left::add);
      return left;
    }
    for (int n = 0; n < other.nodes(); n++) {
      for (SerializedTensor attribute : other.node(n).getAttributesList()) {
        if (bindings.object(n) == null || !used.contains(attribute.getCheckpointKey())) {
          left.add(attribute.getCheckpointKey());
        }
      }
    }
    return left;
  }
}
