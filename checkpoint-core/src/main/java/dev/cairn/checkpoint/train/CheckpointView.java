package dev.cairn.checkpoint.train;

import dev.cairn.checkpoint.CheckpointReader;
import dev.cairn.checkpoint.FolderOptions;
import dev.cairn.checkpoint.graph.ObjectGraph;
import dev.cairn.checkpoint.graph.Trackable;
import dev.cairn.checkpoint.model.CheckpointException.NotFound;
import dev.cairn.checkpoint.model.VariableSpec;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The object graph of a checkpoint, walked without the program that saved it: {@code
 * tf.train.CheckpointView}. Nodes are numbers from 0, the root, on; no value is read. Immutable,
 * thread-safe.
 */
public final class CheckpointView {

  /** The root's number. */
  public static final int ROOT = 0;

  private final ObjectGraph graph;
  private final Map<String, VariableSpec> tensors;

  private CheckpointView(ObjectGraph graph, Map<String, VariableSpec> tensors) {
    this.graph = graph;
    this.tensors = tensors;
  }

  /** See {@link #open(String, FolderOptions)}. */
  public static CheckpointView open(String path) throws IOException {
    return open(path, FolderOptions.defaults());
  }

  /**
   * Reads a checkpoint's graph and index.
   *
   * @param path a prefix, or any folder in which there is a checkpoint
   * @throws NotFound if there is no checkpoint, or if it has no graph
   */
  public static CheckpointView open(String path, FolderOptions options) throws IOException {
    try (CheckpointReader reader = Checkpoints.loadCheckpoint(path, options)) {
      Optional<ObjectGraph> graph = reader.graph();
      if (graph.isEmpty()) {
        throw new NotFound(
            "Cannot view the objects of a checkpoint: expected "
                + ObjectGraph.KEY
                + " in it, found names of variables only (path="
                + reader.prefix()
                + "); list its variables instead");
      }
      Map<String, VariableSpec> tensors = new HashMap<>();
      reader.variables().forEach(variable -> tensors.put(variable.key(), variable));
      return new CheckpointView(graph.get(), tensors);
    }
  }

  /** How many nodes there are, slot variables among them. */
  public int nodes() {
    return graph.nodes();
  }

  /** The nodes to which a node leads, by the names of the edges, in the order in which they are. */
  public Map<String, Integer> children(int node) {
    return graph.children(node);
  }

  /** The nodes to which edges lead from the root on, breadth-first, the root first. */
  public List<Integer> descendants() {
    Set<Integer> seen = new LinkedHashSet<>(List.of(ROOT));
    Deque<Integer> next = new ArrayDeque<>(seen);
    while (!next.isEmpty()) {
      for (int child : children(next.removeFirst()).values()) {
        if (seen.add(child)) {
          next.addLast(child);
        }
      }
    }
    return List.copyOf(seen);
  }

  /**
   * The keys under which a node's state is stored, by the names of its attributes. Not every key is
   * that of a tensor: tables and iterators have theirs under keys that begin with it.
   */
  public Map<String, String> attributes(int node) {
    return graph.attributes(node);
  }

  /** Key, dtype and shape of a node that is a variable; empty for any other. */
  public Optional<VariableSpec> variable(int node) {
    String key = graph.attributes(node).get("VARIABLE_VALUE");
    return Optional.ofNullable(key).map(tensors::get);
  }

  /** The variables that a node, an optimizer, keeps: by variable, and by the slot's name. */
  public Map<Integer, Map<String, Integer>> slots(int node) {
    return graph.slots(node);
  }

  /**
   * Which object of a program each node is, found along edges of the same name from the roots on;
   * nodes without one are left out. Slots are left out.
   */
  public Map<Integer, Trackable> match(Trackable program) {
    Map<Integer, Trackable> matched = new LinkedHashMap<>();
    matched.put(ROOT, program);
    Deque<Integer> next = new ArrayDeque<>(List.of(ROOT));
    while (!next.isEmpty()) {
      int node = next.removeFirst();
      Trackable object = matched.get(node);
      Map<String, ? extends Trackable> there = object == null ? Map.of() : object.children();
      children(node)
          .forEach(
              (edge, child) -> {
                Trackable other = there.get(edge);
                if (other != null && matched.putIfAbsent(child, other) == null) {
                  next.addLast(child);
                }
              });
    }
    return matched;
  }

  /**
   * How a program differs.
   *
   * @param matched the object of each node that has one
   * @param onlyStored nodes to which edges lead that have none, in the order of their numbers
   * @param onlyInProgram objects that no node stands for, by the first path that leads to each
   */
  public record Diff(
      Map<Integer, Trackable> matched,
      List<Integer> onlyStored,
      Map<String, Trackable> onlyInProgram) {

    /** Copies what it is given. */
    public Diff {
      matched = Collections.unmodifiableMap(new LinkedHashMap<>(matched));
      onlyStored = List.copyOf(onlyStored);
      onlyInProgram = Collections.unmodifiableMap(new LinkedHashMap<>(onlyInProgram));
    }
  }

  /** Compares with a program's objects by {@link #match}. */
  public Diff diff(Trackable program) {
    Map<Integer, Trackable> matched = match(program);
    List<Integer> onlyStored = new ArrayList<>(descendants());
    onlyStored.removeAll(matched.keySet());
    Collections.sort(onlyStored);
    IdentityHashMap<Trackable, String> paths = new IdentityHashMap<>();
    paths.put(program, "");
    Deque<Trackable> next = new ArrayDeque<>(List.of(program));
    Map<String, Trackable> onlyInProgram = new LinkedHashMap<>();
    Set<Trackable> bound = Collections.newSetFromMap(new IdentityHashMap<>());
    bound.addAll(matched.values());
    while (!next.isEmpty()) {
      Trackable object = next.removeFirst();
      String path = paths.getOrDefault(object, "");
      object
          .children()
          .forEach(
              (edge, child) -> {
                String there = path.isEmpty() ? edge : path + "/" + edge;
                if (paths.putIfAbsent(child, there) == null) {
                  next.addLast(child);
                  if (!bound.contains(child)) {
                    onlyInProgram.put(there, child);
                  }
                }
              });
    }
    return new Diff(matched, onlyStored, onlyInProgram);
  }
}
