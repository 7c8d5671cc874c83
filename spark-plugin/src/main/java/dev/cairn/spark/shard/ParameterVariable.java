package dev.cairn.spark.shard;

import java.io.Serializable;
import java.util.Locale;
import java.util.Objects;

/**
 * One trained variable: a float32 table of {@code rows} rows of {@code width} numbers, the numbers
 * of a row next to each other. Immutable.
 *
 * @param name path of the variable in the object graph, such as {@code weights} or {@code bias}
 * @param rows number of rows, 0 or more; a variable without rows is legal and is checkpointed
 * @param width the number of numbers in a row, 1 or more
 * @param rank the rank of the shape: 2 for {@code [rows, width]}, 1 for {@code [rows]} (then the
 *     width is 1), 0 for {@code []} (then there is one row, too)
 * @param regularised whether L1 and L2 hold for it
 * @param initial its numbers before training
 */
public record ParameterVariable(
    String name, long rows, int width, int rank, boolean regularised, Initializer initial)
    implements Serializable {

  /** Checks the arguments. */
  public ParameterVariable {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(initial, "initial");
    if (name.isEmpty()) {
      throw new IllegalArgumentException(
          "Cannot create variable: its name is empty, expected a path such as weights");
    }
    if (rows < 0 || width < 1) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "Cannot create variable %s: expected rows >= 0 and width >= 1, found [%d, %d]",
              name,
              rows,
              width));
    }
    if (rank < 0 || rank > 2 || (rank < 2 && width != 1) || (rank == 0 && rows != 1)) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "Cannot create variable %s: a scalar is one number and a vector has a width of 1,"
                  + " found [%d, %d] of rank %d",
              name,
              rows,
              width,
              rank));
    }
  }

  /** A variable of shape {@code [rows, width]} that starts with zeros. */
  public static ParameterVariable table(String name, long rows, int width) {
    return new ParameterVariable(name, rows, width, 2, true, Initializer.ZEROS);
  }

  /** A variable of shape {@code [size]} that starts with zeros and is not regularised. */
  public static ParameterVariable vector(String name, long size) {
    return new ParameterVariable(name, size, 1, 1, false, Initializer.ZEROS);
  }

  /** One number, of shape {@code []}, that starts with 0 and is not regularised. */
  public static ParameterVariable scalar(String name) {
    return new ParameterVariable(name, 1, 1, 0, false, Initializer.ZEROS);
  }

  /** The same with another number of rows. */
  ParameterVariable withRows(long number) {
    return new ParameterVariable(name, number, width, rank, regularised, initial);
  }

  /** The same with other numbers before training. */
  public ParameterVariable startingWith(Initializer numbers) {
    return new ParameterVariable(name, rows, width, rank, regularised, numbers);
  }
}
