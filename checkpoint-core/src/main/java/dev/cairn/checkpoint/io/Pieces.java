package dev.cairn.checkpoint.io;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Takes the elements of a tensor of any size, piece by piece, from the first to the last. */
@FunctionalInterface
public interface Pieces {

  /**
   * Takes the next elements.
   *
   * @param piece whole elements, row-major, little-endian, from position to limit; the caller uses
   *     the buffer again once this returns
   */
  void take(ByteBuffer piece) throws IOException;

  /** Hands out a tensor. */
  @FunctionalInterface
  interface Source {
    /** Hands out all elements, in their order. */
    void to(Pieces into) throws IOException;
  }
}
