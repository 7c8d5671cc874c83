package dev.cairn.checkpoint.model;

import java.util.Objects;

/**
 * A slice of a variable and its place: data file, offset and size.
 *
 * @param variable the variable, with its full shape
 * @param slice the part of the variable; full if it is stored in one piece
 * @param shard number of the data file
 * @param offset first byte within the file
 * @param size length in bytes
 * @param crc32c checksum of the payload as TensorFlow counts it, unmasked
 */
public record StoredSlice(
    VariableSpec variable, Slice slice, int shard, long offset, long size, int crc32c) {

  /** Checks that the slice lies within the variable and the numbers are possible. */
  public StoredSlice {
    Objects.requireNonNull(variable, "variable");
    Objects.requireNonNull(slice, "slice");
    if (!slice.fits(variable.shape())) {
      throw new IllegalArgumentException(
          "Cannot store slice " + slice + " of " + variable + ": it is not within the variable");
    }
    if (shard < 0 || offset < 0 || size < 0 || offset + size < 0) {
      throw new IllegalArgumentException(
          "Cannot store slice "
              + slice
              + " of "
              + variable
              + ": expected numbers from 0 on, found shard="
              + shard
              + " offset="
              + offset
              + " size="
              + size);
    }
  }

  /** The byte after the last one within the file. */
  public long end() {
    return offset + size;
  }

  /** The number of elements. */
  public long elements() {
    return slice.shape(variable.shape()).elements();
  }

  /** Whether the variable is stored in one piece, as a plain entry. */
  public boolean unsliced() {
    return slice.coversAll(variable.shape());
  }

  /** Names variable and slice, for messages. */
  public String describe() {
    return unsliced()
        ? "variable " + variable.key()
        : "variable " + variable.key() + " slice " + slice;
  }
}
