package dev.cairn.checkpoint.store;

import java.io.Closeable;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * Storage as a checkpoint needs it. Paths are strings such as {@code hdfs://nn/runs/a/ckpt-5} or
 * {@code file:///runs/a}, taken from {@link CheckpointStores#qualify} and {@link
 * CheckpointFileNames#child}.
 *
 * <p>Thread-safe, except for the streams it hands out, each of which belongs to one thread at a
 * time. An {@link IOException} from a call that changes something does not mean that nothing
 * happened: the answer may have been lost. Callers look again.
 */
public interface CheckpointStore extends Closeable {

  /** Creates a file. Conflict if it exists, NotFound if its parent does not. */
  StoreOutput create(String path) throws IOException;

  /** Opens a file for reading; NotFound if there is none. */
  StoreInput open(String path) throws IOException;

  /**
   * Does what {@link #open} does, for a reader that compares every byte with a checksum of its own:
   * the storage need not compare a second time. Where the reader's comparison fails, {@link #open}
   * may still find a good copy, if {@link #verifiesReads}.
   */
  default StoreInput openUnverified(String path) throws IOException {
    return open(path);
  }

  /** Whether {@link #open} compares with checksums of the storage and looks for a good copy. */
  default boolean verifiesReads() {
    return false;
  }

  /** The entry at a path, links not followed; empty if there is none. */
  Optional<StoredFile> stat(String path) throws IOException;

  /** The entries of a directory in the order of their names; NotFound if there is none. */
  List<StoredFile> list(String directory) throws IOException;

  /** Makes a directory with its parents, durably; does nothing if it exists. */
  void makeDirectories(String path) throws IOException;

  /**
   * Makes one directory whose parent exists; NotFound if that does not. Conflict if there is a file
   * already. Not every storage refuses where a directory is: callers take a name that nobody else
   * has.
   */
  void makeDirectory(String path) throws IOException;

  /**
   * Moves a file or directory in one atomic step, durably: what a directory has in it, at any
   * depth, is there after a power loss if it was moved, provided that the files were synced.
   * Conflict if the target exists, NotFound if the source does not.
   */
  void rename(String from, String to) throws IOException;

  /** Moves a file onto another file in one atomic step: readers see the old or the new one. */
  void replace(String from, String to) throws IOException;

  /**
   * Gives a file that never changes a second name, both paths with scheme; false where that cannot
   * be done, and then nothing was. Conflict if the name is taken.
   */
  default boolean link(String file, String name) throws IOException {
    return false;
  }

  /** Deletes a file or an empty directory; false if there was nothing. */
  boolean delete(String path) throws IOException;

  /**
   * Sets a file's modification time to the present by the storage's clock, which is that of the
   * times in {@link StoredFile}. NotFound if there is none.
   */
  void touch(String path) throws IOException;
}
