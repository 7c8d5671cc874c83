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
 * @param width numbers in a row, 1 or more
 * @param scalar whether the shape is {@code []} instead of {@code [rows, width]}; then there is one
 *     row of width 1. L1 and L2 do not hold for scalars: they are intercepts.
 */
public record ParameterVariable(String name, long rows, int width, boolean scalar)
    implements Serializable {

  /** Checks the arguments. */
  public ParameterVariable {
    Objects.requireNonNull(name, "name");
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
    if (scalar && (rows != 1 || width != 1)) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "Cannot create variable %s: a scalar is one number, expected [1, 1], found [%d, %d]",
              name,
              rows,
              width));
    }
  }

  /** A variable of shape {@code [rows, width]}. */
  public static ParameterVariable table(String name, long rows, int width) {
    return new ParameterVariable(name, rows, width, false);
  }

  /** A variable of shape {@code []}: one number, which L1 and L2 leave alone. */
  public static ParameterVariable scalar(String name) {
    return new ParameterVariable(name, 1, 1, true);
  }
}
