package dev.cairn.checkpoint.savedmodel;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.cairn.checkpoint.CheckpointPath;
import dev.cairn.checkpoint.CheckpointReader;
import dev.cairn.checkpoint.FolderOptions;
import dev.cairn.checkpoint.Folders;
import dev.cairn.checkpoint.model.CheckpointException.Corrupt;
import dev.cairn.checkpoint.model.CheckpointException.NotFound;
import dev.cairn.checkpoint.model.CheckpointException.UnsupportedVersion;
import dev.cairn.checkpoint.model.DType;
import dev.cairn.checkpoint.savedmodel.proto.SavedModelProto.MetaGraphDef;
import dev.cairn.checkpoint.savedmodel.proto.SavedModelProto.SavedModel;
import dev.cairn.checkpoint.savedmodel.proto.SavedModelProto.SignatureDef;
import dev.cairn.checkpoint.savedmodel.proto.SavedModelProto.TensorInfo;
import dev.cairn.checkpoint.savedmodel.proto.SavedModelProto.TensorShapeProto;
import dev.cairn.checkpoint.store.CheckpointStore;
import dev.cairn.checkpoint.store.CheckpointStores;
import dev.cairn.checkpoint.store.StoreInput;
import dev.cairn.checkpoint.store.StoredFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Reads SavedModels, whoever wrote them: their signatures here, their variables as a checkpoint.
 * Nothing is run. Stateless, hence thread-safe.
 */
public final class SavedModelReader {
  private static final String TEXT = "saved_model.pbtxt";

  /** What a type's number grows by if values are meant where they lie, in a variable. */
  private static final int REFERENCE = 100;

  /** The number of the field of MetaInfoDef that says which TensorFlow wrote the model. */
  private static final int TENSORFLOW_VERSION = 5;

  /** Entries of TensorFlow's own, which nobody calls. */
  private static final String OWN = "__saved_model";

  /**
   * An input or output.
   *
   * @param type of its elements; {@link DType#UNKNOWN} for one that is no plain tensor
   * @param dims its shape, {@link Signature#FREE} where each call chooses; empty if even the rank
   *     is free
   * @param tensor the tensor's name in the graph for sessions, such as {@code serving_default_x:0};
   *     empty for one that is no plain tensor
   */
  public record Argument(String name, DType type, Optional<List<Long>> dims, String tensor) {
    /** Copies the shape. */
    public Argument {
      dims = dims.map(List::copyOf);
    }
  }

  /**
   * A function that can be called.
   *
   * @param inputs in the order of their names
   * @param outputs in the order of their names
   */
  public record Described(String name, List<Argument> inputs, List<Argument> outputs) {
    /** Copies the lists. */
    public Described {
      inputs = List.copyOf(inputs);
      outputs = List.copyOf(outputs);
    }
  }

  /**
   * One of a SavedModel's graphs. Most have one; TensorFlow 1 could write several, for training and
   * for serving.
   *
   * @param tags by which it is chosen among them, as they are written
   * @param tensorFlow the version of the TensorFlow that wrote it; empty if it was another program
   * @param signatures in the order of their names
   */
  public record MetaGraph(List<String> tags, String tensorFlow, List<Described> signatures) {
    /** Copies the lists. */
    public MetaGraph {
      tags = List.copyOf(tags);
      signatures = List.copyOf(signatures);
    }
  }

  private SavedModelReader() {}

  /** Whether a folder is that of a SavedModel, written as text or not. */
  public static boolean isOne(String folder, FolderOptions options) throws IOException {
    String full = Folders.qualify(folder, options);
    try (CheckpointStore store = CheckpointStores.open(full, options.hadoopProperties())) {
      return store.stat(full).map(StoredFile::isDirectory).orElse(false)
          && (store.stat(Folders.child(full, SavedModelWriter.FILE)).isPresent()
              || store.stat(Folders.child(full, TEXT)).isPresent());
    }
  }

  /**
   * The graphs, in the order in which they are written.
   *
   * @param folder of a SavedModel
   * @throws NotFound if it is none
   * @throws UnsupportedVersion if it is written as text
   * @throws Corrupt if its file is cut, or is something else
   */
  public static List<MetaGraph> graphs(String folder, FolderOptions options) throws IOException {
    String full = Folders.qualify(folder, options);
    String path = Folders.child(full, SavedModelWriter.FILE);
    List<MetaGraph> graphs = new ArrayList<>();
    for (MetaGraphDef graph : parse(read(path, options), path).getMetaGraphsList()) {
      MetaGraphDef.MetaInfoDef about = graph.getMetaInfoDef();
      graphs.add(
          new MetaGraph(
              about.getTagsList(), version(about), signatures(graph.getSignatureDefMap())));
    }
    return graphs;
  }

  /** The proto here does not name the field, so that it is among those that pass through. */
  private static String version(MetaGraphDef.MetaInfoDef about) {
    List<ByteString> told =
        about.getUnknownFields().getField(TENSORFLOW_VERSION).getLengthDelimitedList();
    return told.isEmpty() ? "" : told.get(told.size() - 1).toStringUtf8();
  }

  private static List<Described> signatures(Map<String, SignatureDef> named) {
    List<Described> signatures = new ArrayList<>();
    new TreeMap<>(named)
        .forEach(
            (name, one) -> {
              if (!name.startsWith(OWN)) {
                signatures.add(
                    new Described(
                        name, arguments(one.getInputsMap()), arguments(one.getOutputsMap())));
              }
            });
    return signatures;
  }

  /** A reader of the variables. */
  public static CheckpointReader variables(String folder, FolderOptions options)
      throws IOException {
    return CheckpointReader.open(CheckpointPath.resolve(folder, options), options);
  }

  private static byte[] read(String path, FolderOptions options) throws IOException {
    try (CheckpointStore store = CheckpointStores.open(path, options.hadoopProperties())) {
      Optional<StoredFile> there = store.stat(path);
      if (there.isEmpty()) {
        String folder = Folders.parent(path).orElse(path);
        if (store.stat(Folders.child(folder, TEXT)).isPresent()) {
          throw new UnsupportedVersion(
              "Cannot read SavedModel: expected "
                  + SavedModelWriter.FILE
                  + ", found one written as text, "
                  + TEXT
                  + " (path="
                  + folder
                  + "); save it with tf.saved_model.save");
        }
        throw new NotFound(
            "Cannot read SavedModel: expected a folder with "
                + SavedModelWriter.FILE
                + ", found none (path="
                + folder
                + ")");
      }
      try (StoreInput in = store.open(path)) {
        ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(in.length()));
        in.readFully(0, bytes);
        return bytes.array();
      }
    }
  }

  private static SavedModel parse(byte[] bytes, String path) throws Corrupt {
    SavedModel model;
    try {
      model = SavedModel.parseFrom(bytes);
    } catch (InvalidProtocolBufferException e) {
      throw corrupt("it is cut short or is something else: " + e.getMessage(), path);
    }
    if (model.getMetaGraphsCount() == 0) {
      throw corrupt("expected a graph, found none in " + bytes.length + " bytes", path);
    }
    return model;
  }

  private static Corrupt corrupt(String why, String path) {
    return new Corrupt("Cannot read SavedModel: " + why + " (path=" + path + "); export it again");
  }

  private static List<Argument> arguments(Map<String, TensorInfo> named) {
    List<Argument> arguments = new ArrayList<>();
    new TreeMap<>(named)
        .forEach(
            (name, info) ->
                arguments.add(
                    new Argument(
                        name,
                        type(info.getDtypeValue()),
                        dims(info.getTensorShape()),
                        info.getName())));
    return arguments;
  }

  /** In graphs of sessions a type may be that of a reference, whose number is larger by 100. */
  private static DType type(int told) {
    int number = told > REFERENCE ? told - REFERENCE : told;
    return DType.isNumber(number) ? DType.ofNumber(number) : DType.UNKNOWN;
  }

  private static Optional<List<Long>> dims(TensorShapeProto shape) {
    return shape.getUnknownRank()
        ? Optional.empty()
        : Optional.of(shape.getDimList().stream().map(TensorShapeProto.Dim::getSize).toList());
  }
}
