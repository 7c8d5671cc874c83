package dev.cairn.checkpoint.model;

/**
 * A file of a checkpoint.
 *
 * @param name its name within the checkpoint's directory, without a slash
 * @param length bytes
 * @param crc32c checksum of all its bytes, unmasked
 */
public record DataFile(String name, long length, int crc32c) {

  /** Checks that the name stays within the directory. */
  public DataFile {
    if (name.isEmpty() || name.length() > 255 || name.indexOf('/') >= 0 || name.startsWith(".")) {
      throw new IllegalArgumentException(
          "Cannot name a file of a checkpoint: expected a plain name, found '" + name + "'");
    }
    if (length < 0) {
      throw new IllegalArgumentException("Cannot describe " + name + ": length " + length);
    }
  }
}
