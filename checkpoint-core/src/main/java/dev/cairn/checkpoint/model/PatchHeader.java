package dev.cairn.checkpoint.model;

import java.util.Locale;
import java.util.Objects;

/**
 * Between which versions of a model a patch leads.
 *
 * @param model the name of the model that it was made of; it may have another one elsewhere
 * @param base the version that it is applied to
 * @param result the version that this makes
 */
public record PatchHeader(String model, Side base, Side result) {

  /**
   * A version. Two of the same side have the same parameters, since the index has a checksum of
   * every slice.
   *
   * @param number of the version
   * @param attempt of its checkpoint's manifest, which tells one commit from all others
   * @param index of its checkpoint
   */
  public record Side(long number, String attempt, DataFile index) {
    /** Checks the number. */
    public Side {
      Objects.requireNonNull(attempt, "attempt");
      Objects.requireNonNull(index, "index");
      if (number < 1) {
        throw new IllegalArgumentException(
            "Cannot describe a patch: expected a version from 1 on, found " + number);
      }
    }

    @Override
    public String toString() {
      return String.format(
          Locale.ROOT, "version %d (commit %s, index %08x)", number, attempt, index.crc32c());
    }
  }

  /** Checks that it leads forward. */
  public PatchHeader {
    Objects.requireNonNull(model, "model");
    if (base.number() >= result.number()) {
      throw new IllegalArgumentException(
          "Cannot describe a patch: expected one that leads to a newer version, found "
              + base.number()
              + " to "
              + result.number());
    }
  }
}
