package dev.cairn.checkpoint.store;

import java.util.Objects;

/**
 * One entry of a directory.
 *
 * @param name last part of its path
 * @param length its length in bytes; 0 for a directory
 * @param kind file, directory, or anything else (links above all), which is never followed
 * @param modifiedMillis milliseconds since 1970 by the storage's clock
 */
public record StoredFile(String name, long length, Kind kind, long modifiedMillis) {

  /** The kinds of entries. */
  public enum Kind {
    FILE,
    DIRECTORY,
    OTHER
  }

  /** Checks that nothing is null. */
  public StoredFile {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(kind, "kind");
  }

  /** Whether this is an ordinary file. */
  public boolean isFile() {
    return kind == Kind.FILE;
  }

  /** Whether this is a real directory, not a link to one. */
  public boolean isDirectory() {
    return kind == Kind.DIRECTORY;
  }
}
