package dev.cairn.checkpoint.graph;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.cairn.checkpoint.bundle.proto.ObjectGraphProto.ObjectReference;
import dev.cairn.checkpoint.bundle.proto.ObjectGraphProto.SerializedTensor;
import dev.cairn.checkpoint.bundle.proto.ObjectGraphProto.SlotVariableReference;
import dev.cairn.checkpoint.bundle.proto.ObjectGraphProto.TrackableObject;
import dev.cairn.checkpoint.bundle.proto.ObjectGraphProto.TrackableObjectGraph;
import dev.cairn.checkpoint.model.CheckpointException.Corrupt;
import dev.cairn.checkpoint.model.DType;
import dev.cairn.checkpoint.model.ObjectLine;
import dev.cairn.checkpoint.model.Shape;
import dev.cairn.checkpoint.model.VariableSpec;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The objects that have state, the edges that join them, and the keys under which their tensors are
 * stored: TensorFlow's TrackableObjectGraph. Immutable, thread-safe.
 *
 * <p>A graph is either made of a program's objects ({@link #of}) or read ({@link #parse}); one that
 * was read has no objects, and its unknown fields are kept when it is written again.
 */
public final class ObjectGraph {

  /** The key under which a checkpoint keeps its graph. */
  public static final String KEY = "_CHECKPOINTABLE_OBJECT_GRAPH";

  /** The tensor of a graph: a scalar of type STRING. */
  public static final VariableSpec SPEC = new VariableSpec(KEY, DType.STRING, Shape.scalar());

  /** Name of a variable's attribute. */
  static final String VALUE = "VARIABLE_VALUE";

  /** Name of the attribute of a {@link State}. */
  static final String STATE = "py_state";

  private final TrackableObjectGraph proto;

  /** The object of each node; empty if the graph was read. */
  private final List<Trackable> objects;

  private final IdentityHashMap<Variable, String> keys;
  private final IdentityHashMap<State, String> states;

  ObjectGraph(
      TrackableObjectGraph proto,
      List<Trackable> objects,
      IdentityHashMap<Variable, String> keys,
      IdentityHashMap<State, String> states) {
    this.proto = proto;
    this.objects = Collections.unmodifiableList(objects);
    this.keys = keys;
    this.states = states;
  }

  /**
   * The graph of all that a program's root leads to. Nodes are numbered breadth-first, slot
   * variables to which no edge leads after all others.
   *
   * <p>A slot variable's key is {@code <variable's path>/.OPTIMIZER_SLOT/<optimizer's path>/<slot's
   * name>/.ATTRIBUTES/VARIABLE_VALUE}, that of any other variable {@code
   * <path>/.ATTRIBUTES/VARIABLE_VALUE}, of a state {@code <path>/.ATTRIBUTES/py_state}. A path is
   * the shortest one, edges joined by {@code /}; within a name a dot is written as two and a slash
   * as {@code .S}.
   *
   * @throws IllegalArgumentException for a name that TensorFlow cannot restore, a slot of a
   *     variable that the root does not lead to, or two slots of one name
   */
  public static ObjectGraph of(Trackable root) {
    return of(root, Map.of());
  }

  /**
   * As the other, with more edges at the root than it has itself.
   *
   * @param attached children of the root by their edges, which come after its own
   */
  public static ObjectGraph of(Trackable root, Map<String, ? extends Trackable> attached) {
    return new GraphMaker(root, attached, GraphMaker.Slots.ALL).make();
  }

  /**
   * The graph of all that a program's root leads to, but for the slots of optimizers: what edges
   * lead to is in it all the same.
   *
   * @param attached children of the root by their edges, which come after its own
   * @throws IllegalArgumentException for a name that TensorFlow cannot restore
   */
  public static ObjectGraph withoutSlots(
      Trackable root, Map<String, ? extends Trackable> attached) {
    return new GraphMaker(root, attached, GraphMaker.Slots.NONE).make();
  }

  /** This stored graph without slots, and without the values of what only a slot leads to. */
  public ObjectGraph withoutSlots() {
    Set<Integer> led = new HashSet<>();
    Set<Integer> slots = new HashSet<>();
    for (TrackableObject node : proto.getNodesList()) {
      node.getChildrenList().forEach(edge -> led.add(edge.getNodeId()));
      node.getSlotVariablesList().forEach(slot -> slots.add(slot.getSlotVariableNodeId()));
    }
    TrackableObjectGraph.Builder without = proto.toBuilder();
    for (int n = 0; n < proto.getNodesCount(); n++) {
      without.getNodesBuilder(n).clearSlotVariables();
      if (slots.contains(n) && !led.contains(n)) {
        without.getNodesBuilder(n).clearAttributes();
      }
    }
    return new ObjectGraph(
        without.build(), List.of(), new IdentityHashMap<>(), new IdentityHashMap<>());
  }

  /** Whether another stored graph is the same to the letter. */
  public boolean sameAs(ObjectGraph other) {
    return proto.equals(other.proto);
  }

  /** An object's name for people: the key of its value, if it has one. */
  Optional<String> nameOf(@Nullable Trackable object) {
    if (object instanceof Variable variable && keys.containsKey(variable)) {
      return Optional.ofNullable(keys.get(variable));
    }
    return object instanceof State state
        ? Optional.ofNullable(states.get(state))
        : Optional.empty();
  }

  /**
   * Reads a stored graph.
   *
   * @param bytes the serialized proto
   * @param where the place of the graph, for messages
   * @throws Corrupt if it is none, or points to nodes that it does not have
   */
  public static ObjectGraph parse(byte[] bytes, String where) throws Corrupt {
    TrackableObjectGraph proto;
    try {
      proto = TrackableObjectGraph.parseFrom(bytes);
    } catch (InvalidProtocolBufferException e) {
      throw corrupt("it is no graph or is cut short: " + e.getMessage(), where);
    }
    int nodes = proto.getNodesCount();
    if (nodes == 0) {
      throw corrupt("expected a root, found no node at all", where);
    }
    for (int n = 0; n < nodes; n++) {
      TrackableObject node = proto.getNodes(n);
      for (var child : node.getChildrenList()) {
        check(n, "edge " + child.getLocalName(), child.getNodeId(), nodes, where);
      }
      for (var slot : node.getSlotVariablesList()) {
        String what = "slot " + slot.getSlotName();
        check(n, what, slot.getOriginalVariableNodeId(), nodes, where);
        check(n, what, slot.getSlotVariableNodeId(), nodes, where);
      }
    }
    return new ObjectGraph(proto, List.of(), new IdentityHashMap<>(), new IdentityHashMap<>());
  }

  private static void check(int node, String what, int target, int nodes, String where)
      throws Corrupt {
    if (target < 0 || target >= nodes) {
      throw corrupt(
          what
              + " of node "
              + node
              + " leads to node "
              + target
              + ", expected one from 0 to "
              + (nodes - 1),
          where);
    }
  }

  private static Corrupt corrupt(String why, String where) {
    return new Corrupt(
        "Cannot read object graph: " + why + " (" + where + "); use an older checkpoint");
  }

  /** The bytes under {@link #KEY}. */
  public byte[] encode() {
    return proto.toByteArray();
  }

  /**
   * The key of each of the program's variables, slot variables among them, by identity; empty if
   * the graph was read.
   */
  public Map<Variable, String> keys() {
    return Collections.unmodifiableMap(keys);
  }

  /** The key of each of the program's states, by identity; empty if the graph was read. */
  public Map<State, String> states() {
    return Collections.unmodifiableMap(states);
  }

  /** A variable of the program as it is stored. */
  public VariableSpec spec(Variable variable) {
    String key = keys.get(variable);
    if (key == null) {
      throw new IllegalArgumentException(
          "Cannot name variable " + variable + ": the graph does not lead to it");
    }
    return new VariableSpec(key, variable.dtype(), variable.shape());
  }

  /**
   * The key of the variable to which edges lead, one after the other from the root; empty if they
   * lead to none.
   */
  public Optional<String> key(List<String> path) {
    return at(path).flatMap(ObjectGraph::value).map(SerializedTensor::getCheckpointKey);
  }

  /**
   * The names of the edges of the object to which others lead from the root; none if there is none.
   */
  public Set<String> edges(List<String> path) {
    Set<String> names = new LinkedHashSet<>();
    at(path)
        .ifPresent(node -> node.getChildrenList().forEach(edge -> names.add(edge.getLocalName())));
    return names;
  }

  private Optional<TrackableObject> at(List<String> path) {
    int node = 0;
    for (String name : path) {
      int next = -1;
      for (ObjectReference edge : proto.getNodes(node).getChildrenList()) {
        if (edge.getLocalName().equals(name)) {
          next = edge.getNodeId();
        }
      }
      if (next < 0) {
        return Optional.empty();
      }
      node = next;
    }
    return Optional.of(proto.getNodes(node));
  }

  private static Optional<SerializedTensor> value(TrackableObject node) {
    return node.getAttributesList().stream()
        .filter(attribute -> attribute.getName().equals(VALUE))
        .findFirst();
  }

  /**
   * What the program that stored a variable calls it, whatever leads to it; empty if it calls it
   * nothing.
   */
  public Optional<String> nameInProgram(String key) {
    return proto.getNodesList().stream()
        .flatMap(node -> node.getAttributesList().stream())
        .filter(attribute -> attribute.getCheckpointKey().equals(key))
        .map(SerializedTensor::getFullName)
        .filter(name -> !name.isEmpty())
        .findFirst();
  }

  /** Whether an optimizer in it says for which variables it keeps what: Keras 3's do not. */
  public boolean namesSlots() {
    return proto.getNodesList().stream().anyMatch(node -> node.getSlotVariablesCount() > 0);
  }

  /**
   * The graph as a tree, from top to bottom: each object once, where its shortest path leads, slot
   * variables beneath their variable.
   */
  public List<ObjectLine> outline() {
    return GraphOutline.of(this);
  }

  /**
   * Which keys of this graph and of another stand for the same of the same object: one to which
   * edges of the same names lead. The order is that of this graph's nodes.
   */
  public Map<String, String> sameObjects(ObjectGraph other) {
    return new GraphPairs(this, other).keys();
  }

  /** Whether both have the same objects, joined alike, whatever the numbers of nodes and keys. */
  public boolean isLike(ObjectGraph other) {
    return new GraphPairs(this, other).areAlike();
  }

  /** The keys that the graph's nodes name, in the order of the nodes. */
  public List<String> storedKeys() {
    List<String> stored = new ArrayList<>();
    for (TrackableObject node : proto.getNodesList()) {
      for (SerializedTensor attribute : node.getAttributesList()) {
        stored.add(attribute.getCheckpointKey());
      }
    }
    return stored;
  }

  /** The program's objects, a node each, the root first; empty if the graph was read. */
  public List<Trackable> objects() {
    return objects;
  }

  /** How many nodes there are, numbered from 0, the root, on. */
  public int nodes() {
    return proto.getNodesCount();
  }

  /** The nodes to which a node leads, by the names of the edges; of two of one name the last. */
  public Map<String, Integer> children(int node) {
    Map<String, Integer> children = new LinkedHashMap<>();
    for (ObjectReference edge : proto.getNodes(node).getChildrenList()) {
      children.put(edge.getLocalName(), edge.getNodeId());
    }
    return children;
  }

  /** The keys of a node's state, by the names of its attributes. */
  public Map<String, String> attributes(int node) {
    Map<String, String> attributes = new LinkedHashMap<>();
    for (SerializedTensor attribute : proto.getNodes(node).getAttributesList()) {
      attributes.put(attribute.getName(), attribute.getCheckpointKey());
    }
    return attributes;
  }

  /** The slot variables of a node, by variable and by the slot's name. */
  public Map<Integer, Map<String, Integer>> slots(int node) {
    Map<Integer, Map<String, Integer>> slots = new LinkedHashMap<>();
    for (SlotVariableReference slot : proto.getNodes(node).getSlotVariablesList()) {
      slots
          .computeIfAbsent(slot.getOriginalVariableNodeId(), variable -> new LinkedHashMap<>())
          .put(slot.getSlotName(), slot.getSlotVariableNodeId());
    }
    return slots;
  }

  TrackableObject node(int number) {
    return proto.getNodes(number);
  }
}
