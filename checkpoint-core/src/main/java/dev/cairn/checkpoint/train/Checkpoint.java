package dev.cairn.checkpoint.train;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.cairn.checkpoint.CheckpointPath;
import dev.cairn.checkpoint.bundle.CheckpointState;
import dev.cairn.checkpoint.commit.SessionIds;
import dev.cairn.checkpoint.commit.StateFile;
import dev.cairn.checkpoint.graph.ObjectGraph;
import dev.cairn.checkpoint.graph.Restoration;
import dev.cairn.checkpoint.graph.Trackable;
import dev.cairn.checkpoint.model.CheckpointException;
import dev.cairn.checkpoint.model.CheckpointException.NotFound;
import dev.cairn.checkpoint.store.CheckpointFileNames;
import dev.cairn.checkpoint.store.CheckpointStore;
import dev.cairn.checkpoint.store.CheckpointStores;
import java.io.IOException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The state of a program's objects in files, as {@code tf.train.Checkpoint}: TensorFlow restores
 * what Java saved, and the other way round.
 *
 * <p>What {@link #save} writes, {@link #restore} reads; what {@link #write} writes, {@link #read}
 * reads: {@code save} numbers checkpoints by a counter that it stores with them, and keeps the file
 * {@code checkpoint} by which the newest one is found.
 *
 * <p>A checkpoint is durable and complete before its path is returned (with {@code async} soon
 * after), and what was there under the same prefix stays whole until then. A restore reads and
 * checks all that it will assign before it assigns anything: if a byte is damaged, or a variable
 * has another shape or dtype, nothing has changed. Until then it takes as much memory as what it
 * assigns once more. What one side lacks is no error before it is asked for ({@link LoadStatus}),
 * and objects that come later get their values then.
 *
 * <p>Paths are prefixes such as {@code runs/a/ckpt-5}, with any scheme that Hadoop knows. Not
 * thread-safe.
 */
public final class Checkpoint implements Trackable {
  private static final String ROOT = "root";
  private static final String SAVE_COUNTER = "save_counter";

  private final Trackable root;
  private final SortedMap<String, Trackable> named = new TreeMap<>();
  private final Background background = new Background();
  private @Nullable Counter saveCounter;
  private @Nullable Session latest;

  /** A checkpoint of one object and all that it leads to. */
  public Checkpoint(Trackable root) {
    this(root, Map.of());
  }

  /** A checkpoint of objects by name, such as {@code Map.of("model", model, "step", step)}. */
  public Checkpoint(Map<String, ? extends Trackable> named) {
    this.root = new Trackable() {};
    this.named.putAll(named);
    if (named.containsKey(ROOT)) {
      throw new IllegalArgumentException(
          "Cannot name an object root: hand the root over as the first argument");
    }
  }

  /**
   * A checkpoint of one object and, beside what it leads to itself, of others by name.
   *
   * @throws IllegalArgumentException if the root leads to another object by one of the names
   */
  public Checkpoint(Trackable root, Map<String, ? extends Trackable> named) {
    this.root = root;
    this.named.putAll(named);
    this.named.put(ROOT, root);
    for (Map.Entry<String, Trackable> one : this.named.entrySet()) {
      Trackable own = root.children().get(one.getKey());
      if (own != null && own != one.getValue()) {
        throw new IllegalArgumentException(
            "Cannot name an object "
                + one.getKey()
                + ": the root leads to another one of that name; choose another name");
      }
    }
  }

  /** The named objects, the root among them, and the counter of saves once there is one. */
  @Override
  public Map<String, Trackable> children() {
    Map<String, Trackable> children = new LinkedHashMap<>(named);
    if (saveCounter != null) {
      children.put(SAVE_COUNTER, saveCounter);
    }
    return Collections.unmodifiableMap(children);
  }

  /** The graph of all objects as they are now. */
  ObjectGraph graph(boolean skipSlots, boolean withCounter) {
    Map<String, Trackable> attached = new LinkedHashMap<>(children());
    if (!withCounter) {
      attached.remove(SAVE_COUNTER);
    }
    root.children().keySet().forEach(attached::remove);
    return skipSlots ? ObjectGraph.withoutSlots(root, attached) : ObjectGraph.of(root, attached);
  }

  /** How often {@link #save} was called; made when it is first needed, and stored from then on. */
  public Counter saveCounter() {
    Counter counter = saveCounter;
    if (counter == null) {
      counter = makeCounter();
      if (latest != null) {
        latest.came(root, SAVE_COUNTER, counter);
      }
    }
    return counter;
  }

  private Counter makeCounter() {
    Trackable own = root.children().get(SAVE_COUNTER);
    if (own != null && !(own instanceof Counter)) {
      throw new IllegalArgumentException(
          "Cannot count saves: the root leads to something else by the name save_counter; expected"
              + " a Counter, found "
              + own.getClass().getName());
    }
    Counter made = own instanceof Counter counter ? counter : new Counter(0);
    saveCounter = made;
    return made;
  }

  /** Saves with plain options. */
  @CanIgnoreReturnValue
  public String save(String prefix) throws IOException {
    return save(prefix, CheckpointOptions.defaults());
  }

  /**
   * Adds one to the counter of saves, writes a checkpoint {@code PREFIX-counter}, and lets the file
   * {@code checkpoint} of its folder name it, and only it. Deletes nothing.
   *
   * @return the checkpoint's path, to be handed to {@link #restore}
   * @throws CheckpointException if it could not be written, or an asynchronous one before it could
   *     not: then this one was not begun
   */
  @CanIgnoreReturnValue
  public String save(String prefix, CheckpointOptions options) throws IOException {
    settle();
    if (prefix.isBlank() || prefix.endsWith("/")) {
      throw new IllegalArgumentException(
          "Cannot save to '" + prefix + "': expected a folder and a name, such as runs/a/ckpt");
    }
    String path = prefix + "-" + saveCounter().increment();
    return writeNow(path, options.withWriteCallback(written -> updateState(written, options)));
  }

  private static void updateState(String path, CheckpointOptions options) throws IOException {
    String full = CheckpointStores.qualify(path, options.hadoopProperties());
    try (CheckpointStore store = CheckpointStores.open(full, options.hadoopProperties())) {
      String name = CheckpointFileNames.lastPart(full);
      StateFile.put(
          store,
          CheckpointFileNames.parent(full),
          new CheckpointState(name, List.of(name), List.of(), 0),
          SessionIds.next());
    }
  }

  /** Writes with plain options. */
  @CanIgnoreReturnValue
  public String write(String prefix) throws IOException {
    return write(prefix, CheckpointOptions.defaults());
  }

  /**
   * Writes a checkpoint under exactly this prefix, in place of one that may be there; counts
   * nothing and names it nowhere.
   *
   * @return the prefix, to be handed to {@link #read}
   * @throws CheckpointException as {@link #save}
   */
  @CanIgnoreReturnValue
  public String write(String prefix, CheckpointOptions options) throws IOException {
    settle();
    return writeNow(prefix, options);
  }

  private String writeNow(String path, CheckpointOptions options) throws IOException {
    Image image = new Image(graph(false, true), options.async());
    if (options.async()) {
      background.start(path, () -> writeFiles(image, path, options));
    } else {
      writeFiles(image, path, options);
    }
    return path;
  }

  private static void writeFiles(Image image, String path, CheckpointOptions options)
      throws IOException {
    image.write(path, options);
    for (CheckpointOptions.WriteCallback callback : options.writeCallbacks()) {
      callback.written(path);
    }
  }

  /** Restores with plain options. */
  @CanIgnoreReturnValue
  public LoadStatus restore(@Nullable String path) throws IOException {
    return restore(path, CheckpointOptions.defaults());
  }

  /**
   * Restores what {@link #save} has written, or a SavedModel's variables.
   *
   * @param path a prefix, a committed checkpoint's folder, or a SavedModel's folder; null for a
   *     first run, on which nothing is restored
   * @return what came of it, to be asked
   * @throws NotFound if there is no checkpoint, with what there is instead
   * @throws CheckpointException if it is damaged, or anything has another shape or dtype: then
   *     nothing has changed
   */
  @CanIgnoreReturnValue
  public LoadStatus restore(@Nullable String path, CheckpointOptions options) throws IOException {
    Counter before = saveCounter;
    if (before == null) {
      makeCounter();
    }
    try {
      return read(path, options);
    } catch (IOException | RuntimeException e) {
      saveCounter = before;
      throw e;
    }
  }

  /** Reads with plain options. */
  @CanIgnoreReturnValue
  public LoadStatus read(@Nullable String path) throws IOException {
    return read(path, CheckpointOptions.defaults());
  }

  /**
   * Restores what {@link #write} has written: as {@link #restore}, but no counter of saves is
   * expected.
   */
  @CanIgnoreReturnValue
  public LoadStatus read(@Nullable String path, CheckpointOptions options) throws IOException {
    settle();
    if (path == null) {
      return new InitializationOnlyStatus();
    }
    Session session = Session.open(this, locate(path, options), options);
    Session before = latest;
    latest = session;
    try {
      session.begin();
    } catch (IOException | RuntimeException e) {
      latest = before;
      throw e;
    }
    return session.hasGraph()
        ? new CheckpointLoadStatus(session)
        : new NameBasedSaverStatus(session);
  }

  /** Compares with plain options. */
  public Restoration match(String path) throws IOException {
    return match(path, CheckpointOptions.defaults());
  }

  /**
   * Says what a restore would do, and does not do it: what matches, is missing, left over, shared
   * otherwise or of another shape, and how many bytes would be read. Reads no value.
   */
  public Restoration match(String path, CheckpointOptions options) throws IOException {
    return Session.open(this, locate(path, options), options).match();
  }

  private static String locate(String path, CheckpointOptions options) throws IOException {
    String full = CheckpointStores.qualify(path, options.hadoopProperties());
    String found = CheckpointPath.resolve(full, Session.folderOptions(options));
    if (found.equals(full)
        || found.startsWith(CheckpointFileNames.child(full, CheckpointFileNames.VARIABLES))) {
      return found;
    }
    throw new NotFound(
        "Cannot restore: expected a checkpoint, found a folder of checkpoints (path="
            + CheckpointStores.localPart(full)
            + "); the newest one in it is "
            + CheckpointStores.localPart(found));
  }

  /**
   * Waits for an asynchronous save that is under way.
   *
   * @throws CheckpointException if it failed
   */
  public void sync() throws IOException {
    background.await();
  }

  private void settle() throws IOException {
    background.await();
    if (latest != null) {
      latest.end();
    }
  }

  /** Whether a restore is the newest one of this checkpoint. */
  boolean isLatest(Session session) {
    return session == latest;
  }

  /** Whether a newer restore than this one has given an object its value. */
  boolean restoredLater(Session session, Object object) {
    return latest != null && latest != session && latest.hasRestored(object);
  }
}
