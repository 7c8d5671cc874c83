package dev.cairn.checkpoint.graph;

import dev.cairn.checkpoint.bundle.proto.ObjectGraphProto.ObjectReference;
import dev.cairn.checkpoint.bundle.proto.ObjectGraphProto.SerializedTensor;
import dev.cairn.checkpoint.bundle.proto.ObjectGraphProto.SlotVariableReference;
import dev.cairn.checkpoint.bundle.proto.ObjectGraphProto.TrackableObject;
import dev.cairn.checkpoint.bundle.proto.ObjectGraphProto.TrackableObjectGraph;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Makes the graph of a program's objects. For one use. Not thread-safe. */
final class GraphMaker {
  private static final String ATTRIBUTES = ".ATTRIBUTES";

  /** Which of the optimizers' slots are in a graph. */
  enum Slots {
    /** All of them. */
    ALL,
    /** Those of variables that are in it, too: it is a part of a graph. */
    OF_PART,
    /** None. */
    NONE
  }

  /** An object and the shortest path to it; the path of a slot variable is its key's. */
  private record Node(
      Trackable object, String path, Map<String, Trackable> children, List<Slot> slots) {}

  private final Slots which;
  private final List<Node> nodes = new ArrayList<>();
  private final IdentityHashMap<Trackable, Integer> numbers = new IdentityHashMap<>();

  /** The paths of slot variables, which do not depend on the edges that lead to them. */
  private final IdentityHashMap<Trackable, String> slotPaths = new IdentityHashMap<>();

  GraphMaker(Trackable root, Map<String, ? extends Trackable> attached, Slots which) {
    this.which = which;
    add(root, "");
    nodes.get(0).children().putAll(attached);
  }

  ObjectGraph make() {
    for (int n = 0; n < nodes.size(); n++) {
      walk(nodes.get(n));
    }
    int reached = nodes.size();
    for (int n = 0; n < reached; n++) {
      if (nodes.get(n).object() instanceof SlotOwner owner && which != Slots.NONE) {
        nameSlots(owner, nodes.get(n));
      }
    }
    TrackableObjectGraph.Builder proto = TrackableObjectGraph.newBuilder();
    IdentityHashMap<Variable, String> keys = new IdentityHashMap<>();
    IdentityHashMap<State, String> states = new IdentityHashMap<>();
    Map<String, Trackable> taken = new HashMap<>();
    List<Trackable> objects = new ArrayList<>();
    for (Node node : nodes) {
      proto.addNodes(describe(node, keys, states, taken));
      objects.add(node.object());
    }
    return new ObjectGraph(proto.build(), objects, keys, states);
  }

  private void add(Trackable object, String path) {
    numbers.put(object, nodes.size());
    nodes.add(new Node(object, path, new LinkedHashMap<>(object.children()), new ArrayList<>()));
  }

  private void walk(Node node) {
    for (Map.Entry<String, Trackable> edge : node.children().entrySet()) {
      if (!numbers.containsKey(edge.getValue())) {
        add(edge.getValue(), join(node.path(), edge.getKey()));
      }
    }
  }

  private void nameSlots(SlotOwner owner, Node node) {
    IdentityHashMap<Trackable, Set<String>> names = new IdentityHashMap<>();
    for (Slot slot : owner.slots()) {
      String what = "slot " + slot.name() + " of optimizer '" + node.path() + "'";
      Integer variable = numbers.get(slot.variable());
      if (variable == null && which == Slots.OF_PART) {
        continue;
      }
      if (variable == null) {
        throw new IllegalArgumentException(
            "Cannot make an object graph: "
                + what
                + " is for a variable that the root does not lead to; track the variable, too");
      }
      if (!names.computeIfAbsent(slot.variable(), v -> new HashSet<>()).add(slot.name())) {
        throw new IllegalArgumentException(
            "Cannot make an object graph: "
                + what
                + " is there twice for variable "
                + nodes.get(variable).path());
      }
      String base = nodes.get(variable).path() + "/.OPTIMIZER_SLOT/" + node.path();
      slotPaths.putIfAbsent(slot.slot(), join(base, slot.name()));
      node.slots().add(slot);
      if (!numbers.containsKey(slot.slot())) {
        add(slot.slot(), join(base, slot.name()));
      }
    }
  }

  private TrackableObject describe(
      Node node,
      IdentityHashMap<Variable, String> keys,
      IdentityHashMap<State, String> states,
      Map<String, Trackable> taken) {
    TrackableObject.Builder made = TrackableObject.newBuilder();
    node.children()
        .forEach(
            (name, child) ->
                made.addChildren(
                    ObjectReference.newBuilder().setNodeId(number(child)).setLocalName(name)));
    String path = slotPaths.getOrDefault(node.object(), node.path());
    if (node.object() instanceof Variable variable) {
      keys.put(variable, attribute(made, path, ObjectGraph.VALUE, taken, variable));
    }
    if (node.object() instanceof State state) {
      states.put(state, attribute(made, path, ObjectGraph.STATE, taken, state));
    }
    for (Slot slot : node.slots()) {
      made.addSlotVariables(
          SlotVariableReference.newBuilder()
              .setOriginalVariableNodeId(number(slot.variable()))
              .setSlotName(slot.name())
              .setSlotVariableNodeId(number(slot.slot())));
    }
    return made.build();
  }

  private int number(Trackable object) {
    Integer number = numbers.get(object);
    if (number == null) {
      throw new IllegalStateException(
          "Cannot make an object graph: an object led to others than before while it was made");
    }
    return number;
  }

  private static String attribute(
      TrackableObject.Builder node,
      String path,
      String name,
      Map<String, Trackable> taken,
      Trackable object) {
    String key = path.isEmpty() ? ATTRIBUTES + "/" + name : path + "/" + ATTRIBUTES + "/" + name;
    if (taken.putIfAbsent(key, object) != null) {
      throw new IllegalArgumentException(
          "Cannot make an object graph: two objects have the key " + key + "; rename an edge");
    }
    node.addAttributes(
        SerializedTensor.newBuilder().setName(name).setFullName(path).setCheckpointKey(key));
    return key;
  }

  private static String join(String path, String name) {
    // TensorFlow takes what follows the first .ATTRIBUTES/ of a key for the attribute's name.
    if (name.endsWith(ATTRIBUTES) || (path.isEmpty() && name.startsWith("\0"))) {
      throw new IllegalArgumentException(
          "Cannot make an object graph: TensorFlow cannot restore what an edge of the name '"
              + name.replace("\0", "\\0")
              + "' leads to; rename it");
    }
    String escaped = name.replace(".", "..").replace("/", ".S");
    return path.isEmpty() ? escaped : path + "/" + escaped;
  }
}
