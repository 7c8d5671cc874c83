package dev.cairn.checkpoint.formats;

import dev.cairn.checkpoint.FolderOptions;
import dev.cairn.checkpoint.Folders;
import dev.cairn.checkpoint.model.CheckpointException.Failed;
import dev.cairn.checkpoint.model.CheckpointException.NotFound;
import dev.cairn.checkpoint.store.CheckpointStore;
import dev.cairn.checkpoint.store.CheckpointStores;
import dev.cairn.checkpoint.store.StoreInput;
import dev.cairn.checkpoint.store.StoredFile;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A file on this machine's disk, for formats that are read here and there in it by classes that
 * know no other storage. What lies elsewhere is copied into the folder for temporary files, and
 * deleted there when this is closed.
 *
 * @param file where it is
 * @param shown where it came from, for messages
 * @param temporary the folder that was made for it
 */
record LocalFile(Path file, String shown, Optional<Path> temporary) implements Closeable {
  private static final int PIECE_BYTES = 1 << 20;

  /** The file of a path, copied if it is not local. The store is closed. */
  static LocalFile of(CheckpointStore store, String path) throws IOException {
    try (store) {
      Optional<StoredFile> there = store.stat(path);
      if (there.isEmpty() || there.get().isDirectory()) {
        throw new NotFound(
            "Cannot open file: expected one, found "
                + (there.isEmpty() ? "nothing" : "a folder")
                + " (path="
                + path
                + ")");
      }
      if (path.startsWith("file:")) {
        return new LocalFile(Path.of(CheckpointStores.localPart(path)), path, Optional.empty());
      }
      try (StoreInput in = store.open(path)) {
        return temporary(path, out -> copy(in, out));
      }
    }
  }

  /** A part of another file, such as a member of an archive, as a file. */
  static LocalFile of(InputStream content, String shown) throws IOException {
    return temporary(shown, content::transferTo);
  }

  @FunctionalInterface
  private interface Content {
    void to(OutputStream out) throws IOException;
  }

  private static LocalFile temporary(String shown, Content content) throws IOException {
    Path folder;
    try {
      folder = Files.createTempDirectory("cairn");
    } catch (IOException e) {
      throw new Failed(
          "Cannot read "
              + shown
              + ": it needs a copy in the folder for temporary files (java.io.tmpdir="
              + System.getProperty("java.io.tmpdir")
              + ")",
          e);
    }
    LocalFile local = new LocalFile(folder.resolve("copy"), shown, Optional.of(folder));
    try {
      try (OutputStream out = Files.newOutputStream(local.file)) {
        content.to(out);
      }
      return local;
    } catch (IOException | RuntimeException e) {
      try (local) {
        throw e;
      }
    }
  }

  private static void copy(StoreInput in, OutputStream out) throws IOException {
    byte[] buffer = new byte[PIECE_BYTES];
    int count;
    for (long at = 0; at < in.length(); at += count) {
      count = (int) Math.min(buffer.length, in.length() - at);
      in.readFully(at, ByteBuffer.wrap(buffer, 0, count));
      out.write(buffer, 0, count);
    }
  }

  @Override
  public void close() throws IOException {
    if (temporary.isPresent()) {
      Folders.delete("file://" + temporary.get().toAbsolutePath(), FolderOptions.defaults());
    }
  }
}
