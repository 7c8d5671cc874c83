package dev.cairn.checkpoint.savedmodel;

import com.google.protobuf.ByteString;
import dev.cairn.checkpoint.model.DType;
import dev.cairn.checkpoint.model.VariableSpec;
import dev.cairn.checkpoint.savedmodel.proto.SavedModelProto.AttrValue;
import dev.cairn.checkpoint.savedmodel.proto.SavedModelProto.FunctionDefLibrary;
import dev.cairn.checkpoint.savedmodel.proto.SavedModelProto.GraphDef;
import dev.cairn.checkpoint.savedmodel.proto.SavedModelProto.NodeDef;
import dev.cairn.checkpoint.savedmodel.proto.SavedModelProto.SaverDef;
import dev.cairn.checkpoint.savedmodel.proto.SavedModelProto.SignatureDef;
import dev.cairn.checkpoint.savedmodel.proto.SavedModelProto.TensorInfo;
import dev.cairn.checkpoint.savedmodel.proto.SavedModelProto.VersionDef;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The part of a SavedModel that sessions run, TensorFlow Serving above all: a handle for each
 * variable, operations that restore them all from a file and save them into one, and for each
 * signature placeholders and a call of its function. Made once; not thread-safe.
 */
final class SessionGraph {
  /**
   * The version of graphs whose operations mean what is meant here. TensorFlow 2.9 wrote it; older
   * ones read it as well.
   */
  private static final int PRODUCER = 1087;

  /** The method name of functions that servers may call. */
  private static final String METHOD = "tensorflow/serving/predict";

  private static final String FILE = "saver_filename";
  private static final String SAVED = "saver_saved";
  private static final String RESTORED = "saver_restored";

  private final GraphDef.Builder graph = GraphDef.newBuilder();

  /** The node of each variable's handle, by key. */
  private final Map<String, String> handles = new LinkedHashMap<>();

  private final List<VariableSpec> variables;

  SessionGraph(List<VariableSpec> variables) {
    this.variables = variables;
    for (int i = 0; i < variables.size(); i++) {
      VariableSpec variable = variables.get(i);
      String node = "variable_" + i;
      handles.put(variable.key(), node);
      add(
          node,
          "VarHandleOp",
          List.of(),
          Map.of(
              "dtype", Protos.attr(variable.dtype()),
              "shape", Protos.attr(Protos.shape(variable.shape())),
              "container", Protos.attr(""),
              "shared_name", Protos.attr(node)));
    }
    addSaver();
  }

  private void add(String name, String op, List<String> inputs, Map<String, AttrValue> attributes) {
    graph.addNode(
        NodeDef.newBuilder().setName(name).setOp(op).addAllInput(inputs).putAllAttr(attributes));
  }

  private void addSaver() {
    AttrValue types = Protos.types(variables.stream().map(VariableSpec::dtype).toList());
    List<String> keys = variables.stream().map(VariableSpec::key).toList();
    placeholder(FILE, DType.STRING);
    texts("saver_keys", keys);
    texts("saver_slices", keys.stream().map(key -> "").toList());
    List<String> saved = new ArrayList<>(List.of(FILE, "saver_keys", "saver_slices"));
    List<String> done = new ArrayList<>();
    add("saver_restore", "RestoreV2", List.copyOf(saved), Map.of("dtypes", types));
    for (int i = 0; i < variables.size(); i++) {
      Map<String, AttrValue> type = Map.of("dtype", Protos.attr(variables.get(i).dtype()));
      String handle = handle(variables.get(i));
      add("saver_read_" + i, "ReadVariableOp", List.of(handle), type);
      saved.add("saver_read_" + i);
      String assign = "saver_assign_" + i;
      String restored = i == 0 ? "saver_restore" : "saver_restore:" + i;
      add(
          assign,
          "AssignVariableOp",
          List.of(handle, restored),
          Map.of(
              "dtype", Protos.attr(variables.get(i).dtype()),
              "validate_shape", Protos.attr(true)));
      done.add("^" + assign);
    }
    add("saver_save", "SaveV2", saved, Map.of("dtypes", types));
    add(SAVED, "Identity", List.of(FILE, "^saver_save"), Map.of("T", Protos.attr(DType.STRING)));
    add(RESTORED, "NoOp", done, Map.of());
  }

  private void placeholder(String name, DType type, long... dims) {
    add(
        name,
        "Placeholder",
        List.of(),
        Map.of("dtype", Protos.attr(type), "shape", Protos.attr(Protos.shape(dims))));
  }

  private void texts(String name, List<String> texts) {
    add(
        name,
        "Const",
        List.of(),
        Map.of("dtype", Protos.attr(DType.STRING), "value", Protos.attr(Protos.tensor(texts))));
  }

  private String handle(VariableSpec variable) {
    String node = handles.get(variable.key());
    if (node == null) {
      throw new IllegalArgumentException(
          "Cannot write a SavedModel: a signature reads "
              + variable
              + ", expected one of "
              + handles.keySet());
    }
    return node;
  }

  /** The names by which a session restores and saves. */
  static SaverDef saver() {
    return SaverDef.newBuilder()
        .setFilenameTensorName(FILE + ":0")
        .setSaveTensorName(SAVED + ":0")
        .setRestoreOpName(RESTORED)
        .setVersion(SaverDef.CheckpointFormatVersion.V2)
        .build();
  }

  /**
   * Adds a signature.
   *
   * @param function the name of its function
   * @return where what goes in and comes out lies in this graph
   */
  SignatureDef add(Signature signature, String function) {
    List<String> inputs = new ArrayList<>();
    List<DType> in = new ArrayList<>();
    SignatureDef.Builder made = SignatureDef.newBuilder().setMethodName(METHOD);
    for (Map.Entry<String, Signature.Argument> input : signature.inputs().entrySet()) {
      Signature.Argument argument = input.getValue();
      String node = signature.name() + "_" + input.getKey();
      placeholder(node, argument.type(), argument.dims());
      inputs.add(node);
      in.add(argument.type());
      made.putInputs(input.getKey(), info(node + ":0", argument));
    }
    for (VariableSpec variable : signature.variables()) {
      inputs.add(handle(variable));
      in.add(DType.RESOURCE);
    }
    List<DType> out = new ArrayList<>();
    String call = signature.name() + "_call";
    for (Map.Entry<String, Signature.Argument> output : signature.outputs().entrySet()) {
      made.putOutputs(output.getKey(), info(call + ":" + out.size(), output.getValue()));
      out.add(output.getValue().type());
    }
    add(
        call,
        "StatefulPartitionedCall",
        inputs,
        Map.of(
            "Tin", Protos.types(in),
            "Tout", Protos.types(out),
            "f", Protos.function(function),
            "config", Protos.attr(""),
            "config_proto", AttrValue.newBuilder().setS(ByteString.EMPTY).build(),
            "executor_type", Protos.attr("")));
    return made.build();
  }

  private static TensorInfo info(String name, Signature.Argument argument) {
    return TensorInfo.newBuilder()
        .setName(name)
        .setDtype(Protos.type(argument.type()))
        .setTensorShape(Protos.shape(argument.dims()))
        .build();
  }

  /** The whole graph, with the functions that it calls. */
  GraphDef with(FunctionDefLibrary functions) {
    return graph
        .setLibrary(functions)
        .setVersions(VersionDef.newBuilder().setProducer(PRODUCER))
        .build();
  }
}
