package dev.cairn.spark.shard;

import dev.cairn.checkpoint.graph.HeldVariable;
import dev.cairn.checkpoint.graph.ObjectGraph;
import dev.cairn.checkpoint.graph.Restoration;
import dev.cairn.checkpoint.graph.Slot;
import dev.cairn.checkpoint.graph.SlotOwner;
import dev.cairn.checkpoint.graph.Trackable;
import dev.cairn.checkpoint.graph.Variable;
import dev.cairn.checkpoint.model.DType;
import dev.cairn.checkpoint.model.Shape;
import dev.cairn.checkpoint.model.VariableSpec;
import dev.cairn.spark.optimizer.Optimizer;
import dev.cairn.spark.optimizer.SlotSpec;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A model and its optimizer as TensorFlow's object graph: the contents of a checkpoint and their
 * keys. A pure function of layout, optimizer and step. Immutable, thread-safe.
 *
 * <p>The root leads to each variable by its name (a slash in it makes one edge more) and to the
 * optimizer, which has a slot variable for each of its variables and slots. The optimizer is laid
 * out twice: as optimizers with slot variables are, and with the edge {@code _variables} to the
 * list in which Keras 3's optimizer of that name keeps the same ones. Variables with another
 * optimizer have theirs beside it, under the edge {@code optimizer_} and the name of the first of
 * them.
 */
public final class ModelGraph {
  private static final String OPTIMIZER = "optimizer";
  private static final String GLOBAL_STEP = "global_step";
  private static final String SAVE_COUNTER = "save_counter";

  /** The edges of the root that are not those of variables. */
  private static final Set<String> RESERVED = Set.of(OPTIMIZER, GLOBAL_STEP, SAVE_COUNTER);

  private record Part(String variable, Optional<String> slot) {}

  private static class Place implements Trackable {
    final SortedMap<String, Trackable> children = new TreeMap<>();

    @Override
    public SortedMap<String, Trackable> children() {
      return children;
    }
  }

  private static final class Parameter extends Place implements Variable {
    private final Shape shape;

    Parameter(ParameterVariable variable) {
      this.shape =
          switch (variable.rank()) {
            case 0 -> Shape.scalar();
            case 1 -> Shape.of(variable.rows());
            default -> Shape.of(variable.rows(), variable.width());
          };
    }

    @Override
    public DType dtype() {
      return DType.FLOAT;
    }

    @Override
    public Shape shape() {
      return shape;
    }
  }

  /** One optimizer, and the variables that have it. */
  private static final class Keeper extends Place implements SlotOwner {
    final Optimizer optimizer;
    final List<ParameterVariable> variables = new ArrayList<>();
    final List<Slot> slots = new ArrayList<>();

    Keeper(Optimizer optimizer) {
      this.optimizer = optimizer;
    }

    @Override
    public List<Slot> slots() {
      return slots;
    }
  }

  private final Map<Part, Parameter> parameters = new HashMap<>();
  private final Map<Part, VariableSpec> specs = new HashMap<>();
  private final ObjectGraph graph;
  private final boolean trains;

  private ModelGraph(Place root, ParameterLayout layout, Map<String, Keeper> keepers) {
    root.children.putAll(keepers);
    layout.variables().stream()
        .sorted(Comparator.comparing(ParameterVariable::name)) // a before a/b
        .forEach(variable -> track(root, variable));
    for (Keeper keeper : keepers.values()) {
      for (ParameterVariable variable : keeper.variables) {
        for (SlotSpec slot : keeper.optimizer.slots()) {
          Parameter kept = new Parameter(variable);
          parameters.put(new Part(variable.name(), Optional.of(slot.name())), kept);
          keeper.slots.add(new Slot(parameter(variable, Optional.empty()), slot.name(), kept));
        }
      }
    }
    this.graph = ObjectGraph.of(root);
    this.trains = root.children.containsKey(OPTIMIZER);
    parameters.forEach((part, parameter) -> specs.put(part, graph.spec(parameter)));
  }

  /** The graph of the variables alone, to read them without an optimizer's state. */
  public static ModelGraph variables(ParameterLayout layout) {
    return new ModelGraph(new Place(), layout, Map.of());
  }

  /**
   * The graph of the executors' part: variables, and slots if the optimizer trains.
   *
   * @throws IllegalArgumentException for a variable whose name no checkpoint can hold, or for
   *     another optimizer of a variable that does not exist
   */
  public static ModelGraph parameters(ParameterLayout layout, Optimizer optimizer) {
    Map<String, Keeper> keepers = optimizer.trains() ? keepers(layout, optimizer) : Map.of();
    return new ModelGraph(new Place(), layout, keepers);
  }

  /** The optimizers by their edges. */
  private static Map<String, Keeper> keepers(ParameterLayout layout, Optimizer optimizer) {
    optimizer.checkVariables(layout.variables().stream().map(ParameterVariable::name).toList());
    Map<String, Keeper> keepers = new LinkedHashMap<>();
    IdentityHashMap<Optimizer, Keeper> known = new IdentityHashMap<>();
    keepers.put(OPTIMIZER, new Keeper(optimizer));
    known.put(optimizer, keepers.get(OPTIMIZER));
    for (ParameterVariable variable : layout.variables()) {
      Optimizer own = optimizer.of(variable.name());
      Keeper keeper = known.computeIfAbsent(own, Keeper::new);
      keeper.variables.add(variable);
      if (!keepers.containsValue(keeper)) {
        keepers.put(edge(variable, keepers.keySet()), keeper);
      }
    }
    return keepers;
  }

  /** The first free edge for an optimizer. */
  private static String edge(ParameterVariable variable, Set<String> taken) {
    String edge = OPTIMIZER + "_" + variable.name().replace('/', '_');
    while (taken.contains(edge)) {
      edge += "_";
    }
    return edge;
  }

  /**
   * The graph of all that a checkpoint has: the parameters, and the driver's counters.
   *
   * @param step the number of steps done
   */
  public static ObjectGraph at(ParameterLayout layout, Optimizer optimizer, long step) {
    Place root = new Place();
    root.children.put(GLOBAL_STEP, HeldVariable.of(step));
    // A CheckpointManager of TensorFlow's that goes on from here numbers its checkpoints from here
    // on.
    root.children.put(SAVE_COUNTER, HeldVariable.of(step));
    Map<String, Keeper> keepers = keepers(layout, optimizer);
    ModelGraph made = new ModelGraph(root, layout, keepers);
    keepers.values().forEach(keeper -> made.asKerasKeepsIt(keeper, step));
    return ObjectGraph.of(root);
  }

  /** Gives an optimizer its counter, its rate and the list of its variables. */
  private void asKerasKeepsIt(Keeper keeper, long step) {
    HeldVariable iterations = HeldVariable.of(step);
    List<Trackable> variables = new ArrayList<>(List.of(iterations));
    keeper.children.put("iterations", iterations);
    if (keeper.optimizer.spec().schedule().isEmpty()) {
      HeldVariable rate = HeldVariable.of((float) keeper.optimizer.rate(step));
      variables.add(rate);
      keeper.children.put("learning_rate", rate);
    }
    for (List<SlotSpec> group : keeper.optimizer.slotGroups()) {
      for (ParameterVariable variable : keeper.variables) {
        group.forEach(slot -> variables.add(parameter(variable, Optional.of(slot.name()))));
      }
    }
    Place list = new Place();
    for (int i = 0; i < variables.size(); i++) {
      list.children.put(Integer.toString(i), variables.get(i));
    }
    keeper.children.put("_variables", list);
  }

  private void track(Place root, ParameterVariable variable) {
    String[] names = variable.name().split("/", -1);
    if (RESERVED.contains(names[0]) || root.children.get(names[0]) instanceof Keeper) {
      throw new IllegalArgumentException(
          "Cannot name a variable "
              + variable.name()
              + ": a checkpoint has "
              + names[0]
              + " for something else; choose another name");
    }
    Parameter parameter = new Parameter(variable);
    parameters.put(new Part(variable.name(), Optional.empty()), parameter);
    Place at = root;
    for (int i = 0; i < names.length - 1; i++) {
      at = (Place) at.children.computeIfAbsent(names[i], name -> new Place());
    }
    at.children.put(names[names.length - 1], parameter);
  }

  private Parameter parameter(ParameterVariable variable, Optional<String> slot) {
    return known(parameters, variable, slot);
  }

  private static <T> T known(Map<Part, T> of, ParameterVariable variable, Optional<String> slot) {
    T found = of.get(new Part(variable.name(), slot));
    if (found == null) {
      throw new IllegalArgumentException(
          "Cannot name "
              + slot.map(name -> "slot " + name + " of ").orElse("")
              + variable
              + ": it is not in the model");
    }
    return found;
  }

  /** Whether there is an optimizer in it. */
  public boolean trains() {
    return trains;
  }

  /** The graph, to be laid over a stored one. */
  public ObjectGraph graph() {
    return graph;
  }

  /** A variable, or one of its slots, as it is stored. */
  public VariableSpec spec(ParameterVariable variable, Optional<String> slot) {
    return known(specs, variable, slot);
  }

  /** The key of each variable and slot of this model in a checkpoint that was found to fit. */
  public Stored stored(List<Restoration.Match> matches) {
    IdentityHashMap<Variable, String> keys = new IdentityHashMap<>();
    matches.forEach(match -> keys.put(match.variable(), match.stored().key()));
    Map<Part, String> stored = new HashMap<>();
    parameters.forEach((part, parameter) -> stored.put(part, String.valueOf(keys.get(parameter))));
    return new Stored(stored);
  }

  /** The keys in a checkpoint, whoever wrote it. */
  public static final class Stored {
    private final Map<Part, String> keys;

    private Stored(Map<Part, String> keys) {
      this.keys = keys;
    }

    /** The key of a variable, or of one of its slots. */
    public String key(ParameterVariable variable, Optional<String> slot) {
      return known(keys, variable, slot);
    }
  }
}
