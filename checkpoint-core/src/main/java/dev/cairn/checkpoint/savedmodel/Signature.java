package dev.cairn.checkpoint.savedmodel;

import dev.cairn.checkpoint.model.DType;
import dev.cairn.checkpoint.model.VariableSpec;
import dev.cairn.checkpoint.savedmodel.proto.SavedModelProto.FunctionDef;
import dev.cairn.checkpoint.savedmodel.proto.SavedModelProto.OpDef;
import dev.cairn.checkpoint.savedmodel.proto.SavedModelProto.ResourceHandleProto;
import dev.cairn.checkpoint.savedmodel.proto.SavedModelProto.TensorShapeProto;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * One function of a SavedModel that others call by its name: inputs and outputs have names, too,
 * and its variables are read when it is called. TensorFlow orders arguments by their names, so the
 * order in which they are asked for does not matter.
 *
 * <pre>{@code
 * Signature signature = new Signature(Signature.DEFAULT);
 * Tensor x = signature.input("x", DType.FLOAT, Signature.FREE);
 * signature.output("y", signature.add(x, signature.read(bias)), Signature.FREE);
 * }</pre>
 *
 * Not thread-safe.
 */
public final class Signature extends Operations {
  /** The one that a server calls if it is told no name. */
  public static final String DEFAULT = "serving_default";

  /** The size of a dimension that each call chooses. */
  public static final long FREE = -1;

  private static final Pattern ODD = Pattern.compile("[^A-Za-z0-9_]");

  /** An input or output, with its name inside the function. */
  record Argument(String inside, DType type, long[] dims) {}

  /** A variable, and the argument that leads to it. */
  private record Captured(VariableSpec variable, Tensor handle) {}

  private final String name;
  private final SortedMap<String, Argument> inputs = new TreeMap<>();
  private final SortedMap<String, Argument> outputs = new TreeMap<>();

  /** The variables that are read, in the order in which they were first asked for, by key. */
  private final Map<String, Captured> variables = new LinkedHashMap<>();

  private final Map<String, FunctionDef.Builder> helpers = new LinkedHashMap<>();

  /**
   * An empty one.
   *
   * @param name letters, digits and underscores
   */
  public Signature(String name) {
    if (name.isEmpty() || ODD.matcher(name).find()) {
      throw new IllegalArgumentException(
          "Cannot name a signature '"
              + name
              + "': expected letters, digits and underscores, found others");
    }
    this.name = name;
  }

  /** The name by which it is called. */
  public String name() {
    return name;
  }

  /**
   * A name that TensorFlow takes for an argument: what is no letter or digit of ASCII becomes an
   * underscore, and one that does not begin with a letter has {@code arg_} before it.
   */
  public static String argumentName(String name) {
    String plain = ODD.matcher(name).replaceAll("_");
    boolean letter = !plain.isEmpty() && Character.isLetter(plain.charAt(0));
    return letter ? plain : "arg_" + plain;
  }

  /**
   * An input.
   *
   * @param name as {@link #argumentName} makes it
   * @param dims its shape; {@link #FREE} where each call chooses
   * @throws IllegalArgumentException if there is one of this name
   */
  public Tensor input(String name, DType type, long... dims) {
    if (!argumentName(name).equals(name)) {
      throw new IllegalArgumentException(
          "Cannot name an input '" + name + "': expected " + argumentName(name));
    }
    Argument argument = new Argument(unique(name.toLowerCase(Locale.ROOT)), type, dims.clone());
    if (inputs.putIfAbsent(name, argument) != null) {
      throw new IllegalArgumentException("Cannot have two inputs of the name " + name);
    }
    return new Tensor(argument.inside(), type);
  }

  /** Says what goes out under a name. */
  public void output(String name, Tensor value, long... dims) {
    if (outputs.putIfAbsent(name, new Argument(value.name(), value.type(), dims.clone())) != null) {
      throw new IllegalArgumentException("Cannot have two outputs of the name " + name);
    }
  }

  /** The names of the inputs, in order. */
  public List<String> inputNames() {
    return List.copyOf(inputs.keySet());
  }

  /** The names of the outputs, in order. */
  public List<String> outputNames() {
    return List.copyOf(outputs.keySet());
  }

  SortedMap<String, Argument> inputs() {
    return Collections.unmodifiableSortedMap(inputs);
  }

  SortedMap<String, Argument> outputs() {
    return Collections.unmodifiableSortedMap(outputs);
  }

  /** The variables that it reads, in the order of its last arguments. */
  List<VariableSpec> variables() {
    return variables.values().stream().map(Captured::variable).toList();
  }

  private Tensor handle(VariableSpec variable) {
    return variables
        .computeIfAbsent(
            variable.key(),
            key -> new Captured(variable, new Tensor(unique("resource"), DType.RESOURCE)))
        .handle();
  }

  /** All numbers of a variable. */
  public Tensor read(VariableSpec variable) {
    return operation(
        "ReadVariableOp",
        "value",
        variable.dtype(),
        List.of(handle(variable)),
        Map.of("dtype", Protos.attr(variable.dtype())));
  }

  /** Rows of a variable: one for each of the indices, whose shape stays in front. */
  public Tensor rows(VariableSpec variable, Tensor indices) {
    return operation(
        "ResourceGather",
        "output",
        variable.dtype(),
        List.of(handle(variable), indices),
        Map.of(
            "dtype", Protos.attr(variable.dtype()),
            "Tindices", Protos.attr(indices.type()),
            "batch_dims", Protos.attr(0),
            "validate_indices", Protos.attr(true)));
  }

  /** Part of a loop: its condition, or one round. */
  interface Round extends Function<LoopBody, List<Tensor>> {}

  /**
   * Repeats something as long as a condition is true.
   *
   * @param variables what goes around, as it is at first
   * @return as it is at last
   */
  List<Tensor> loop(List<Tensor> variables, Round condition, Round body) {
    List<DType> types = variables.stream().map(Tensor::type).toList();
    LoopBody asked = new LoopBody(variables);
    LoopBody done = new LoopBody(variables);
    String check = helper("while_condition", asked.returning(condition.apply(asked)));
    String round = helper("while_body", done.returning(body.apply(done)));
    String node =
        addNode(
            "StatelessWhile",
            variables,
            Map.of(
                "T", Protos.types(types),
                "cond", Protos.function(check),
                "body", Protos.function(round),
                "output_shapes", Protos.shapes(List.of()),
                "parallel_iterations", Protos.attr(10)));
    List<Tensor> results = new ArrayList<>();
    for (int i = 0; i < types.size(); i++) {
      results.add(tensor(node, "output", i, types.get(i)));
    }
    return results;
  }

  @Override
  String helper(String wanted, FunctionDef.Builder function) {
    String full = "__inference_" + name + "_" + wanted + "_" + helpers.size();
    helpers.put(full, function);
    return full;
  }

  /** The functions that this one calls. */
  List<FunctionDef> helpers() {
    List<FunctionDef> made = new ArrayList<>();
    helpers.forEach(
        (full, function) -> {
          function.getSignatureBuilder().setName(full);
          made.add(function.build());
        });
    return made;
  }

  /** The function itself: inputs in their order, then a handle for each variable. */
  FunctionDef function(String called) {
    OpDef.Builder head = OpDef.newBuilder().setName(called).setIsStateful(true);
    List<TensorShapeProto> shapes = new ArrayList<>();
    for (Argument input : inputs.values()) {
      head.addInputArgBuilder().setName(input.inside()).setType(Protos.type(input.type()));
      shapes.add(Protos.shape(input.dims()));
    }
    for (Captured captured : variables.values()) {
      head.addInputArgBuilder()
          .setName(captured.handle().name())
          .setType(Protos.type(DType.RESOURCE))
          .addHandleData(
              ResourceHandleProto.DtypeAndShape.newBuilder()
                  .setDtype(Protos.type(captured.variable().dtype()))
                  .setShape(Protos.shape(captured.variable().shape())));
      shapes.add(TensorShapeProto.newBuilder().setUnknownRank(true).build());
    }
    FunctionDef.Builder function = FunctionDef.newBuilder();
    for (Argument output : outputs.values()) {
      String result = "result_" + head.getOutputArgCount();
      head.addOutputArgBuilder().setName(result).setType(Protos.type(output.type()));
      function.putRet(result, output.inside());
    }
    return function
        .setSignature(head)
        .addAllNodeDef(nodes())
        .putAttr("_input_shapes", Protos.shapes(shapes))
        .build();
  }
}
