package dev.cairn.checkpoint.model;

import java.util.List;

/**
 * The findings of a verification.
 *
 * @param path the checkpoint
 * @param files the number of data files read
 * @param bytes the number of bytes read
 * @param damages every damage, by file and offset; empty if all is well
 */
public record VerifyReport(String path, int files, long bytes, List<Damage> damages) {

  /** Copies the list. */
  public VerifyReport {
    damages = List.copyOf(damages);
  }

  /** Whether every byte is what was written. */
  public boolean good() {
    return damages.isEmpty();
  }

  /**
   * One damage.
   *
   * @param file the file's name within the checkpoint
   * @param variable key of the variable that is hit; empty if it is none
   * @param slice the slice that is hit, as TensorFlow writes it; empty if it is none or the whole
   * @param offset the start of the damaged piece in the file
   * @param what description of the damage
   */
  public record Damage(String file, String variable, String slice, long offset, String what) {
    @Override
    public String toString() {
      return file
          + (variable.isEmpty() ? "" : ": variable " + variable)
          + (slice.isEmpty() ? "" : " slice " + slice)
          + " at offset "
          + offset
          + ": "
          + what;
    }
  }
}
