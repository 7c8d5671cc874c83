package dev.cairn.checkpoint.graph;

import dev.cairn.checkpoint.bundle.proto.ObjectGraphProto.ObjectReference;
import dev.cairn.checkpoint.bundle.proto.ObjectGraphProto.SerializedTensor;
import dev.cairn.checkpoint.model.ObjectLine;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;

/**
 * A graph as a tree that a person reads from top to bottom: each object once, where its shortest
 * path leads, a slot variable beneath its variable; objects without state, of which Keras has many,
 * are left out. It is made without recursion, and shows only the ends of long paths: a stored graph
 * may have any depth.
 */
final class GraphOutline {
  /** The most edges to other places that are shown for an object. */
  private static final int TOLD = 3;

  /** The most names of a path that are shown. */
  private static final int NAMES = 16;

  private static final int NONE = -1;

  /** What an edge of a list of variables counts: more than any path of named edges. */
  private static final long DETOUR = 1L << 32;

  /** A slot variable. */
  private record SlotOf(String name, int variable, int owner, int node) {}

  /** A path to an object, the how-manieth that was found. */
  private record Way(long length, long order, int node) {}

  /** An object that is still to be shown. */
  private record Pending(int depth, String name, int node) {}

  private final ObjectGraph graph;

  /** The node before each node on its shortest path; {@link #NONE} off all paths. */
  private final int[] parents;

  /** The place, among its parent's edges, of the edge that leads to each node. */
  private final int[] edges;

  private final Map<Integer, List<SlotOf>> slotsOf = new HashMap<>();
  private final Map<Integer, SlotOf> slots = new HashMap<>();

  private GraphOutline(ObjectGraph graph) {
    this.graph = graph;
    this.parents = new int[graph.nodes()];
    this.edges = new int[graph.nodes()];
    Arrays.fill(parents, NONE);
  }

  static List<ObjectLine> of(ObjectGraph graph) {
    GraphOutline outline = new GraphOutline(graph);
    outline.findSlots();
    outline.walk();
    return outline.entries();
  }

  private void findSlots() {
    for (int n = 0; n < graph.nodes(); n++) {
      for (var slot : graph.node(n).getSlotVariablesList()) {
        SlotOf found =
            new SlotOf(
                slot.getSlotName(),
                slot.getOriginalVariableNodeId(),
                n,
                slot.getSlotVariableNodeId());
        slots.put(found.node(), found);
        slotsOf.computeIfAbsent(found.variable(), variable -> new ArrayList<>()).add(found);
      }
    }
  }

  /**
   * The shortest paths, and of equally long ones the first. Lists of all variables, such as
   * optimizers and layers have, lead to what has a name of its own elsewhere: such a path counts
   * only if there is no other.
   */
  private void walk() {
    long[] lengths = new long[graph.nodes()];
    Arrays.fill(lengths, Long.MAX_VALUE);
    PriorityQueue<Way> waiting =
        new PriorityQueue<>(Comparator.comparingLong(Way::length).thenComparingLong(Way::order));
    waiting.add(new Way(0, 0, 0));
    lengths[0] = 0;
    long order = 0;
    while (!waiting.isEmpty()) {
      Way way = waiting.remove();
      if (way.length() > lengths[way.node()]) {
        continue; // a shorter one was found since
      }
      List<ObjectReference> its = graph.node(way.node()).getChildrenList();
      long length = way.length() + (isListOfVariables(way.node()) ? DETOUR : 1);
      for (int i = 0; i < its.size(); i++) {
        int child = its.get(i).getNodeId();
        if (length < lengths[child] && !slots.containsKey(child)) {
          lengths[child] = length;
          parents[child] = way.node();
          edges[child] = i;
          waiting.add(new Way(length, ++order, child));
        }
      }
    }
  }

  private boolean isListOfVariables(int node) {
    return parents[node] != NONE
        && graph.node(parents[node]).getChildren(edges[node]).getLocalName().endsWith("variables");
  }

  private boolean leads(int node, int edge, int child) {
    return parents[child] == node && edges[child] == edge;
  }

  private List<ObjectLine> entries() {
    List<ObjectLine> entries = new ArrayList<>();
    Deque<Pending> pending = new ArrayDeque<>();
    pushChildren(new Pending(NONE, "", 0), pending);
    while (!pending.isEmpty()) {
      Pending next = pending.pop();
      List<SerializedTensor> tensors = graph.node(next.node()).getAttributesList();
      boolean one = tensors.size() == 1;
      List<String> elsewhere = new ArrayList<>();
      int others = elsewhere(next.node(), elsewhere);
      entries.add(
          new ObjectLine(
              next.depth(),
              next.name(),
              one ? Optional.of(tensors.get(0).getCheckpointKey()) : Optional.empty(),
              elsewhere,
              others));
      for (SerializedTensor tensor : one ? List.<SerializedTensor>of() : tensors) {
        entries.add(leaf(next.depth() + 1, tensor.getName(), List.of(tensor)));
      }
      for (SlotOf slot : slotsOf.getOrDefault(next.node(), List.of())) {
        String owner = slot.owner() == 0 ? "" : " (" + path(slot.owner()) + ")";
        entries.add(
            leaf(
                next.depth() + 1,
                slot.name() + owner,
                graph.node(slot.node()).getAttributesList()));
      }
      pushChildren(next, pending);
    }
    return withState(entries);
  }

  /** The lines without those of objects that show no state and no edge to another place. */
  private static List<ObjectLine> withState(List<ObjectLine> all) {
    List<ObjectLine> kept = new ArrayList<>();
    int depth = 0; // of what was kept last: what it stands beneath is kept, too
    for (int i = all.size() - 1; i >= 0; i--) {
      ObjectLine line = all.get(i);
      if (line.key().isPresent() || !line.elsewhere().isEmpty() || depth > line.depth()) {
        kept.add(line);
        depth = line.depth();
      }
    }
    Collections.reverse(kept);
    return kept;
  }

  private static ObjectLine leaf(int depth, String name, List<SerializedTensor> tensors) {
    Optional<String> key = tensors.stream().map(SerializedTensor::getCheckpointKey).findFirst();
    return new ObjectLine(depth, name, key, List.of(), 0);
  }

  private void pushChildren(Pending of, Deque<Pending> pending) {
    List<ObjectReference> its = graph.node(of.node()).getChildrenList();
    for (int i = its.size() - 1; i >= 0; i--) {
      ObjectReference edge = its.get(i);
      if (leads(of.node(), i, edge.getNodeId())) {
        pending.push(new Pending(of.depth() + 1, edge.getLocalName(), edge.getNodeId()));
      }
    }
  }

  /**
   * Finds the edges of a node to objects that stand in other places of the tree.
   *
   * @param told receives the first of them
   * @return the number of the others
   */
  private int elsewhere(int node, List<String> told) {
    List<ObjectReference> its = graph.node(node).getChildrenList();
    int count = 0;
    for (int i = 0; i < its.size(); i++) {
      int child = its.get(i).getNodeId();
      if (!leads(node, i, child)) {
        count++;
        if (count <= TOLD) {
          told.add(its.get(i).getLocalName() + " = " + path(child));
        }
      }
    }
    return Math.max(0, count - TOLD);
  }

  /** The place of a node, in words. */
  private String path(int node) {
    SlotOf slot = slots.get(node);
    if (slot != null) {
      boolean nested = slots.containsKey(slot.variable());
      return slot.name() + " of " + (nested ? "a slot" : path(slot.variable()));
    }
    List<String> names = new ArrayList<>();
    int at = node;
    for (; parents[at] != NONE && names.size() < NAMES; at = parents[at]) {
      names.add(graph.node(parents[at]).getChildren(edges[at]).getLocalName());
    }
    Collections.reverse(names);
    if (parents[at] != NONE) {
      names.add(0, "..");
    }
    return names.isEmpty() ? "the root" : String.join("/", names);
  }
}
