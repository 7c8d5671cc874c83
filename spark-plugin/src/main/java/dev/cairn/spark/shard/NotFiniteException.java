package dev.cairn.spark.shard;

/**
 * Thrown when a step has made a parameter or one of its slots infinite or NaN: training has
 * diverged, and the shard's numbers are not those of a step any more. It can be read from a
 * checkpoint anew.
 */
public final class NotFiniteException extends ArithmeticException {
  private static final long serialVersionUID = 1L;

  private final int place;
  private final float found;

  /** Makes an error for a position in a block. */
  NotFiniteException(int place, float found) {
    super("place " + place + ", found " + found);
    this.place = place;
    this.found = found;
  }

  private NotFiniteException(String message, NotFiniteException cause) {
    super(message);
    this.place = cause.place;
    this.found = cause.found;
  }

  /** Returns an error that names the number by the layout's block. */
  NotFiniteException in(ParameterLayout.Block block) {
    String name = block.variable().name();
    if (block.variable().rank() == 0) {
      return new NotFiniteException(name + " has become " + found, this);
    }
    long row = block.firstRow() + place / block.variable().width();
    return new NotFiniteException(
        "row " + row + " of " + name + ", or a slot of it, has become " + found, this);
  }
}
