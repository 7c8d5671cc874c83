package dev.cairn.checkpoint.savedmodel;

import dev.cairn.checkpoint.graph.ObjectGraph;
import dev.cairn.checkpoint.model.VariableSpec;
import dev.cairn.checkpoint.savedmodel.proto.SavedModelProto.FunctionDefLibrary;
import dev.cairn.checkpoint.savedmodel.proto.SavedModelProto.MetaGraphDef;
import dev.cairn.checkpoint.savedmodel.proto.SavedModelProto.SavedModel;
import java.util.List;

/**
 * What a SavedModel is besides its variables: {@code saved_model.pb}, and {@code fingerprint.pb},
 * which depends on the variables' index as well. Immutable.
 */
public final class SavedModelProgram {
  private static final String SERVE = "serve";

  private final SavedModel model;
  private final List<VariableSpec> variables;

  private SavedModelProgram(SavedModel model, List<VariableSpec> variables) {
    this.model = model;
    this.variables = variables;
  }

  /**
   * Makes the program of signatures.
   *
   * @param graph the objects that the variables belong to: values are restored along its edges and
   *     by its keys
   * @param signatures what can be called, one of them {@link Signature#DEFAULT}
   */
  public static SavedModelProgram of(ObjectGraph graph, List<Signature> signatures) {
    ModelObjects objects = new ModelObjects(graph);
    SessionGraph session = new SessionGraph(objects.variables());
    FunctionDefLibrary.Builder functions = FunctionDefLibrary.newBuilder();
    MetaGraphDef.Builder meta =
        MetaGraphDef.newBuilder()
            .setMetaInfoDef(MetaGraphDef.MetaInfoDef.newBuilder().addTags(SERVE))
            .setSaverDef(SessionGraph.saver());
    for (Signature signature : signatures) {
      // TensorFlow wants a number at the end.
      String function = "__inference_" + signature.name() + "_" + functions.getFunctionCount();
      functions.addAllFunction(signature.helpers()).addFunction(signature.function(function));
      objects.add(signature, function);
      meta.putSignatureDef(signature.name(), session.add(signature, function));
    }
    SavedModel model =
        SavedModel.newBuilder()
            .setSavedModelSchemaVersion(1)
            .addMetaGraphs(
                meta.setGraphDef(session.with(functions.build())).setObjectGraphDef(objects.make()))
            .build();
    return new SavedModelProgram(model, objects.variables());
  }

  /** The variables that it reads, by their keys in the bundle. */
  public List<VariableSpec> variables() {
    return variables;
  }

  /** The bytes of {@code saved_model.pb}. */
  public byte[] bytes() {
    return Protos.bytes(model);
  }

  /**
   * The bytes of {@code fingerprint.pb}.
   *
   * @param index all bytes of the variables' index
   */
  public byte[] fingerprint(byte[] index) {
    return Protos.bytes(Fingerprints.of(model, index));
  }
}
