package dev.cairn.checkpoint.formats;

import dev.cairn.checkpoint.graph.ObjectGraph;
import dev.cairn.checkpoint.graph.Slot;
import dev.cairn.checkpoint.graph.SlotOwner;
import dev.cairn.checkpoint.graph.Trackable;
import dev.cairn.checkpoint.graph.Variable;
import dev.cairn.checkpoint.model.CheckpointException.Mismatch;
import dev.cairn.checkpoint.model.DType;
import dev.cairn.checkpoint.model.Shape;
import dev.cairn.checkpoint.model.VariableSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The object graph that tensors' names describe: each slash joins two edges, and {@code
 * V/.OPTIMIZER_SLOT/O/S} is slot S that the object at O keeps for the variable at V. Immutable.
 */
final class NamedGraph {

  /** An object, which may be a variable's container and an optimizer at once. */
  private static class Node implements SlotOwner {
    private final SortedMap<String, Trackable> children = new TreeMap<>();
    private final List<Slot> slots = new ArrayList<>();

    @Override
    public SortedMap<String, Trackable> children() {
      return children;
    }

    @Override
    public List<Slot> slots() {
      return slots;
    }
  }

  private static final class Leaf extends Node implements Variable {
    private final VariableSpec tensor;

    Leaf(VariableSpec tensor) {
      this.tensor = tensor;
    }

    @Override
    public DType dtype() {
      return tensor.dtype();
    }

    @Override
    public Shape shape() {
      return tensor.shape();
    }
  }

  private final Node root = new Node();
  private final Map<String, VariableSpec> tensors = new LinkedHashMap<>();
  private final Map<String, Node> nodes = new LinkedHashMap<>();
  private final Map<String, Leaf> variables = new LinkedHashMap<>();
  private final ObjectGraph graph;

  /**
   * Makes the graph.
   *
   * @param where the names' file, for messages
   * @throws Mismatch for a name that TensorFlow cannot restore, or a slot of no variable
   */
  NamedGraph(List<VariableSpec> named, String where) throws Mismatch {
    named.forEach(tensor -> tensors.put(tensor.key(), tensor));
    List<String> slots = new ArrayList<>();
    for (VariableSpec tensor : named) {
      if (isSlot(tensor.key())) {
        slots.add(tensor.key());
      } else if (node(tensor.key()) instanceof Leaf leaf) {
        variables.put(tensor.key(), leaf);
      }
    }
    for (String name : slots) {
      addSlot(name, where);
    }
    try {
      this.graph = ObjectGraph.of(root);
    } catch (IllegalArgumentException e) {
      throw new Mismatch(
          "Cannot make a checkpoint of these names: "
              + e.getMessage()
              + " (path="
              + where
              + "); rename the tensor");
    }
  }

  private static boolean isSlot(String name) {
    return name.contains("/" + TensorNames.SLOT + "/");
  }

  /** The object at a path, made with all that lead to it. */
  private Node node(String path) {
    Node node = root;
    int at = -1;
    do {
      int end = path.indexOf('/', at + 1);
      String prefix = end < 0 ? path : path.substring(0, end);
      Node next = nodes.get(prefix);
      if (next == null) {
        VariableSpec tensor = tensors.get(prefix);
        next = tensor == null ? new Node() : new Leaf(tensor);
        nodes.put(prefix, next);
        node.children.put(prefix.substring(at + 1), next);
      }
      node = next;
      at = end;
    } while (at >= 0);
    return node;
  }

  private void addSlot(String name, String where) throws Mismatch {
    String mark = "/" + TensorNames.SLOT + "/";
    int at = name.indexOf(mark);
    String rest = name.substring(at + mark.length());
    int last = rest.lastIndexOf('/');
    Leaf variable = variables.get(name.substring(0, at));
    if (variable == null) {
      throw new Mismatch(
          "Cannot make a checkpoint of these names: "
              + name
              + " is kept for "
              + name.substring(0, at)
              + ", which is not there (path="
              + where
              + "); rename the tensor, or add the other");
    }
    Node owner = last < 0 ? root : node(rest.substring(0, last));
    Leaf slot = new Leaf(Objects.requireNonNull(tensors.get(name)));
    owner.slots.add(new Slot(variable, rest.substring(last + 1), slot));
    variables.put(name, slot);
  }

  ObjectGraph graph() {
    return graph;
  }

  /** A tensor under the key that it has in the checkpoint. */
  VariableSpec stored(VariableSpec tensor) {
    return graph.spec(Objects.requireNonNull(variables.get(tensor.key()), tensor.key()));
  }
}
