package dev.cairn.checkpoint.store;

import dev.cairn.checkpoint.ForwardingStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * The local disk, and what a power loss would take from it now: files whose bytes were not synced,
 * and entries of folders that were not. Not thread-safe.
 */
public final class DurableDisk extends ForwardingStore {
  private final Set<Path> bytes;
  private final Set<Path> entries;
  private final boolean links;

  /** What came into place by a rename before it was durable; must stay empty. */
  public final Set<String> violations = new TreeSet<>();

  /** A disk with links or without. */
  public DurableDisk(boolean links) {
    this(new TreeSet<>(), new TreeSet<>(), links);
  }

  private DurableDisk(Set<Path> bytes, Set<Path> entries, boolean links) {
    super(new LocalCheckpointStore(folder -> entries.removeIf(path -> in(folder, path))));
    this.bytes = bytes;
    this.entries = entries;
    this.links = links;
  }

  /** Whether this is an entry that a sync of the folder makes durable now. */
  private static boolean in(Path folder, Path path) {
    return folder.equals(path.getParent()) && Files.exists(path);
  }

  /** What was done and would not outlive a power loss, but for what has a hidden name. */
  public Set<Path> lost() {
    Set<Path> lost = new TreeSet<>(entries);
    lost.addAll(bytes);
    lost.removeIf(path -> path.toString().contains("/."));
    return lost;
  }

  @Override
  public StoreOutput create(String path) throws IOException {
    StoreOutput out = super.create(path);
    Path file = LocalCheckpointStore.path(path);
    entries.add(file);
    return new StoreOutput() {
      @Override
      public void write(ByteBuffer from) throws IOException {
        bytes.add(file);
        out.write(from);
      }

      @Override
      public void sync() throws IOException {
        out.sync();
        bytes.remove(file);
      }

      @Override
      public void close() throws IOException {
        out.close();
      }
    };
  }

  @Override
  public boolean link(String file, String name) throws IOException {
    if (!links) {
      return false;
    }
    entries.add(LocalCheckpointStore.path(name));
    return super.link(file, name);
  }

  @Override
  public void makeDirectories(String path) throws IOException {
    for (Path at = LocalCheckpointStore.path(path); !Files.exists(at); at = at.getParent()) {
      entries.add(at);
    }
    super.makeDirectories(path);
  }

  @Override
  public void makeDirectory(String path) throws IOException {
    entries.add(LocalCheckpointStore.path(path));
    super.makeDirectory(path);
  }

  @Override
  public void rename(String from, String to) throws IOException {
    entries.add(LocalCheckpointStore.path(to));
    super.rename(from, to);
    moved(from, to);
  }

  @Override
  public void replace(String from, String to) throws IOException {
    entries.add(LocalCheckpointStore.path(to));
    super.replace(from, to);
    moved(from, to);
  }

  /** What is not durable still has its old name here, though it has the new one on disk. */
  private void moved(String from, String to) {
    Path old = LocalCheckpointStore.path(from);
    entries.remove(old);
    for (Set<Path> undone : List.of(bytes, entries)) {
      for (Path path : undone.stream().filter(path -> path.startsWith(old)).toList()) {
        Path inner = old.relativize(path);
        undone.remove(path);
        undone.add(LocalCheckpointStore.path(to).resolve(inner));
        if (!CheckpointFileNames.lastPart(to).startsWith(".")) {
          violations.add(to + " came before " + inner + " was durable");
        }
      }
    }
  }

  @Override
  public boolean delete(String path) throws IOException {
    entries.remove(LocalCheckpointStore.path(path));
    bytes.remove(LocalCheckpointStore.path(path));
    return super.delete(path);
  }

  @Override
  public void close() {}
}
