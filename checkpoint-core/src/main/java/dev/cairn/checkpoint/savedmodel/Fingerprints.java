package dev.cairn.checkpoint.savedmodel;

import com.google.protobuf.Message;
import dev.cairn.checkpoint.model.DType;
import dev.cairn.checkpoint.savedmodel.proto.SavedModelProto.AttrValue;
import dev.cairn.checkpoint.savedmodel.proto.SavedModelProto.FingerprintDef;
import dev.cairn.checkpoint.savedmodel.proto.SavedModelProto.FunctionDefLibrary;
import dev.cairn.checkpoint.savedmodel.proto.SavedModelProto.GraphDef;
import dev.cairn.checkpoint.savedmodel.proto.SavedModelProto.MetaGraphDef;
import dev.cairn.checkpoint.savedmodel.proto.SavedModelProto.NodeDef;
import dev.cairn.checkpoint.savedmodel.proto.SavedModelProto.SavedConcreteFunction;
import dev.cairn.checkpoint.savedmodel.proto.SavedModelProto.SavedModel;
import dev.cairn.checkpoint.savedmodel.proto.SavedModelProto.SavedObjectGraph;
import dev.cairn.checkpoint.savedmodel.proto.SavedModelProto.VersionDef;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;

/**
 * The content of {@code fingerprint.pb}: the hashes that TensorFlow would take of a SavedModel
 * ({@code tensorflow/cc/saved_model/fingerprinting.cc}, version 4), all of their parts left out
 * that differ between two writings of one program. Stateless.
 */
final class Fingerprints {
  private static final int VERSION = 4;

  private Fingerprints() {}

  /**
   * The fingerprint.
   *
   * @param index of the bundle, all bytes
   */
  static FingerprintDef of(SavedModel model, byte[] index) {
    MetaGraphDef meta = model.getMetaGraphs(0);
    return FingerprintDef.newBuilder()
        .setSavedModelChecksum(hash(model))
        .setGraphDefProgramHash(hash(plain(meta.getGraphDef())))
        .setSignatureDefHash(hash(meta.getSignatureDefMap()))
        .setSavedObjectGraphHash(hash(meta.getObjectGraphDef()))
        .setCheckpointHash(Fingerprint64.of(index))
        .setUuid(uuid())
        .setVersion(VersionDef.newBuilder().setProducer(VERSION))
        .build();
  }

  /** 128 random bits as one decimal number, as TensorFlow writes them. */
  private static String uuid() {
    UUID random = UUID.randomUUID();
    byte[] bits =
        ByteBuffer.allocate(2 * Long.BYTES)
            .putLong(random.getMostSignificantBits())
            .putLong(random.getLeastSignificantBits())
            .array();
    return new BigInteger(1, bits).toString();
  }

  private static long hash(Message message) {
    return Fingerprint64.of(Protos.bytes(message));
  }

  private static long hash(String text) {
    return Fingerprint64.of(text.getBytes(StandardCharsets.UTF_8));
  }

  private static long hash(Map<String, ? extends Message> named) {
    long hash = 0;
    for (Map.Entry<String, ? extends Message> one : new TreeMap<>(named).entrySet()) {
      hash = Fingerprint64.join(hash, hash(one.getKey()));
      hash = Fingerprint64.join(hash, hash(one.getValue()));
    }
    return hash;
  }

  /** Functions in the order of the numbers at the ends of their names, which do not count. */
  private static long hash(SavedObjectGraph objects) {
    Map<Long, String> names = new TreeMap<>();
    for (String name : objects.getConcreteFunctionsMap().keySet()) {
      names.put(Long.parseLong(name.substring(name.lastIndexOf('_') + 1)), name);
    }
    long hash = 0;
    for (String name : names.values()) {
      SavedConcreteFunction function = objects.getConcreteFunctionsOrThrow(name);
      hash = Fingerprint64.join(hash, hash(withoutNumber(name)));
      hash = Fingerprint64.join(hash, hash(function));
    }
    return hash;
  }

  private static String withoutNumber(String function) {
    return function.substring(0, function.lastIndexOf('_') + 1);
  }

  /** The graph without the texts of its constants, its functions and its version. */
  private static GraphDef plain(GraphDef graph) {
    GraphDef.Builder plain =
        graph.toBuilder()
            .setLibrary(FunctionDefLibrary.getDefaultInstance())
            .setVersions(VersionDef.getDefaultInstance());
    for (NodeDef.Builder node : plain.getNodeBuilderList()) {
      if (node.getOp().equals("StatefulPartitionedCall")) {
        String function = node.getAttrOrThrow("f").getFunc().getName();
        node.putAttr("f", Protos.function(withoutNumber(function)));
      }
      boolean texts =
          node.getOp().equals("Const")
              && node.getAttrOrThrow("dtype").getType() == Protos.type(DType.STRING);
      if (texts) {
        node.putAttr("value", AttrValue.getDefaultInstance());
      }
    }
    return plain.build();
  }
}
