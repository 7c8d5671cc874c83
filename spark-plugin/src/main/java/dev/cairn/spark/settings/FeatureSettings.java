package dev.cairn.spark.settings;

import java.util.List;

/** The settings that define features. */
public final class FeatureSettings {
  private static final Values<List<String>> COLUMNS = Values.list("a list of columns");

  /** The names of derived columns. */
  public static final Setting<List<String>> DERIVED_COLS =
      Setting.of(
          "derivedCols",
          COLUMNS,
          List.of(),
          "Names of derived columns; each may be made of earlier ones.");

  /** The expressions of derived columns. */
  public static final Setting<List<String>> DERIVED_SQL =
      Setting.of(
          "derivedSql",
          Values.list("a list of SQL expressions"),
          List.of(),
          "What derived columns are, one SQL expression for each.");

  /** The columns of categories. */
  public static final Setting<List<String>> CATEGORICAL_COLS =
      Setting.of(
          "categoricalCols",
          COLUMNS,
          List.of(),
          "Columns of the input or derived ones that become one feature for each value.");

  /** The columns of numbers. */
  public static final Setting<List<String>> NUMERIC_COLS =
      Setting.of(
          "numericCols",
          COLUMNS,
          List.of(),
          "Columns of the input or derived ones that become one feature with their value.");

  /** The crosses of columns. */
  public static final Setting<List<String>> CROSSES =
      Setting.of(
          "crosses",
          Values.list("a list of crosses such as origin*hour, two or more columns each"),
          List.of(),
          "Crosses: each becomes one feature for every combination of its columns' values, such as"
              + " origin*hour.");

  /** The number of features. */
  public static final Setting<Integer> NUM_FEATURES =
      Setting.of(
          "numFeatures",
          Values.whole(1),
          1 << 22,
          "Features are hashed into this many weights (MLlib's FeatureHasher).");

  /** The expression of the label, which is predicted. */
  public static final Setting<String> LABEL =
      Setting.of(
          "label", Values.text(), "SQL expression of what is to be predicted, for each row.");

  /** The label that counts as 1. */
  public static final Setting<String> LABEL_POSITIVE =
      Setting.of(
          "labelPositive",
          Values.text(),
          "The value of label that counts as 1, all others as 0, such as yes; none for labels that"
              + " are numbers or conditions.");

  /** The column for the label. */
  public static final Setting<String> LABEL_COL =
      Setting.of("labelCol", Values.text(), "Column for the label, made where label can be.");

  /** The expression of the offset, which is added to margins. */
  public static final Setting<String> OFFSET =
      Setting.of(
          "offset",
          Values.text(),
          "SQL expression of what is added to each row's margin and not trained, such as"
              + " ln(exposure).");

  /** The column for the offset. */
  public static final Setting<String> OFFSET_COL =
      Setting.of("offsetCol", Values.text(), "Column for the offset.");

  /** The column for the vectors. */
  public static final Setting<String> OUTPUT_COL =
      Setting.of("outputCol", Values.text(), "features", "Column for the feature vectors.");

  /** The columns whose types are known. */
  public static final Setting<List<String>> TYPED_COLS =
      Setting.of(
          "typedCols",
          COLUMNS,
          List.of(),
          "Columns of the input whose types in training are known.");

  /** The types of these columns. */
  public static final Setting<List<String>> COL_TYPES =
      Setting.of(
          "colTypes",
          Values.list("a list of types"),
          List.of(),
          "Types that typedCols had in training, such as string or int.");

  /** All of these settings, in the order in which a person reads them. */
  public static final List<Setting<?>> ALL =
      List.of(
          DERIVED_COLS,
          DERIVED_SQL,
          CATEGORICAL_COLS,
          NUMERIC_COLS,
          CROSSES,
          NUM_FEATURES,
          LABEL,
          LABEL_POSITIVE,
          LABEL_COL,
          OFFSET,
          OFFSET_COL,
          OUTPUT_COL,
          TYPED_COLS,
          COL_TYPES);

  private FeatureSettings() {}
}
