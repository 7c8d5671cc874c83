package dev.cairn.checkpoint.formats;

import dev.cairn.checkpoint.model.CheckpointException.Corrupt;
import java.io.EOFException;
import java.io.IOException;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/** Zip archives. Stateless. */
final class Archives {
  private Archives() {}

  /**
   * Opens an archive.
   *
   * @param format for messages
   * @throws Corrupt if it is none
   */
  static ZipFile open(LocalFile file, String format) throws IOException {
    try {
      return new ZipFile(file.file().toFile());
    } catch (ZipException | EOFException e) {
      throw new Corrupt(
          "Cannot read "
              + format
              + ": expected a zip archive, found something else or a part of one: "
              + e.getMessage()
              + " (path="
              + file.shown()
              + "); write the file anew",
          e);
    }
  }
}
