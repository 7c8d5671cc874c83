package dev.cairn.checkpoint;

import dev.cairn.checkpoint.io.DataFiles;
import dev.cairn.checkpoint.io.Pieces;
import dev.cairn.checkpoint.io.VariableCursor;
import dev.cairn.checkpoint.model.CheckpointException.Mismatch;
import dev.cairn.checkpoint.model.StoredSlice;
import dev.cairn.checkpoint.model.VariableSpec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/** Hands out variables that are too large to be held. Stateless. */
public final class VariablePieces {
  private VariablePieces() {}

  /**
   * Hands out a variable of any fixed-width type and any size from its first element to its last.
   * Memory: a piece of at most 1 MiB, and up to 64 MiB for a variable cut into many columns. What
   * was handed out is certain once this returns: each slice's checksum is compared at its end.
   *
   * @throws Mismatch for strings and variants
   */
  public static void read(CheckpointReader reader, String key, Pieces into) throws IOException {
    VariableSpec variable = reader.require(key);
    if (variable.dtype().elementBytes() == 0) {
      throw new Mismatch(
          "Cannot read " + variable + " as numbers: its elements have no fixed width");
    }
    List<StoredSlice> slices = reader.wholeSlices(key);
    try (DataFiles.Held data = reader.dataFiles()) {
      VariableCursor cursor = new VariableCursor(slices, data);
      ByteBuffer piece = next(reader, cursor);
      while (piece.hasRemaining()) {
        into.take(piece);
        piece = next(reader, cursor);
      }
    }
  }

  private static ByteBuffer next(CheckpointReader reader, VariableCursor cursor)
      throws IOException {
    try {
      return cursor.next();
    } catch (IOException e) {
      throw reader.explain(e);
    }
  }
}
