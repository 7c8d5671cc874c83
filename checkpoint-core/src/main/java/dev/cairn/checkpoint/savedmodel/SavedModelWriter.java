package dev.cairn.checkpoint.savedmodel;

import dev.cairn.checkpoint.CheckpointReader;
import dev.cairn.checkpoint.FolderOptions;
import dev.cairn.checkpoint.Folders;
import dev.cairn.checkpoint.HiddenFolder;
import dev.cairn.checkpoint.ShardWriter;
import dev.cairn.checkpoint.bundle.BundleIndex;
import dev.cairn.checkpoint.graph.ObjectGraph;
import dev.cairn.checkpoint.model.CheckpointException.Conflict;
import dev.cairn.checkpoint.model.CheckpointException.NotFound;
import dev.cairn.checkpoint.model.ShardTarget;
import dev.cairn.checkpoint.model.StoredSlice;
import dev.cairn.checkpoint.model.VariableSpec;
import dev.cairn.checkpoint.store.CheckpointFileNames;
import dev.cairn.checkpoint.store.CheckpointStore;
import dev.cairn.checkpoint.store.CheckpointStores;
import dev.cairn.checkpoint.store.StoreOutput;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Writes a SavedModel of variables that a checkpoint holds.
 *
 * <p>The variables are copied slice by slice, as they were cut, into as many data files as they lay
 * in, each byte compared with its checksum on the way; what else the checkpoint holds, such as an
 * optimizer's state, stays behind. One slice is in memory at a time, and the graph. Everything is
 * written into a hidden folder beside the target, made durable, and put in place by one rename: a
 * reader sees all of it or nothing. Stateless, hence thread-safe.
 */
public final class SavedModelWriter {
  /** The file that makes a folder a SavedModel for TensorFlow. */
  public static final String FILE = "saved_model.pb";

  private static final String FINGERPRINT = "fingerprint.pb";

  /** A stored slice of one variable, and the variable that it becomes. */
  private record Part(VariableSpec variable, String key, StoredSlice slice) {}

  private SavedModelWriter() {}

  /**
   * Writes a SavedModel.
   *
   * @param target a folder that does not exist; its parents are made
   * @param checkpoint where values are read
   * @param graph the objects that the variables belong to: it goes into the bundle
   * @param keys of each of the graph's variables, by its own key, the key in the checkpoint
   * @param signatures what can be called, one of them {@link Signature#DEFAULT}
   * @throws Conflict if there is something at the target
   */
  public static void write(
      String target,
      CheckpointReader checkpoint,
      ObjectGraph graph,
      Map<String, String> keys,
      List<Signature> signatures,
      FolderOptions options)
      throws IOException {
    String full = Folders.qualify(target, options);
    SavedModelProgram program = SavedModelProgram.of(graph, signatures);
    SortedMap<Integer, List<Part>> parts = parts(program.variables(), checkpoint, keys);
    try (CheckpointStore store = CheckpointStores.open(full, options.hadoopProperties())) {
      requireNothing(store, full);
      try (HiddenFolder hidden = HiddenFolder.make(store, full, options)) {
        String folder = hidden.child(CheckpointFileNames.VARIABLES);
        store.makeDirectory(folder);
        byte[] index = copy(folder, checkpoint, graph, new ArrayList<>(parts.values()), options);
        write(store, folder, CheckpointFileNames.INDEX, index);
        write(store, hidden.path(), FINGERPRINT, program.fingerprint(index));
        write(store, hidden.path(), FILE, program.bytes());
        store.rename(hidden.path(), full);
      }
    }
  }

  private static void requireNothing(CheckpointStore store, String full) throws IOException {
    if (store.stat(full).isPresent()) {
      throw new Conflict(
          "Cannot write a SavedModel: expected nothing at its place, found something (path="
              + full
              + "); name another folder, or delete this one first");
    }
  }

  /** The slices that are wanted, by the data file in which they lie, each file from the front. */
  private static SortedMap<Integer, List<Part>> parts(
      List<VariableSpec> variables, CheckpointReader checkpoint, Map<String, String> keys)
      throws NotFound {
    SortedMap<Integer, List<Part>> parts = new TreeMap<>();
    for (VariableSpec variable : variables) {
      String key = keys.getOrDefault(variable.key(), variable.key());
      List<StoredSlice> slices = checkpoint.slices(key);
      if (slices.isEmpty()) {
        throw new NotFound(
            "Cannot write a SavedModel: expected variable "
                + key
                + ", found none of that key (path="
                + checkpoint.prefix()
                + ")");
      }
      for (StoredSlice slice : slices) {
        parts
            .computeIfAbsent(slice.shard(), shard -> new ArrayList<>())
            .add(new Part(variable, key, slice));
      }
    }
    parts.values().forEach(of -> of.sort(Comparator.comparingLong(part -> part.slice().offset())));
    return parts;
  }

  /** Copies the values; the graph goes into the last file. Returns the bundle's index. */
  private static byte[] copy(
      String folder,
      CheckpointReader checkpoint,
      ObjectGraph graph,
      List<List<Part>> files,
      FolderOptions options)
      throws IOException {
    List<StoredSlice> written = new ArrayList<>();
    ByteBuffer buffer = ByteBuffer.allocate(0);
    for (int file = 0; file < files.size(); file++) {
      ShardTarget target = new ShardTarget(folder, "saved-model", file, files.size());
      try (ShardWriter writer = ShardWriter.create(target, options)) {
        for (Part part : files.get(file)) {
          int bytes = Math.toIntExact(part.slice().size());
          buffer = buffer.capacity() < bytes ? ByteBuffer.allocate(bytes) : buffer.clear();
          checkpoint.read(part.key(), part.slice().slice(), buffer.limit(bytes));
          writer.write(part.variable(), part.slice().slice(), buffer.flip());
        }
        if (file == files.size() - 1) {
          writer.write(graph);
        }
        written.addAll(writer.finish().slices());
      }
    }
    ByteArrayOutputStream index = new ByteArrayOutputStream();
    long unused = BundleIndex.write(files.size(), written, index);
    return index.toByteArray();
  }

  private static void write(CheckpointStore store, String folder, String name, byte[] bytes)
      throws IOException {
    try (StoreOutput out = store.create(CheckpointFileNames.child(folder, name))) {
      out.write(ByteBuffer.wrap(bytes));
      out.finish();
    }
  }
}
