package dev.cairn.checkpoint.store;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;
import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Local disk over {@code java.nio}. Renames are the kernel's, never a copy, and the folders whose
 * entries changed are synced, so that a committed checkpoint outlives a power loss.
 *
 * <p>The check that a rename's target is free and the rename itself are two steps here; between
 * them only another Cairn process could put a checkpoint there, and then the kernel refuses, since
 * it never replaces a folder that is not empty.
 */
final class LocalCheckpointStore implements CheckpointStore {

  /** Makes a folder's entries durable. */
  interface FolderSync {
    void sync(Path folder) throws IOException;
  }

  private final FolderSync folders;

  LocalCheckpointStore() {
    this(LocalCheckpointStore::force);
  }

  /** A store whose syncs of folders a test sees. */
  LocalCheckpointStore(FolderSync folders) {
    this.folders = folders;
  }

  private static void force(Path folder) throws IOException {
    try (FileChannel channel = FileChannel.open(folder, READ)) {
      channel.force(true);
    }
  }

  static Path path(String path) {
    return Path.of(CheckpointStores.localPart(path));
  }

  @Override
  public StoreOutput create(String path) throws IOException {
    try {
      return new Output(path, FileChannel.open(path(path), CREATE_NEW, WRITE));
    } catch (IOException e) {
      throw StorageErrors.explain("create", path, e);
    }
  }

  @Override
  public StoreInput open(String path) throws IOException {
    try {
      FileChannel channel = FileChannel.open(path(path), READ);
      return new Input(path, channel, channel.size());
    } catch (IOException e) {
      throw StorageErrors.explain("open", path, e);
    }
  }

  @Override
  public Optional<StoredFile> stat(String path) throws IOException {
    try {
      return Optional.of(describe(path(path)));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw StorageErrors.explain("look at", path, e);
    }
  }

  private static StoredFile describe(Path path) throws IOException {
    BasicFileAttributes attributes =
        Files.readAttributes(path, BasicFileAttributes.class, NOFOLLOW_LINKS);
    StoredFile.Kind kind =
        attributes.isRegularFile()
            ? StoredFile.Kind.FILE
            : attributes.isDirectory() ? StoredFile.Kind.DIRECTORY : StoredFile.Kind.OTHER;
    Path name = path.getFileName();
    return new StoredFile(
        name == null ? "" : name.toString(),
        kind == StoredFile.Kind.FILE ? attributes.size() : 0,
        kind,
        attributes.lastModifiedTime().toMillis());
  }

  @Override
  public List<StoredFile> list(String directory) throws IOException {
    List<StoredFile> entries = new ArrayList<>();
    try (Stream<Path> paths = Files.list(path(directory))) {
      for (Path entry : (Iterable<Path>) paths::iterator) {
        try {
          entries.add(describe(entry));
        } catch (NoSuchFileException gone) {
          // Deleted between the listing and the look at it: then it is not there.
        }
      }
    } catch (IOException e) {
      throw StorageErrors.explain("list", directory, e);
    }
    entries.sort(Comparator.comparing(StoredFile::name));
    return entries;
  }

  @Override
  public void makeDirectories(String path) throws IOException {
    try {
      make(path(path));
    } catch (FileAlreadyExistsException e) {
      throw StorageErrors.explain("make folder", path, new NotDirectoryException(e.getFile()));
    } catch (IOException e) {
      throw StorageErrors.explain("make folder", path, e);
    }
  }

  /** Makes a folder, which outlives a power loss with those that had to be made for it. */
  private void make(Path folder) throws IOException {
    Path parent = folder.getParent();
    if (parent == null || Files.exists(folder)) {
      Files.createDirectories(folder);
      return;
    }
    make(parent);
    Files.createDirectories(folder);
    folders.sync(parent);
  }

  @Override
  public void makeDirectory(String path) throws IOException {
    try {
      Files.createDirectory(path(path));
    } catch (IOException e) {
      throw StorageErrors.explain("make folder", path, e);
    }
  }

  @Override
  public boolean link(String file, String name) throws IOException {
    if (!file.startsWith("file:")) {
      return false;
    }
    try {
      Files.createLink(path(name), path(file));
      syncParent(name);
      return true;
    } catch (FileAlreadyExistsException | NoSuchFileException e) {
      throw StorageErrors.explain("link", name, e);
    } catch (IOException | UnsupportedOperationException e) {
      return false; // another disk, or a file system without links
    }
  }

  @Override
  public void rename(String from, String to) throws IOException {
    try {
      if (Files.exists(path(to), NOFOLLOW_LINKS)) {
        throw new FileAlreadyExistsException(to);
      }
      syncTree(path(from));
      Files.move(path(from), path(to), ATOMIC_MOVE);
      syncParent(to);
    } catch (IOException e) {
      throw StorageErrors.explain("rename " + from + " to", to, e);
    }
  }

  @Override
  public void replace(String from, String to) throws IOException {
    try {
      Files.move(path(from), path(to), ATOMIC_MOVE);
      syncParent(to);
    } catch (IOException e) {
      throw StorageErrors.explain("put in place", to, e);
    }
  }

  @Override
  public boolean delete(String path) throws IOException {
    try {
      return Files.deleteIfExists(path(path));
    } catch (IOException e) {
      throw StorageErrors.explain("delete", path, e);
    }
  }

  /** Writes a byte anew, as it is: then the time is the file system's, of a mounted one, too. */
  @Override
  public void touch(String path) throws IOException {
    try (FileChannel channel = FileChannel.open(path(path), READ, WRITE)) {
      ByteBuffer first = ByteBuffer.allocate(1);
      if (channel.read(first, 0) == 1) {
        int unused = channel.write(first.flip(), 0);
      } else {
        Files.setLastModifiedTime(path(path), FileTime.fromMillis(System.currentTimeMillis()));
      }
    } catch (IOException e) {
      throw StorageErrors.explain("touch", path, e);
    }
  }

  @Override
  public void close() {}

  /** The entries of files in a folder must outlive a power loss as well as their bytes. */
  private void syncTree(Path tree) throws IOException {
    Files.walkFileTree(
        tree,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException failure)
              throws IOException {
            if (failure == null) {
              folders.sync(folder);
            }
            return super.postVisitDirectory(folder, failure);
          }
        });
  }

  private void syncParent(String path) throws IOException {
    folders.sync(path(CheckpointFileNames.parent(path)));
  }

  private static final class Output implements StoreOutput {
    private final String path;
    private final FileChannel channel;

    private final Writeback writeback;

    Output(String path, FileChannel channel) {
      this.path = path;
      this.channel = channel;
      this.writeback = new Writeback(channel);
    }

    @Override
    public void write(ByteBuffer bytes) throws IOException {
      int count = bytes.remaining();
      try {
        while (bytes.hasRemaining()) {
          channel.write(bytes);
        }
        writeback.advance(count);
      } catch (IOException e) {
        throw StorageErrors.explain("write", path, e);
      }
    }

    @Override
    public boolean prefersDirect() {
      return true;
    }

    @Override
    public void sync() throws IOException {
      try {
        writeback.finish();
        channel.force(true);
      } catch (IOException e) {
        throw StorageErrors.explain("sync", path, e);
      }
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }

  private record Input(String path, FileChannel channel, long length) implements StoreInput {
    @Override
    public boolean prefersDirect() {
      return true;
    }

    @Override
    public void readFully(long position, ByteBuffer into) throws IOException {
      long at = position;
      while (into.hasRemaining()) {
        int read;
        try {
          read = channel.read(into, at);
        } catch (IOException e) {
          throw StorageErrors.explain("read", path, e);
        }
        if (read < 0) {
          throw new EOFException("Cannot read " + path + ": it ends at byte " + at);
        }
        at += read;
      }
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }
}
