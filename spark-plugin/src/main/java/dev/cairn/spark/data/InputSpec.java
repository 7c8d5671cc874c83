package dev.cairn.spark.data;

import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The features of a row: named spaces that lie one after the other. A model has a variable of its
 * own for each of them, such as a table of users and one of items. Features are ascending ids, so
 * those of a space stand together in every row, and in every batch: {@link Batch#localId} finds
 * them. Immutable.
 */
public final class InputSpec implements Serializable {
  private static final long serialVersionUID = 1;
  private static final int MOST = Integer.MAX_VALUE - 16;

  private final List<Space> spaces;
  private final int[] firsts;

  /** The spaces whose rows are checked. */
  private final int[] ids;

  /** The kind of a space's features. */
  public enum Kind {
    /** A row has any of them, with any values. */
    SPARSE,
    /** Numbers that every row has, 0 or not: their parameters are wanted as a whole. */
    DENSE,
    /** A row has exactly one of them, with the value 1: a row's user, its item. */
    ID
  }

  /**
   * A space of features.
   *
   * @param name its name, for people
   * @param size the number of features, 1 or more
   */
  public record Space(String name, int size, Kind kind) implements Serializable {
    private static final long serialVersionUID = 1;

    /** Checks name and size. */
    public Space {
      if (name.isBlank() || size < 1) {
        throw new IllegalArgumentException(
            String.format(
                Locale.ROOT,
                "Cannot describe a space of features: expected a name and 1 or more of them, found"
                    + " '%s' and %d",
                name,
                size));
      }
    }

    /** A space of features of any values. */
    public static Space sparse(String name, int size) {
      return new Space(name, size, Kind.SPARSE);
    }

    /** A space of numbers that every row has. */
    public static Space dense(String name, int size) {
      return new Space(name, size, Kind.DENSE);
    }

    /** A space of features of which a row has one, with the value 1. */
    public static Space id(String name, int size) {
      return new Space(name, size, Kind.ID);
    }
  }

  private InputSpec(List<Space> spaces) {
    this.spaces = List.copyOf(spaces);
    this.firsts = new int[spaces.size() + 1];
    for (int s = 0; s < spaces.size(); s++) {
      long end = (long) firsts[s] + spaces.get(s).size();
      if (end > MOST) {
        throw new IllegalArgumentException(
            String.format(
                Locale.ROOT,
                "Cannot describe rows: expected at most %d features in all spaces, found %d to the"
                    + " end of %s",
                MOST,
                end,
                spaces.get(s).name()));
      }
      firsts[s + 1] = (int) end;
    }
    long names = spaces.stream().map(Space::name).distinct().count();
    if (spaces.isEmpty() || names < spaces.size()) {
      throw new IllegalArgumentException(
          "Cannot describe rows: expected one or more spaces with a name each, found " + spaces);
    }
    this.ids =
        IntStream.range(0, spaces.size()).filter(s -> spaces.get(s).kind() == Kind.ID).toArray();
  }

  /** Makes the features of rows of these spaces, one after the other. */
  public static InputSpec of(Space... spaces) {
    return new InputSpec(Arrays.asList(spaces));
  }

  /** Makes the features of rows of one space of any features. */
  public static InputSpec sparse(int features) {
    return of(Space.sparse("features", features));
  }

  /** The spaces, in their order. */
  public List<Space> spaces() {
    return spaces;
  }

  /** The first feature of a space, by its place among the spaces. */
  public int first(int space) {
    return firsts[space];
  }

  /** The feature after the last one of a space. */
  public int end(int space) {
    return firsts[space + 1];
  }

  /** The number of features of all spaces. */
  public int features() {
    return firsts[spaces.size()];
  }

  /**
   * Describes what is wrong with a row, if something is.
   *
   * @param features the row's features that are not 0, ascending, the first {@code count} places
   * @param values at the same places, null when all are 1
   * @return a message with what was expected and found, null if the row is right
   */
  public @Nullable String problem(int[] features, float @Nullable [] values, int count) {
    int k = 0;
    for (int s : ids) {
      while (k < count && features[k] < firsts[s]) {
        k++;
      }
      int from = k;
      while (k < count && features[k] < firsts[s + 1]) {
        k++;
      }
      if (k - from != 1) {
        return problem(
            s, k == from ? "none" : k - from + " of them, the first is " + features[from]);
      }
      if (values != null && values[from] != 1f) {
        return problem(s, "feature " + features[from] + " of value " + values[from]);
      }
    }
    return null;
  }

  private String problem(int space, String found) {
    return String.format(
        Locale.ROOT,
        "space %s, features %d to %d, expected exactly one of them, with the value 1, found %s",
        spaces.get(space).name(),
        firsts[space],
        firsts[space + 1] - 1,
        found);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof InputSpec that && spaces.equals(that.spaces);
  }

  @Override
  public int hashCode() {
    return spaces.hashCode();
  }

  @Override
  public String toString() {
    return "InputSpec" + spaces;
  }
}
