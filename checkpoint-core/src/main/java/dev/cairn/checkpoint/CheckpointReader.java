package dev.cairn.checkpoint;

import dev.cairn.checkpoint.bundle.StringTensor;
import dev.cairn.checkpoint.commit.DataPositionJson;
import dev.cairn.checkpoint.commit.SliceCoverage;
import dev.cairn.checkpoint.graph.ObjectGraph;
import dev.cairn.checkpoint.graph.Restoration;
import dev.cairn.checkpoint.io.DataFiles;
import dev.cairn.checkpoint.io.OpenCheckpoint;
import dev.cairn.checkpoint.io.RegionReader;
import dev.cairn.checkpoint.io.RegionSink;
import dev.cairn.checkpoint.model.CheckpointException.Corrupt;
import dev.cairn.checkpoint.model.CheckpointException.Mismatch;
import dev.cairn.checkpoint.model.CheckpointException.NotFound;
import dev.cairn.checkpoint.model.DType;
import dev.cairn.checkpoint.model.DataPosition;
import dev.cairn.checkpoint.model.Manifest;
import dev.cairn.checkpoint.model.ObjectLine;
import dev.cairn.checkpoint.model.RestorePlan;
import dev.cairn.checkpoint.model.RestorePlan.Want;
import dev.cairn.checkpoint.model.Shape;
import dev.cairn.checkpoint.model.Slice;
import dev.cairn.checkpoint.model.StoredSlice;
import dev.cairn.checkpoint.model.TrainingState;
import dev.cairn.checkpoint.model.VariableSpec;
import dev.cairn.checkpoint.store.CheckpointStore;
import dev.cairn.checkpoint.store.CheckpointStores;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Reads any TensorFlow V2 checkpoint, Cairn's own with their manifest checked.
 *
 * <p>Every byte is compared with its slice's checksum before it is handed out; damage is a Corrupt
 * that names file, variable and offset. Data files are opened when something in them is wanted, and
 * only stored slices that overlap it are read, each file from front to back. Memory: 1 MiB a
 * thread, up to 8 MiB if slices are that large. Thread-safe.
 *
 * <p>Reading does not keep a checkpoint from expiring. If it expires while it is read, the call
 * ends with a NotFound that says so, and a newer checkpoint is there to be read instead.
 */
public final class CheckpointReader implements Closeable {
  /** The root's edge to the model, as a program calls it that saves its model and its optimizer. */
  private static final String MODEL = "model";

  private final CheckpointStore store;
  private final OpenCheckpoint checkpoint;
  private final DataFiles files;
  private final RegionReader regions;

  /** Ends with the reader; null if nothing keeps the checkpoint from expiring. */
  private volatile CheckpointPins.@Nullable Pin pin;

  /** The keys whose slices were found not to overlap. */
  private final Set<String> apart = ConcurrentHashMap.newKeySet();

  private CheckpointReader(CheckpointStore store, OpenCheckpoint checkpoint) {
    this.store = store;
    this.checkpoint = checkpoint;
    this.files = new DataFiles(store, checkpoint);
    this.regions = new RegionReader(files, store.verifiesReads());
  }

  /**
   * Opens a checkpoint: reads its manifest, if there is one, and its index.
   *
   * @param path a checkpoint's directory, or the prefix that TensorFlow takes
   */
  public static CheckpointReader open(String path, FolderOptions options) throws IOException {
    String full = CheckpointStores.qualify(path, options.hadoopProperties());
    return open(CheckpointStores.open(full, options.hadoopProperties()), full);
  }

  static CheckpointReader open(CheckpointStore store, String path) throws IOException {
    return new CheckpointReader(store, CheckpointOpener.open(store, path));
  }

  /**
   * Opens a checkpoint as {@link #open} does, and keeps this JVM from deleting it until the reader
   * is closed ({@link CheckpointPins}).
   */
  public static CheckpointReader openPinned(String path, FolderOptions options) throws IOException {
    CheckpointPins.Pin pin =
        CheckpointPins.pin(CheckpointStores.qualify(path, options.hadoopProperties()));
    try {
      CheckpointReader reader = open(path, options);
      reader.pin = pin;
      return reader;
    } catch (IOException | RuntimeException e) {
      pin.close();
      throw e;
    }
  }

  /** The commit record; empty if TensorFlow wrote the checkpoint. */
  public Optional<Manifest> manifest() {
    return checkpoint.manifest();
  }

  /** All variables in the order of their keys. */
  public List<VariableSpec> variables() {
    List<VariableSpec> variables = new ArrayList<>();
    checkpoint.index().slices().values().forEach(of -> variables.add(of.get(0).variable()));
    return variables;
  }

  /** The variable of a key. */
  public Optional<VariableSpec> variable(String key) {
    List<StoredSlice> slices = slices(key);
    return slices.isEmpty() ? Optional.empty() : Optional.of(slices.get(0).variable());
  }

  /** The shape of each variable, by key, in the order of the keys. */
  public Map<String, Shape> shapes() {
    Map<String, Shape> shapes = new LinkedHashMap<>();
    variables().forEach(variable -> shapes.put(variable.key(), variable.shape()));
    return shapes;
  }

  /** The type of each variable's elements, by key, in the order of the keys. */
  public Map<String, DType> dtypes() {
    Map<String, DType> dtypes = new LinkedHashMap<>();
    variables().forEach(variable -> dtypes.put(variable.key(), variable.dtype()));
    return dtypes;
  }

  /**
   * The object graph; empty if the checkpoint has none. TensorFlow matches the variables of such a
   * checkpoint by their names.
   */
  public Optional<ObjectGraph> graph() throws IOException {
    if (variable(ObjectGraph.KEY).isEmpty()) {
      return Optional.empty();
    }
    byte[] stored = oneString(ObjectGraph.KEY, "object graph");
    return Optional.of(ObjectGraph.parse(stored, "path=" + checkpoint.prefix()));
  }

  private byte[] oneString(String key, String what) throws IOException {
    List<byte[]> stored = readStrings(key);
    if (stored.size() != 1) {
      throw new Corrupt(
          "Cannot read "
              + what
              + ": expected one element, found "
              + stored.size()
              + " (path="
              + checkpoint.prefix()
              + "); use an older checkpoint");
    }
    return stored.get(0);
  }

  /**
   * The object graph as a tree for people: each object once, slot variables beneath their variable;
   * empty if the checkpoint has no graph.
   */
  public List<ObjectLine> outline() throws IOException {
    return graph().map(ObjectGraph::outline).orElse(List.of());
  }

  /**
   * The variable of a model, whatever its key: that to which its name leads from the root's {@code
   * model}, or, where a file has none, from the root itself. A Keras layer cannot have an attribute
   * of some of these names; there it is the one with an underscore behind it. In a file without a
   * graph it is the variable with the key that such edges give.
   */
  public Optional<VariableSpec> named(String name) throws IOException {
    Optional<ObjectGraph> graph = graph();
    for (List<String> edges :
        List.of(
            List.of(MODEL, name), List.of(MODEL, name + "_"), List.of(name), List.of(name + "_"))) {
      Optional<VariableSpec> found =
          graph.isPresent()
              ? graph.get().key(edges).flatMap(this::variable)
              : variable(String.join("/", edges) + "/.ATTRIBUTES/VARIABLE_VALUE");
      if (found.isPresent()) {
        return found;
      }
    }
    return Optional.empty();
  }

  /**
   * Where in the data the training stood; empty if the checkpoint does not have it.
   *
   * @throws Corrupt if it is damaged, or the manifest says something else
   */
  public Optional<DataPosition> dataPosition() throws IOException {
    if (variable(DataPositionJson.SPEC.key()).isEmpty()) {
      return Optional.empty();
    }
    DataPosition stored =
        DataPositionJson.decode(
            oneString(DataPositionJson.SPEC.key(), "the data position"), checkpoint.prefix());
    Optional<DataPosition> said =
        manifest().flatMap(Manifest::training).map(TrainingState::position);
    if (said.isPresent() && !said.get().equals(stored)) {
      throw new Corrupt(
          "Cannot read the data position: expected what the manifest says, "
              + said.get()
              + ", found "
              + stored
              + " (path="
              + checkpoint.prefix()
              + "); use an older checkpoint");
    }
    return Optional.of(stored);
  }

  /**
   * Compares what a program has with what is stored; reads the stored graph and no value.
   *
   * @param program the graph of the program's objects
   */
  public Restoration match(ObjectGraph program) throws IOException {
    Map<String, VariableSpec> tensors = new LinkedHashMap<>();
    checkpoint.index().slices().forEach((key, of) -> tensors.put(key, of.get(0).variable()));
    return Restoration.of(program, graph(), tensors, "path=" + checkpoint.prefix());
  }

  /**
   * Restores a program's states. All of them are read before the first one is changed.
   *
   * @throws Mismatch if anything of the restoration does not fit
   */
  public void restoreStates(Restoration restoration) throws IOException {
    List<Restoration.StateMatch> states = restoration.states();
    List<byte[]> saved = new ArrayList<>();
    for (Restoration.StateMatch match : states) {
      List<byte[]> elements = readStrings(match.key());
      if (elements.size() != 1) {
        throw new Mismatch(
            "Cannot restore state "
                + match.key()
                + ": expected one element, found "
                + elements.size()
                + " (path="
                + checkpoint.prefix()
                + ")");
      }
      saved.add(elements.get(0));
    }
    for (int i = 0; i < saved.size(); i++) {
      states.get(i).state().restore(saved.get(i));
    }
  }

  /** The places of a variable's slices; empty if there is no such variable. */
  public List<StoredSlice> slices(String key) {
    List<StoredSlice> slices = checkpoint.index().slices().get(key);
    return slices == null ? List.of() : slices;
  }

  /** Bytes of data files read so far, the index not counted. */
  public long bytesRead() {
    return files.bytesRead();
  }

  /** Reads rows of a FLOAT variable; see {@link RowRequest}. */
  public void readRows(String key, long firstRow, long rows, float[] into, int offset)
      throws IOException {
    readAll(List.of(new RowRequest(key, firstRow, rows, into, offset)), 1);
  }

  /**
   * Reads many row ranges, each data file once and from front to back; the reads of a large one are
   * shared out if there are more threads than files.
   *
   * @param threads the number of threads that read at a time
   */
  public void readAll(List<RowRequest> requests, int threads) throws IOException {
    List<Want> wants = new ArrayList<>();
    List<RegionSink> sinks = new ArrayList<>();
    List<String> wrong = new ArrayList<>();
    for (RowRequest request : requests) {
      Optional<VariableSpec> variable = variable(request.key());
      if (variable.isEmpty() || variable.get().dtype() != DType.FLOAT) {
        wrong.add(
            variable.isEmpty()
                ? "missing " + request.key()
                : "expected FLOAT, found " + variable.get());
        continue;
      }
      wants.add(new Want(variable.get(), rows(variable.get(), request.firstRow(), request.rows())));
      sinks.add(RegionSink.floats(request.into(), request.offset()));
    }
    if (!wrong.isEmpty()) {
      throw new Mismatch(
          "Cannot restore: " + String.join("; ", wrong) + " (path=" + checkpoint.prefix() + ")");
    }
    read(wants, sinks, threads);
  }

  /**
   * Reads whole variables of fixed-width types, each data file once and from front to back.
   *
   * @param sinks where the elements of each go, by key; several threads may put into one
   * @param threads how many read at a time
   */
  public void readAll(Map<String, RegionSink> sinks, int threads) throws IOException {
    List<Want> wants = new ArrayList<>();
    List<RegionSink> into = new ArrayList<>();
    for (Map.Entry<String, RegionSink> sink : sinks.entrySet()) {
      VariableSpec variable = requireNumbers(sink.getKey());
      wants.add(new Want(variable, Slice.full(variable.shape().rank())));
      into.add(sink.getValue());
    }
    read(wants, into, threads);
  }

  private VariableSpec requireNumbers(String key) throws IOException {
    VariableSpec variable = require(key);
    if (variable.dtype().elementBytes() == 0) {
      throw new Mismatch(
          "Cannot read " + variable + " as numbers: its elements have no fixed width");
    }
    return variable;
  }

  private static Slice rows(VariableSpec variable, long firstRow, long rows) {
    if (variable.shape().rank() > 0) {
      return Slice.rows(firstRow, rows, variable.shape().rank());
    }
    if (firstRow != 0 || rows != 1) {
      throw new IllegalArgumentException(
          "Cannot read rows " + firstRow + "+" + rows + " of the scalar " + variable);
    }
    return Slice.full(0);
  }

  /**
   * Reads a region of a variable of any fixed-width type.
   *
   * @param into receives the region's elements, row-major, little-endian, from its position on,
   *     which is moved behind them
   */
  public void read(String key, Slice region, ByteBuffer into) throws IOException {
    VariableSpec variable = requireNumbers(key);
    int width = variable.dtype().elementBytes();
    Want want = new Want(variable, region);
    long bytes = region.shape(variable.shape()).elements() * width;
    if (bytes > into.remaining()) {
      throw new IllegalArgumentException(
          "Cannot read region "
              + region
              + " of "
              + variable
              + ": expected room for "
              + bytes
              + " bytes, found "
              + into.remaining());
    }
    read(List.of(want), List.of(RegionSink.bytes(into, width)), 1);
    into.position((int) (into.position() + bytes));
  }

  VariableSpec require(String key) throws NotFound {
    return variable(key)
        .orElseThrow(
            () ->
                new NotFound(
                    "Cannot read variable "
                        + key
                        + ": there is none of that key (path="
                        + checkpoint.prefix()
                        + "); list the variables"));
  }

  private void read(List<Want> wants, List<RegionSink> sinks, int threads) throws IOException {
    requireNoOverlap(wants);
    RestorePlan plan = RestorePlan.of(wants, checkpoint.index().slices());
    try {
      regions.read(plan, wants, sinks, threads);
    } catch (IOException e) {
      throw checkpoint.expiredElse(store, e);
    }
  }

  /**
   * Refuses slices that overlap. Holes are found when a region is planned, but one hole and one
   * overlap could make up for each other in number. A checkpoint with a manifest was checked before
   * it was committed.
   */
  private void requireNoOverlap(List<Want> wants) throws Corrupt {
    if (checkpoint.manifest().isPresent()) {
      return;
    }
    for (Want want : wants) {
      List<StoredSlice> slices = slices(want.variable().key());
      if (slices.size() > 1 && !apart.contains(want.variable().key())) {
        String overlap = SliceCoverage.overlap(slices);
        if (!overlap.isEmpty()) {
          throw badSlices(overlap);
        }
        apart.add(want.variable().key());
      }
    }
  }

  /** The elements of a STRING variable, row-major. */
  public List<byte[]> readStrings(String key) throws IOException {
    VariableSpec variable = require(key);
    if (variable.dtype() != DType.STRING || slices(key).size() != 1) {
      throw new Mismatch("Cannot read " + variable + " as strings");
    }
    try {
      return strings(slices(key).get(0));
    } catch (IOException e) {
      throw checkpoint.expiredElse(store, e);
    }
  }

  /**
   * The elements of a VARIANT variable, such as an iterator's state, row-major: of each the bytes
   * that are stored (a serialized VariantTensorDataProto), which are compared with their checksum
   * and not interpreted.
   */
  public List<byte[]> readVariants(String key) throws IOException {
    VariableSpec variable = require(key);
    if (variable.dtype() != DType.VARIANT || slices(key).size() != 1) {
      throw new Mismatch("Cannot read " + variable + " as variants");
    }
    try {
      return strings(slices(key).get(0));
    } catch (IOException e) {
      throw checkpoint.expiredElse(store, e);
    }
  }

  private List<byte[]> strings(StoredSlice slice) throws IOException {
    try (DataFiles.Held data = files.held()) {
      return StringTensor.read(StoredElements.of(slice, data));
    }
  }

  /** Returns data files that stay open while several variables are read. */
  DataFiles.Held dataFiles() {
    return files.held();
  }

  /**
   * A variable's slices in the order of their first elements.
   *
   * @throws Corrupt if they do not cover it exactly once
   */
  List<StoredSlice> wholeSlices(String key) throws Corrupt {
    List<StoredSlice> slices = new ArrayList<>(slices(key));
    String problem = SliceCoverage.problem(slices);
    if (!problem.isEmpty()) {
      throw badSlices(problem);
    }
    slices.sort(Comparator.comparingLong(one -> one.slice().element(0, one.variable().shape())));
    return slices;
  }

  private Corrupt badSlices(String problem) {
    return new Corrupt(
        "Cannot read checkpoint: expected slices that cover every variable exactly once, found "
            + problem
            + " (path="
            + checkpoint.indexPath()
            + "); use an older checkpoint");
  }

  /** The error to throw for a failed read: the checkpoint may have expired meanwhile. */
  IOException explain(IOException failure) {
    return checkpoint.expiredElse(store, failure);
  }

  /** The path that TensorFlow takes, with scheme. */
  public String prefix() {
    return checkpoint.prefix();
  }

  @Override
  public void close() throws IOException {
    CheckpointPins.Pin held = pin;
    if (held != null) {
      held.close();
    }
    store.close();
  }
}
