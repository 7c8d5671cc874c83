package dev.cairn.checkpoint;

import dev.cairn.checkpoint.bundle.Elements;
import dev.cairn.checkpoint.io.DataFiles;
import dev.cairn.checkpoint.model.CheckpointException.Corrupt;
import dev.cairn.checkpoint.model.StoredSlice;
import dev.cairn.checkpoint.store.StoreInput;
import java.io.IOException;

/** Strings and variants where they are stored. Stateless. */
final class StoredElements {

  private StoredElements() {}

  /** The elements of a slice of strings or variants, read as they are asked for. */
  static Elements of(StoredSlice slice, DataFiles.Held data) throws IOException {
    StoreInput in = data.open(slice.shard());
    String where =
        slice.describe()
            + " (path="
            + data.path(slice.shard())
            + ", offset="
            + slice.offset()
            + ")";
    if (slice.end() > in.length()) {
      throw new Corrupt(
          "Cannot read "
              + where
              + ": the file is too short, expected at least "
              + slice.end()
              + " bytes, found "
              + in.length()
              + "; use an older checkpoint");
    }
    return Elements.of(
            slice.variable().dtype(),
            slice.elements(),
            slice.size(),
            slice.crc32c(),
            (position, into) -> {
              data.count(into.remaining());
              in.readFully(slice.offset() + position, into);
            },
            where)
        .bigEndian(data.bigEndian());
  }
}
