package dev.cairn.checkpoint.savedmodel;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.cairn.checkpoint.bundle.proto.ObjectGraphProto.ObjectReference;
import dev.cairn.checkpoint.bundle.proto.ObjectGraphProto.TrackableObject;
import dev.cairn.checkpoint.bundle.proto.ObjectGraphProto.TrackableObjectGraph;
import dev.cairn.checkpoint.graph.ObjectGraph;
import dev.cairn.checkpoint.graph.Trackable;
import dev.cairn.checkpoint.graph.Variable;
import dev.cairn.checkpoint.model.VariableSpec;
import dev.cairn.checkpoint.savedmodel.proto.SavedModelProto.DictValue;
import dev.cairn.checkpoint.savedmodel.proto.SavedModelProto.SavedBareConcreteFunction;
import dev.cairn.checkpoint.savedmodel.proto.SavedModelProto.SavedConcreteFunction;
import dev.cairn.checkpoint.savedmodel.proto.SavedModelProto.SavedObject;
import dev.cairn.checkpoint.savedmodel.proto.SavedModelProto.SavedObjectGraph;
import dev.cairn.checkpoint.savedmodel.proto.SavedModelProto.SavedUserObject;
import dev.cairn.checkpoint.savedmodel.proto.SavedModelProto.SavedVariable;
import dev.cairn.checkpoint.savedmodel.proto.SavedModelProto.StructuredValue;
import dev.cairn.checkpoint.savedmodel.proto.SavedModelProto.TensorSpecProto;
import dev.cairn.checkpoint.savedmodel.proto.SavedModelProto.TupleValue;
import dev.cairn.checkpoint.savedmodel.proto.SavedModelProto.VersionDef;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;

/**
 * The part of a SavedModel that {@code tf.saved_model.load} makes objects of: the nodes of the
 * object graph that stands in the bundle, under the same edges, since values are restored along
 * them; and beside them, under {@code signatures}, a function for each signature. Made once; not
 * thread-safe.
 */
final class ModelObjects {
  private static final String SIGNATURES = "signatures";

  private final List<SavedObject.Builder> nodes = new ArrayList<>();
  private final SavedObjectGraph.Builder made = SavedObjectGraph.newBuilder();

  /** The node of each variable, by key. */
  private final Map<String, Integer> variables = new HashMap<>();

  private final Map<String, VariableSpec> specs = new LinkedHashMap<>();
  private final int signatures;

  ModelObjects(ObjectGraph graph) {
    TrackableObjectGraph stored = proto(graph);
    for (int n = 0; n < stored.getNodesCount(); n++) {
      TrackableObject node = stored.getNodes(n);
      SavedObject.Builder object = SavedObject.newBuilder().addAllChildren(node.getChildrenList());
      Trackable own = graph.objects().get(n);
      if (own instanceof Variable variable) {
        VariableSpec spec = graph.spec(variable);
        variables.put(spec.key(), n);
        specs.put(spec.key(), spec);
        object.setVariable(
            SavedVariable.newBuilder()
                .setDtype(Protos.type(spec.dtype()))
                .setShape(Protos.shape(spec.shape()))
                .setTrainable(true)
                .setName(name(spec)));
      } else {
        object.setUserObject(user("_generic_user_object"));
      }
      nodes.add(object);
    }
    signatures = nodes.size();
    nodes.add(SavedObject.newBuilder().setUserObject(user("signature_map")));
    nodes.get(0).addChildren(edge(SIGNATURES, signatures));
  }

  private static TrackableObjectGraph proto(ObjectGraph graph) {
    try {
      return TrackableObjectGraph.parseFrom(graph.encode());
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("Cannot happen: a graph reads what it has written", e);
    }
  }

  /** A name for people: TensorFlow keeps it and does nothing by it. */
  private static String name(VariableSpec spec) {
    int end = spec.key().indexOf("/.ATTRIBUTES");
    return end < 0 ? spec.key() : spec.key().substring(0, end);
  }

  private static SavedUserObject user(String identifier) {
    return SavedUserObject.newBuilder()
        .setIdentifier(identifier)
        .setVersion(VersionDef.newBuilder().setProducer(1).setMinConsumer(1))
        .build();
  }

  private static ObjectReference edge(String name, int node) {
    return ObjectReference.newBuilder().setLocalName(name).setNodeId(node).build();
  }

  /** The variables of the graph, in the order of its nodes. */
  List<VariableSpec> variables() {
    return List.copyOf(specs.values());
  }

  /**
   * Adds a signature.
   *
   * @param function the name of its function
   */
  void add(Signature signature, String function) {
    List<String> inputs = signature.inputNames();
    nodes.get(signatures).addChildren(edge(signature.name(), nodes.size()));
    nodes.add(
        SavedObject.newBuilder()
            .setBareConcreteFunction(
                SavedBareConcreteFunction.newBuilder()
                    .setConcreteFunctionName(function)
                    .addAllArgumentKeywords(inputs)
                    // Of one argument everybody knows which it is.
                    .setAllowedPositionalArguments(inputs.size() == 1 ? 1 : 0)));
    SavedConcreteFunction.Builder described =
        SavedConcreteFunction.newBuilder()
            .setCanonicalizedInputSignature(
                StructuredValue.newBuilder()
                    .setTupleValue(
                        TupleValue.newBuilder()
                            .addValues(
                                StructuredValue.newBuilder()
                                    .setTupleValue(TupleValue.getDefaultInstance()))
                            .addValues(named(signature.inputs()))))
            .setOutputSignature(named(signature.outputs()));
    for (VariableSpec variable : signature.variables()) {
      Integer node = variables.get(variable.key());
      if (node == null) {
        throw new IllegalArgumentException(
            "Cannot write a SavedModel: signature "
                + signature.name()
                + " reads "
                + variable
                + ", expected one of "
                + specs.keySet());
      }
      described.addBoundInputs(node);
    }
    made.putConcreteFunctions(function, described.build());
  }

  private static StructuredValue named(SortedMap<String, Signature.Argument> arguments) {
    DictValue.Builder dictionary = DictValue.newBuilder();
    arguments.forEach(
        (name, argument) ->
            dictionary.putFields(
                name,
                StructuredValue.newBuilder()
                    .setTensorSpecValue(
                        TensorSpecProto.newBuilder()
                            .setName(name)
                            .setShape(Protos.shape(argument.dims()))
                            .setDtype(Protos.type(argument.type())))
                    .build()));
    return StructuredValue.newBuilder().setDictValue(dictionary).build();
  }

  /** All objects. */
  SavedObjectGraph make() {
    nodes.forEach(made::addNodes);
    return made.build();
  }
}
