package dev.cairn.checkpoint.model;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * The rules that make the features of a model from a row's columns: all that is needed to score new
 * rows. Kept in the manifest; immutable.
 *
 * <p>First the derived columns are added, in their order. Then every column of {@link #categorical}
 * is the feature {@code name=text} with value 1, every column of {@link #numeric} the feature
 * {@code name} with its number as value, and every cross the feature {@code a*b=text of a, unit
 * separator, text of b} with value 1. The name of a feature is hashed into {@link #size} places
 * ({@link RowHasher}); the values of features in one place add up.
 *
 * @param derived columns made of others, in the order in which they are made
 * @param categorical columns that are one feature for each value; a repeated name counts once
 * @param numeric columns that are one feature with their value; a name that is categorical, too, is
 *     categorical
 * @param crosses columns, two or more each, that are one feature for every combination of values
 * @param size the number of places: the length of the feature vector
 * @param label the label that the model was trained to predict; empty where it is not known
 * @param nulls the meaning of a null in a column
 * @param types the types, in training, of the input's columns that features or derived columns are
 *     made of; empty where they are not known, as in checkpoints of older versions
 * @param offset the number that is added to a row's margin; empty for none
 */
public record FeatureDefinition(
    List<Derived> derived,
    List<String> categorical,
    List<String> numeric,
    List<List<String>> crosses,
    int size,
    Optional<Label> label,
    Nulls nulls,
    SortedMap<String, ColumnType> types,
    Optional<Offset> offset) {

  /**
   * The separator of the names of a cross: {@code origin*hour}. No name of a crossed column holds
   * it.
   */
  public static final String CROSS = "*";

  /** The separator of the texts of a cross: no airport, hour or word holds it. */
  public static final String SEPARATOR = "\u001f";

  /**
   * A column made of others.
   *
   * @param name of the new column; one of this name is replaced
   * @param sql an SQL expression over the input's columns and the ones derived before
   * @param type the type that it had in training, where that is known
   */
  public record Derived(String name, String sql, Optional<ColumnType> type) {
    /** Makes a column whose type is not known. */
    public Derived(String name, String sql) {
      this(name, sql, Optional.empty());
    }

    /** Checks that neither name nor expression is empty. */
    public Derived {
      Objects.requireNonNull(type, "type");
      if (name.isEmpty() || sql.isBlank()) {
        throw new IllegalArgumentException(
            "Cannot derive a column: expected a name and an SQL expression, found '"
                + name
                + "' and '"
                + sql
                + "'");
      }
    }
  }

  /**
   * The label, which is to be predicted.
   *
   * @param sql an SQL expression over the columns, derived ones included
   * @param positive the text of the value that counts as 1, all others being 0; empty if the
   *     expression is 0 or 1, false or true
   */
  public record Label(String sql, Optional<String> positive) {
    /** Checks that there is an expression. */
    public Label {
      Objects.requireNonNull(positive, "positive");
      if (sql.isBlank()) {
        throw new IllegalArgumentException(
            "Cannot describe a label: expected an SQL expression, found none");
      }
    }
  }

  /**
   * The offset, which is added to a row's margin and not trained, such as the logarithm of an
   * exposure.
   *
   * @param sql an SQL expression over the columns, derived ones included
   */
  public record Offset(String sql) {
    /** The name of an offset that is not a column, but made of columns. */
    public static final String NAME = "offset";

    private static final Pattern COLUMN = Pattern.compile("[A-Za-z_][A-Za-z_0-9]*|`[^`]+`");

    /** Checks that there is an expression. */
    public Offset {
      if (sql.isBlank()) {
        throw new IllegalArgumentException(
            "Cannot describe an offset: expected an SQL expression, found none");
      }
    }

    /** The offset that stands in a column. */
    public static Offset ofColumn(String name) {
      return new Offset("`" + name + "`");
    }

    /** Whether the offset is not a column, but made of columns. */
    public boolean isMade() {
      return !COLUMN.matcher(sql.strip()).matches();
    }

    /**
     * The column that holds a row's offset where no SQL is computed: the one that the expression
     * names, or else the one called {@value #NAME}.
     */
    public String column() {
      String text = sql.strip();
      if (isMade()) {
        return NAME;
      }
      return text.startsWith("`") ? text.substring(1, text.length() - 1) : text;
    }
  }

  /** The meaning of a null in a column. */
  public enum Nulls {
    /** The row has no such feature; a cross with a null in it is no feature either. */
    ABSENT
  }

  /** Makes features of columns whose types are not known. */
  public FeatureDefinition(
      List<Derived> derived,
      List<String> categorical,
      List<String> numeric,
      List<List<String>> crosses,
      int size,
      Optional<Label> label,
      Nulls nulls) {
    this(derived, categorical, numeric, crosses, size, label, nulls, Collections.emptySortedMap());
  }

  /** Makes features of rows without offsets. */
  public FeatureDefinition(
      List<Derived> derived,
      List<String> categorical,
      List<String> numeric,
      List<List<String>> crosses,
      int size,
      Optional<Label> label,
      Nulls nulls,
      SortedMap<String, ColumnType> types) {
    this(derived, categorical, numeric, crosses, size, label, nulls, types, Optional.empty());
  }

  /** Copies the lists, drops what is listed twice, and checks names and size. */
  public FeatureDefinition {
    Objects.requireNonNull(label, "label");
    Objects.requireNonNull(nulls, "nulls");
    Objects.requireNonNull(offset, "offset");
    derived = List.copyOf(derived);
    types = Collections.unmodifiableSortedMap(new TreeMap<>(types));
    Set<String> seen = new LinkedHashSet<>();
    categorical = unseen(categorical, seen);
    numeric = unseen(numeric, seen);
    List<List<String>> kept = new ArrayList<>();
    for (List<String> cross : crosses) {
      checkCross(cross);
      if (seen.add(crossName(cross))) {
        kept.add(List.copyOf(cross));
      }
    }
    crosses = Collections.unmodifiableList(kept);
    if (seen.isEmpty() || seen.contains("")) {
      throw new IllegalArgumentException(
          "Cannot define features: expected names of columns, found "
              + (seen.isEmpty() ? "none" : "an empty one"));
    }
    if (size < 1 || size > Integer.MAX_VALUE - 16) {
      throw new IllegalArgumentException(
          "Cannot define features: size, expected 1 to "
              + (Integer.MAX_VALUE - 16)
              + ", found "
              + size);
    }
  }

  private static List<String> unseen(List<String> names, Set<String> seen) {
    return names.stream().filter(seen::add).toList();
  }

  private static void checkCross(List<String> cross) {
    if (cross.size() < 2 || cross.stream().anyMatch(name -> name.isEmpty() || name.contains("*"))) {
      throw new IllegalArgumentException(
          "Cannot cross columns: expected two or more names without *, found " + cross);
    }
  }

  /** The name of a cross's feature, such as {@code origin*hour}. */
  public static String crossName(List<String> cross) {
    return String.join(CROSS, cross);
  }

  /** The columns that features are made of, derived ones included, each once. */
  public Set<String> columns() {
    Set<String> names = new LinkedHashSet<>(categorical);
    names.addAll(numeric);
    crosses.forEach(names::addAll);
    return Collections.unmodifiableSet(names);
  }

  /** The type that a column of {@link #columns} had in training; empty where it is not known. */
  public Optional<ColumnType> type(String column) {
    for (int i = derived.size() - 1; i >= 0; i--) {
      if (derived.get(i).name().equals(column)) {
        return derived.get(i).type();
      }
    }
    return Optional.ofNullable(types.get(column));
  }

  /**
   * The same features, with the types of the columns that they are made of.
   *
   * @param ofInput types of columns of the input
   * @param ofDerived types of derived columns, by name
   */
  public FeatureDefinition withTypes(
      Map<String, ColumnType> ofInput, Map<String, ColumnType> ofDerived) {
    List<Derived> typed =
        derived.stream()
            .map(
                one ->
                    new Derived(
                        one.name(), one.sql(), Optional.ofNullable(ofDerived.get(one.name()))))
            .toList();
    return new FeatureDefinition(
        typed, categorical, numeric, crosses, size, label, nulls, new TreeMap<>(ofInput), offset);
  }

  /**
   * What decides at which places of a vector a row has which values: the same without label, offset
   * and types.
   */
  public FeatureDefinition rules() {
    List<Derived> bare = derived.stream().map(one -> new Derived(one.name(), one.sql())).toList();
    return new FeatureDefinition(
        bare, categorical, numeric, crosses, size, Optional.empty(), nulls);
  }

  /** The same features of rows with other offsets, or without. */
  public FeatureDefinition withOffset(Optional<Offset> other) {
    return new FeatureDefinition(
        derived, categorical, numeric, crosses, size, label, nulls, types, other);
  }
}
