package dev.cairn.checkpoint;

import dev.cairn.checkpoint.model.CheckpointException.Conflict;
import dev.cairn.checkpoint.model.CheckpointException.NotFound;
import dev.cairn.checkpoint.store.CheckpointStore;
import dev.cairn.checkpoint.store.StoreInput;
import dev.cairn.checkpoint.store.StoreOutput;
import dev.cairn.checkpoint.store.StoredFile;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A file system in memory, with a rename that is atomic and refuses an existing target, and a guard
 * of invariant I3: whatever changes something within a committed checkpoint is remembered in {@link
 * #violations}. Everybody has a view of his own, whose hook may fail calls, take time, or end the
 * caller. Directories list in the order in which their entries were made, so that the random part
 * of names decides nothing. Not thread-safe.
 */
public final class MemoryStore {

  /** Intercepts calls to this store. */
  public interface Hook {
    /** Before a call is done; an exception leaves it undone. */
    default void before(String what, String path) throws IOException {}

    /** After it is done; an exception is an answer that was lost. */
    default void after(String what, String path) throws IOException {}

    /** The path at which a file is really created; another one only by mistake. */
    default String creates(String path) {
      return path;
    }

    /** Bytes were written: when they arrive; later than now only by mistake. */
    default void written(Runnable arrival) {
      arrival.run();
    }

    /** The path that is renamed when this one is to be; another one only by mistake. */
    default String renames(String from, String to) {
      return from;
    }
  }

  /** What files of several names may have in common. */
  private static final class Content {
    byte[] data = new byte[0];
    int length;
    long modified;

    Content copy() {
      Content copy = new Content();
      copy.data = Arrays.copyOf(data, length);
      copy.length = length;
      copy.modified = modified;
      return copy;
    }
  }

  private static final class Node {
    final boolean directory;
    final Content content;
    String name;
    @Nullable Node parent;
    final Map<String, Node> children = new LinkedHashMap<>();

    Node(String name, boolean directory, Content content) {
      this.name = name;
      this.directory = directory;
      this.content = content;
    }

    Node(String name, boolean directory) {
      this(name, directory, new Content());
    }

    boolean inCheckpoint() {
      for (Node n = this; n != null; n = n.parent) {
        if (n.name.startsWith("ckpt-")) {
          return true;
        }
      }
      return false;
    }
  }

  private final Node root = new Node("", true);
  private final LongSupplier millis;
  private final boolean links;

  /** Changes within committed checkpoints; must stay empty. */
  public final List<String> violations = new ArrayList<>();

  /** An empty store with this clock, and without links. */
  public MemoryStore(LongSupplier millis) {
    this(millis, false);
  }

  /** An empty store with this clock; with links, a file may have several names. */
  public MemoryStore(LongSupplier millis, boolean links) {
    this.millis = millis;
    this.links = links;
  }

  /** A store of its own with the same files; neither sees what the other changes from now on. */
  public MemoryStore copy() {
    MemoryStore copy = new MemoryStore(millis, links);
    copy(root, copy.root, new IdentityHashMap<>());
    return copy;
  }

  private static void copy(Node from, Node to, Map<Content, Content> copied) {
    for (Node child : from.children.values()) {
      Content content = copied.computeIfAbsent(child.content, Content::copy);
      Node same = new Node(child.name, child.directory, content);
      same.parent = to;
      to.children.put(same.name, same);
      copy(child, same, copied);
    }
  }

  private @Nullable Node find(String path) {
    Node node = root;
    int from = 0;
    while (node != null && from < path.length()) {
      int to = path.indexOf('/', from);
      int end = to < 0 ? path.length() : to;
      if (end > from) {
        node = node.children.get(path.substring(from, end));
      }
      from = end + 1;
    }
    return node;
  }

  private Node parentOf(String path) throws IOException {
    int cut = path.lastIndexOf('/');
    Node parent = find(path.substring(0, Math.max(0, cut)));
    if (parent == null || !parent.directory) {
      throw new NotFound("Cannot find the folder of " + path);
    }
    return parent;
  }

  private static String last(String path) {
    return path.substring(path.lastIndexOf('/') + 1);
  }

  private void put(Node parent, Node node) {
    node.parent = parent;
    node.content.modified = millis.getAsLong();
    parent.children.put(node.name, node);
  }

  /** The names in a directory, for a look from outside. */
  public List<String> names(String directory) {
    Node node = find(directory);
    return node == null ? List.of() : List.copyOf(node.children.keySet());
  }

  /** Removes the files of a directory whose text has a word in it, as if by another's hand. */
  public void removeWith(String directory, String word) {
    Node node = find(directory);
    if (node != null) {
      node.children
          .values()
          .removeIf(
              file ->
                  new String(
                          file.content.data,
                          0,
                          file.content.length,
                          java.nio.charset.StandardCharsets.UTF_8)
                      .contains(word));
    }
  }

  /** All bytes below a path, as one number: changes when anything there does. */
  public int digest(String path) {
    Node node = find(path);
    return node == null ? 0 : digest(node);
  }

  private static int digest(Node node) {
    int digest = node.name.hashCode();
    for (int i = 0; i < node.content.length; i++) {
      digest = digest * 31 + node.content.data[i];
    }
    for (Node child : node.children.values()) {
      digest = digest * 31 + digest(child);
    }
    return digest;
  }

  /** This store as one of its users sees it. */
  public CheckpointStore view(Hook hook) {
    return new View(hook);
  }

  private final class View implements CheckpointStore {
    private final Hook hook;

    View(Hook hook) {
      this.hook = hook;
    }

    @Override
    public StoreOutput create(String wanted) throws IOException {
      hook.before("create", wanted);
      String path = hook.creates(wanted);
      Node parent = parentOf(path);
      if (parent.children.containsKey(last(path))) {
        throw new Conflict("Cannot create " + path + ": it exists");
      }
      if (parent.inCheckpoint()) {
        violations.add("create " + path);
      }
      Node node = new Node(last(path), false);
      Content file = node.content;
      put(parent, node);
      hook.after("create", path);
      return new StoreOutput() {
        @Override
        public void write(ByteBuffer bytes) throws IOException {
          hook.before("write", path);
          if (node.inCheckpoint() && bytes.hasRemaining()) {
            violations.add("write " + path);
          }
          int count = bytes.remaining();
          if (file.data.length < file.length + count) {
            file.data = Arrays.copyOf(file.data, Math.max(2 * file.length, file.length + count));
          }
          byte[] copy = new byte[count];
          bytes.get(copy);
          int at = file.length;
          file.length += count;
          hook.written(() -> System.arraycopy(copy, 0, file.data, at, count));
          hook.after("write", path);
        }

        @Override
        public void sync() throws IOException {
          hook.before("sync", path);
          hook.after("sync", path);
        }

        @Override
        public void close() throws IOException {
          hook.before("close", path);
          hook.after("close", path);
        }
      };
    }

    @Override
    public StoreInput open(String path) throws IOException {
      hook.before("open", path);
      Content file = file(path).content;
      hook.after("open", path);
      return new StoreInput() {
        @Override
        public long length() {
          return file.length;
        }

        @Override
        public void readFully(long position, ByteBuffer into) throws IOException {
          hook.before("read", path);
          if (position + into.remaining() > file.length) {
            throw new EOFException(path);
          }
          into.put(file.data, (int) position, into.remaining());
          hook.after("read", path);
        }

        @Override
        public void close() {}
      };
    }

    private Node file(String path) throws IOException {
      Node file = find(path);
      if (file == null || file.directory) {
        throw new NotFound("Cannot open " + path + ": there is no such file");
      }
      return file;
    }

    private StoredFile stored(Node node) {
      return new StoredFile(
          node.name,
          node.content.length,
          node.directory ? StoredFile.Kind.DIRECTORY : StoredFile.Kind.FILE,
          node.content.modified);
    }

    @Override
    public Optional<StoredFile> stat(String path) throws IOException {
      hook.before("stat", path);
      Optional<StoredFile> found = Optional.ofNullable(find(path)).map(this::stored);
      hook.after("stat", path);
      return found;
    }

    @Override
    public List<StoredFile> list(String directory) throws IOException {
      hook.before("list", directory);
      Node node = find(directory);
      if (node == null || !node.directory) {
        throw new NotFound("Cannot list " + directory + ": there is no such folder");
      }
      List<StoredFile> found = new ArrayList<>(node.children.size());
      node.children.values().forEach(child -> found.add(stored(child)));
      hook.after("list", directory);
      return found;
    }

    @Override
    public void makeDirectories(String path) throws IOException {
      hook.before("mkdirs", path);
      Node node = root;
      for (String part : path.split("/")) {
        if (!part.isEmpty()) {
          Node next = node.children.get(part);
          if (next == null) {
            next = new Node(part, true);
            put(node, next);
          }
          node = next;
        }
      }
      hook.after("mkdirs", path);
    }

    @Override
    public void makeDirectory(String path) throws IOException {
      hook.before("mkdir", path);
      Node parent = parentOf(path);
      if (parent.children.containsKey(last(path))) {
        throw new Conflict("Cannot make " + path + ": it exists");
      }
      put(parent, new Node(last(path), true));
      hook.after("mkdir", path);
    }

    @Override
    public void rename(String from, String to) throws IOException {
      hook.before("rename", from + " to " + last(to));
      move(hook.renames(from, to), to, false);
      hook.after("rename", from + " to " + last(to));
    }

    private void move(String from, String to, boolean over) throws IOException {
      Node node = find(from);
      if (node == null) {
        throw new NotFound("Cannot rename " + from + ": there is no such file");
      }
      Node target = parentOf(to);
      if (!over && target.children.containsKey(last(to))) {
        throw new Conflict("Cannot rename " + from + " to " + to + ": that exists");
      }
      boolean hidden = last(to).startsWith(".expired-") || last(to).startsWith(".damaged-");
      Node there = target.children.get(last(to));
      boolean harms = there != null && there.inCheckpoint();
      if (harms || target.inCheckpoint() || (node.inCheckpoint() && !hidden)) {
        violations.add("rename " + from + " to " + to);
      }
      if (node.parent != null) {
        node.parent.children.remove(node.name);
      }
      node.name = last(to);
      put(target, node);
    }

    @Override
    public void replace(String from, String to) throws IOException {
      hook.before("replace", to);
      move(from, to, true);
      hook.after("replace", to);
    }

    @Override
    public boolean link(String from, String name) throws IOException {
      if (!links) {
        return false;
      }
      hook.before("link", name);
      Content content = file(from).content;
      Node parent = parentOf(name);
      if (parent.children.containsKey(last(name))) {
        throw new Conflict("Cannot link " + name + ": it exists");
      }
      if (parent.inCheckpoint()) {
        violations.add("link " + name);
      }
      Node node = new Node(last(name), false, content);
      node.parent = parent;
      parent.children.put(node.name, node);
      hook.after("link", name);
      return true;
    }

    @Override
    public boolean delete(String path) throws IOException {
      hook.before("delete", path);
      Node node = find(path);
      if (node != null && !node.children.isEmpty()) {
        throw new IOException("Cannot delete " + path + ": it is not empty");
      }
      if (node != null) {
        if (node.inCheckpoint()) {
          violations.add("delete " + path);
        }
        node.parent.children.remove(node.name);
      }
      hook.after("delete", path);
      return node != null;
    }

    @Override
    public void touch(String path) {}

    @Override
    public void close() {}
  }
}
