package dev.cairn.checkpoint.train;

import dev.cairn.checkpoint.CheckpointReader;
import dev.cairn.checkpoint.FolderOptions;
import dev.cairn.checkpoint.graph.Arrivals;
import dev.cairn.checkpoint.graph.Growing;
import dev.cairn.checkpoint.graph.ObjectGraph;
import dev.cairn.checkpoint.graph.Restoration;
import dev.cairn.checkpoint.graph.SlotOwner;
import dev.cairn.checkpoint.graph.Trackable;
import dev.cairn.checkpoint.graph.Variable;
import dev.cairn.checkpoint.model.VariableSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One restore: what the checkpoint has, which of the program's objects have got their values, and
 * what is still there for objects to come. Remembers the stored graph; files are opened when values
 * are read. Not thread-safe.
 */
final class Session implements Growing.Newcomers {
  private static final System.Logger LOG = System.getLogger(Session.class.getName());
  private static final String VALUE = "/.ATTRIBUTES/VARIABLE_VALUE";

  private final Checkpoint checkpoint;
  private final String path;
  private final CheckpointOptions options;
  private final Optional<ObjectGraph> stored;
  private final Map<String, VariableSpec> tensors;
  private final Set<Object> restored = Collections.newSetFromMap(new IdentityHashMap<>());
  private final Set<Growing> told = Collections.newSetFromMap(new IdentityHashMap<>());
  private @Nullable Arrivals arrivals;
  private boolean expected;

  private Session(
      Checkpoint checkpoint,
      String path,
      CheckpointOptions options,
      Optional<ObjectGraph> stored,
      Map<String, VariableSpec> tensors) {
    this.checkpoint = checkpoint;
    this.path = path;
    this.options = options;
    this.stored = stored;
    this.tensors = tensors;
  }

  /** Reads what a checkpoint has, and no value. */
  static Session open(Checkpoint checkpoint, String path, CheckpointOptions options)
      throws IOException {
    try (CheckpointReader reader = CheckpointReader.open(path, folderOptions(options))) {
      Map<String, VariableSpec> tensors = new LinkedHashMap<>();
      reader.variables().forEach(one -> tensors.put(one.key(), one));
      Optional<ObjectGraph> stored = reader.graph();
      if (options.skipSlotVariables()) {
        stored = stored.map(ObjectGraph::withoutSlots);
      }
      return new Session(checkpoint, path, options, stored, tensors);
    }
  }

  static FolderOptions folderOptions(CheckpointOptions options) {
    return FolderOptions.defaults().withHadoopProperties(options.hadoopProperties());
  }

  /** Whether the checkpoint has an object graph. */
  boolean hasGraph() {
    return stored.isPresent();
  }

  /** Says that differences are known. */
  void expected() {
    expected = true;
  }

  /** Lays the program as it is now over the checkpoint. */
  Restoration match() {
    boolean named = stored.isEmpty();
    ObjectGraph program = checkpoint.graph(options.skipSlotVariables(), !named);
    return Restoration.of(program, stored, named ? byNames(program) : tensors, "path=" + path);
  }

  /** The tensors by the keys of the program's variables, wherever a name says which is meant. */
  private Map<String, VariableSpec> byNames(ObjectGraph program) {
    Map<String, VariableSpec> found = new LinkedHashMap<>();
    for (String key : program.keys().values()) {
      String name = key.endsWith(VALUE) ? key.substring(0, key.length() - VALUE.length()) : key;
      String given = options.names().get(name);
      for (String candidate : given == null ? List.of(key, name) : List.of(given)) {
        VariableSpec tensor = tensors.get(candidate);
        if (tensor != null) {
          found.putIfAbsent(key, tensor);
        }
      }
    }
    tensors.forEach(found::putIfAbsent);
    return found;
  }

  /**
   * Lays the program as it is now over the checkpoint, and restores what has come since the last
   * time, all of it or nothing.
   */
  Restoration refresh() throws IOException {
    Restoration restoration = match();
    restoration.assertFits();
    if (checkpoint.isLatest(this)) {
      restore(restoration);
      arrivals = restoration.arrivals().orElse(null);
      tell(restoration.objects());
    }
    return restoration;
  }

  /** The first time. */
  void begin() throws IOException {
    List<String> shared = refresh().report().shared();
    if (!shared.isEmpty()) {
      LOG.log(
          System.Logger.Level.WARNING,
          "Restored from {0}, but not all: {1}",
          path,
          String.join("; ", shared));
    }
  }

  /** Before the program goes on to another checkpoint: what nobody asked for is told once. */
  void end() {
    if (expected) {
      return;
    }
    expected = true;
    Restoration.Report report = match().report();
    if (!report.missing().isEmpty() || !report.leftOver().isEmpty()) {
      LOG.log(
          System.Logger.Level.WARNING,
          "Restored a part of {0} only: {1}; call assertConsumed to make that an error, or"
              + " expectPartial if it is meant to be",
          path,
          report);
    }
  }

  private void restore(Restoration restoration) throws IOException {
    restoration.assertFits();
    Values values = new Values(path, options);
    for (Restoration.Match match : restoration.report().matched()) {
      if (isNew(match.variable())) {
        values.want(match);
      }
    }
    for (Restoration.StateMatch match : restoration.report().states()) {
      if (isNew(match.state())) {
        values.want(match);
      }
    }
    values.restore();
    restoration.report().matched().forEach(match -> restored.add(match.variable()));
    restoration.report().states().forEach(match -> restored.add(match.state()));
  }

  /** Whether an object has neither got its value here nor one that was restored later. */
  private boolean isNew(Object object) {
    return !restored.contains(object) && !checkpoint.restoredLater(this, object);
  }

  /** Whether an object has got its value here. */
  boolean hasRestored(Object object) {
    return restored.contains(object);
  }

  private void tell(List<Trackable> objects) {
    Arrivals there = arrivals;
    for (Trackable object : objects) {
      if (there != null
          && object instanceof Growing growing
          && there.awaited(growing)
          && told.add(growing)) {
        growing.tell(this);
      }
    }
  }

  @Override
  public void came(Trackable parent, String edge, Trackable child) {
    Arrivals there = arrivals;
    Restoration part = there == null ? null : there.arrived(parent, edge, child).orElse(null);
    if (there == null || part == null) {
      return;
    }
    try {
      restore(part);
      tell(part.objects());
      if (part.objects().stream().anyMatch(SlotOwner.class::isInstance)) {
        Restoration whole = match();
        restore(whole);
      }
    } catch (IOException e) {
      there.forget(part);
      throw new UncheckedIOException(e);
    } catch (RuntimeException e) {
      there.forget(part);
      throw e;
    }
  }

  @Override
  public boolean replaces(Growing.Newcomers earlier) {
    return earlier instanceof Session other
        && other != this
        && other.checkpoint == checkpoint
        && other.stored.isPresent()
        && stored.isPresent()
        && stored.get().sameAs(other.stored.get());
  }

  /** For {@link Variable}s only: what is said of one that cannot take a value. */
  static String cannotTake(Restoration.Match match) {
    return "Cannot restore "
        + match.path()
        + ": the program's variable takes no value; expected a MutableVariable or a"
        + " StringsVariable, found "
        + match.variable().getClass().getName();
  }
}
