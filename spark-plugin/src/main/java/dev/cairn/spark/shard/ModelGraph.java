package dev.cairn.spark.shard;

import dev.cairn.checkpoint.CheckpointReader;
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
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A model and its optimizer as TensorFlow's object graph: the contents of a checkpoint and their
 * keys. A pure function of layout, optimizer and step. Immutable, thread-safe.
 *
 * <p>It is the graph that a program in Python has with {@code tf.train.Checkpoint(model=..,
 * optimizer=..)}. The root leads to the model, and that to each variable by its name (a slash in it
 * makes one edge more), and to the optimizer, which has a slot variable for each of its variables
 * and slots. The optimizer is laid out twice: as optimizers with slot variables are, and with the
 * edge {@code _variables} to the list in which Keras 3's optimizer of that name keeps the same
 * ones. Variables with another optimizer have theirs beside it, under the edge {@code optimizer_}
 * and the name of the first of them.
 */
public final class ModelGraph {
  private static final String MODEL = "model";
  private static final String OPTIMIZER = "optimizer";
  private static final String SAVE_COUNTER = "save_counter";

  /** The list of an optimizer's variables in Keras 3: iterations, the rate, and then the slots. */
  private static final String VARIABLES = "_variables";

  /** That of the variables which it trains, in the order of the slots. */
  private static final String TRAINED = "_trainable_variables";

  /**
   * Names that an attribute of a Keras layer cannot have, since all layers have something else by
   * them. A second edge leads to such a variable, with an underscore behind the name.
   */
  private static final Set<String> TAKEN_IN_KERAS =
      Set.of("weights", "variables", "losses", "metrics", "layers", "input", "output", "path");

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
    final long rows;

    Parameter(ParameterVariable variable) {
      this.rows = variable.rows();
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

    /** Whether its rate is one of its variables: that of a schedule is none. */
    boolean keepsRate() {
      return optimizer.spec().schedule().isEmpty();
    }

    /** The place of its first slot in Keras's list. */
    int firstSlot() {
      return keepsRate() ? 2 : 1;
    }

    @Override
    public List<Slot> slots() {
      return slots;
    }
  }

  private final Map<Part, Parameter> parameters = new HashMap<>();
  private final Map<Part, VariableSpec> specs = new HashMap<>();
  private final Place model = new Place();
  private final Map<String, Keeper> keepers;
  private final ObjectGraph graph;

  private ModelGraph(ParameterLayout layout, Map<String, Keeper> keepers) {
    this.keepers = keepers;
    layout.variables().stream()
        .sorted(Comparator.comparing(ParameterVariable::name)) // a before a/b
        .forEach(this::track);
    for (Keeper keeper : keepers.values()) {
      for (ParameterVariable variable : keeper.variables) {
        for (SlotSpec slot : keeper.optimizer.slots()) {
          Parameter kept = new Parameter(variable);
          parameters.put(new Part(variable.name(), Optional.of(slot.name())), kept);
          keeper.slots.add(new Slot(parameter(variable, Optional.empty()), slot.name(), kept));
        }
      }
    }
    this.graph = ObjectGraph.of(root(true, true));
    parameters.forEach((part, parameter) -> specs.put(part, graph.spec(parameter)));
  }

  /** The graph of the variables alone, to read them without an optimizer's state. */
  public static ModelGraph variables(ParameterLayout layout) {
    return new ModelGraph(layout, Map.of());
  }

  /**
   * The graph of the executors' part: variables, and slots if the optimizer trains.
   *
   * @throws IllegalArgumentException for a variable whose name no checkpoint can hold, or for
   *     another optimizer of a variable that does not exist
   */
  public static ModelGraph parameters(ParameterLayout layout, Optimizer optimizer) {
    return new ModelGraph(layout, optimizer.trains() ? keepers(layout, optimizer) : Map.of());
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

  /** The edges from the root to optimizers, and of each the variables that it trains, in order. */
  public static SortedMap<String, List<ParameterVariable>> optimizers(
      ParameterLayout layout, Optimizer optimizer) {
    SortedMap<String, List<ParameterVariable>> variables = new TreeMap<>();
    keepers(layout, optimizer)
        .forEach((edge, of) -> variables.put(edge, List.copyOf(of.variables)));
    return variables;
  }

  /** The attribute of a Keras layer that the last part of a variable's name stands for. */
  public static String attribute(String variable) {
    String name = variable.substring(variable.lastIndexOf('/') + 1);
    return TAKEN_IN_KERAS.contains(name) ? name + "_" : name;
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
    ModelGraph made = parameters(layout, optimizer);
    made.keepers.values().forEach(keeper -> made.asKerasKeepsIt(keeper, step));
    Place root = made.root(true, true);
    // A CheckpointManager of TensorFlow's that goes on from here numbers its checkpoints from here
    // on.
    root.children.put(SAVE_COUNTER, HeldVariable.of(step));
    return ObjectGraph.of(root);
  }

  /** Gives an optimizer its counter, its rate and the list of its variables. */
  private void asKerasKeepsIt(Keeper keeper, long step) {
    HeldVariable iterations = HeldVariable.of(step);
    List<Trackable> variables = new ArrayList<>(List.of(iterations));
    keeper.children.put("iterations", iterations);
    if (keeper.keepsRate()) {
      HeldVariable rate = HeldVariable.of((float) keeper.optimizer.rate(step));
      variables.add(rate);
      keeper.children.put("learning_rate", rate);
    }
    variables.addAll(slots(keeper));
    keeper.children.put(VARIABLES, list(0, variables));
    keeper.children.put(TRAINED, list(0, trained(keeper)));
  }

  /** In the order of Keras's optimizer. */
  private List<Trackable> slots(Keeper keeper) {
    List<Trackable> slots = new ArrayList<>();
    for (List<SlotSpec> group : keeper.optimizer.slotGroups()) {
      for (ParameterVariable variable : keeper.variables) {
        group.forEach(slot -> slots.add(parameter(variable, Optional.of(slot.name()))));
      }
    }
    return slots;
  }

  private List<Trackable> trained(Keeper keeper) {
    List<Trackable> trained = new ArrayList<>();
    keeper.variables.forEach(one -> trained.add(parameter(one, Optional.empty())));
    return trained;
  }

  private static Place list(int first, List<? extends Trackable> elements) {
    Place list = new Place();
    for (int i = 0; i < elements.size(); i++) {
      list.children.put(Integer.toString(first + i), elements.get(i));
    }
    return list;
  }

  /**
   * What leads to all of it.
   *
   * @param beneath whether the variables lie beneath the model, or else at the root
   * @param named whether the optimizers name their slots, or else list them, as Keras does
   */
  private Place root(boolean beneath, boolean named) {
    Place root = new Place();
    if (beneath) {
      root.children.put(MODEL, model);
    } else {
      root.children.putAll(model.children);
    }
    keepers.forEach((edge, keeper) -> root.children.put(edge, named ? keeper : listed(keeper)));
    return root;
  }

  private Place listed(Keeper keeper) {
    Place place = new Place();
    place.children.put(VARIABLES, list(keeper.firstSlot(), slots(keeper)));
    place.children.put(TRAINED, list(0, trained(keeper)));
    return place;
  }

  private void track(ParameterVariable variable) {
    String[] names = variable.name().split("/", -1);
    Parameter parameter = new Parameter(variable);
    parameters.put(new Part(variable.name(), Optional.empty()), parameter);
    Place at = model;
    for (int i = 0; i < names.length - 1; i++) {
      at = (Place) at.children.computeIfAbsent(names[i], name -> new Place());
    }
    String name = names[names.length - 1];
    at.children.put(name, parameter);
    if (TAKEN_IN_KERAS.contains(name)) {
      at.children.put(name + "_", parameter); // until a variable of that name comes
    }
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
    return !keepers.isEmpty();
  }

  /** The graph as Cairn writes it. */
  public ObjectGraph graph() {
    return graph;
  }

  /**
   * Lays the graph over a stored one, in the form which that has: Cairn's own, that of Keras 3,
   * whose optimizers list their variables and name no slots, or that of a program that saved its
   * variables without a model around them.
   */
  public Restoration match(CheckpointReader reader) throws IOException {
    Optional<ObjectGraph> stored = reader.graph();
    boolean beneath =
        stored.isPresent()
            ? stored.get().edges(List.of()).contains(MODEL)
            : specs.values().stream().anyMatch(spec -> reader.variable(spec.key()).isPresent());
    boolean named = stored.isEmpty() || stored.get().namesSlots() || !listsSlots(stored.get());
    return reader.match(beneath && named ? graph : ObjectGraph.of(root(beneath, named)));
  }

  /**
   * In what the optimizers of a program of Keras's keep other things than those of this model. They
   * list variables and name no slots, so that a momentum could be taken for an accumulator; but
   * what they call each variable ends in the slot's name.
   *
   * @param matches what {@link #match} has found to fit
   */
  public List<String> otherOptimizers(ObjectGraph stored, List<Restoration.Match> matches) {
    List<String> differences = new ArrayList<>();
    if (stored.namesSlots()) {
      return differences;
    }
    keepers.forEach(
        (edge, keeper) -> {
          int found = stored.edges(List.of(edge, VARIABLES)).size();
          int expected = keeper.firstSlot() + slots(keeper).size();
          if (found != expected) {
            differences.add(
                String.format(
                    Locale.ROOT,
                    "%s: expected %d variables of %s, found %d",
                    edge,
                    expected,
                    keeper.optimizer.name(),
                    found));
          }
        });
    IdentityHashMap<Variable, Part> slots = new IdentityHashMap<>();
    parameters.forEach(
        (part, parameter) -> part.slot().ifPresent(slot -> slots.put(parameter, part)));
    for (Restoration.Match match : matches) {
      Part part = slots.get(match.variable());
      String name = stored.nameInProgram(match.stored().key()).orElse("");
      String slot = part == null ? "" : part.slot().orElse("");
      if (part != null && !name.isEmpty() && !name.endsWith(slot)) {
        differences.add("expected " + slot + " of " + part.variable() + ", found " + name);
      }
    }
    return differences;
  }

  private boolean listsSlots(ObjectGraph stored) {
    return keepers.entrySet().stream()
        .anyMatch(
            of ->
                stored
                    .edges(List.of(of.getKey(), VARIABLES))
                    .contains(Integer.toString(of.getValue().firstSlot())));
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
    Map<String, Long> rows = new HashMap<>();
    parameters.forEach(
        (part, parameter) -> {
          stored.put(part, String.valueOf(keys.get(parameter)));
          rows.put(part.variable(), parameter.rows);
        });
    return new Stored(stored, rows);
  }

  /** The keys in a checkpoint, whoever wrote it. */
  public static final class Stored {
    private final Map<Part, String> keys;
    private final Map<String, Long> rows;

    private Stored(Map<Part, String> keys, Map<String, Long> rows) {
      this.keys = keys;
      this.rows = rows;
    }

    /** The number of rows that a variable has in the checkpoint. */
    public long rows(ParameterVariable variable) {
      return rows.getOrDefault(variable.name(), variable.rows());
    }

    /** The key of a variable, or of one of its slots. */
    public String key(ParameterVariable variable, Optional<String> slot) {
      return known(keys, variable, slot);
    }
  }
}
