package dev.cairn.checkpoint.keras;

import dev.cairn.checkpoint.train.ArrayVariable;
import dev.cairn.checkpoint.train.AutoTrackable;
import java.util.List;

/** A layer: variables, made once it is known how wide its input is. Not thread-safe. */
public abstract class Layer extends AutoTrackable {

  /** For layers of this room. */
  Layer() {}

  /** What Keras calls layers of this kind in files, such as {@code dense}. */
  public abstract String kind();

  /**
   * Makes the variables, unless they are there.
   *
   * @param inputs length of the last dimension of the input
   * @return that of the output
   * @throws IllegalArgumentException if they were made for another length
   */
  abstract long build(long inputs);

  /** The variables in Keras's order; empty before they are made. */
  public abstract List<ArrayVariable> weights();
}
