package dev.cairn.spark.settings;

import java.util.List;

/** The settings that say what features are made of. */
public final class FeatureSettings {
  private static final Values<List<String>> COLUMNS = Values.list("a list of columns");

  /** Names of derived columns. */
  public static final Setting<List<String>> DERIVED_COLS =
      Setting.of(
          "derivedCols",
          COLUMNS,
          List.of(),
          "Names of derived columns; each may be made of earlier ones.");

  /** How they are derived. */
  public static final Setting<List<String>> DERIVED_SQL =
      Setting.of(
          "derivedSql",
          Values.list("a list of SQL expressions"),
          List.of(),
          "What derived columns are, one SQL expression for each.");

  /** Categories. */
  public static final Setting<List<String>> CATEGORICAL_COLS =
      Setting.of(
          "categoricalCols",
          COLUMNS,
          List.of(),
          "Columns of the input or derived ones that become one feature for each value.");

  /** Numbers. */
  public static final Setting<List<String>> NUMERIC_COLS =
      Setting.of(
          "numericCols",
          COLUMNS,
          List.of(),
          "Columns of the input or derived ones that become one feature with their value.");

  /** Crosses. */
  public static final Setting<List<String>> CROSSES =
      Setting.of(
          "crosses",
          Values.list("a list of crosses such as origin*hour, two or more columns each"),
          List.of(),
          "Crosses: each becomes one feature for every combination of its columns' values, such as"
              + " origin*hour.");

  /** How many there are. */
  public static final Setting<Integer> NUM_FEATURES =
      Setting.of(
          "numFeatures",
          Values.whole(1),
          1 << 22,
          "Features are hashed into this many weights (MLlib's FeatureHasher).");

  /** What is predicted. */
  public static final Setting<String> LABEL =
      Setting.of(
          "label", Values.text(), "SQL expression of what is to be predicted, for each row.");

  /** Which label is 1. */
  public static final Setting<String> LABEL_POSITIVE =
      Setting.of(
          "labelPositive",
          Values.text(),
          "The value of label that counts as 1, all others as 0, such as yes; none for labels that"
              + " are numbers or conditions.");

  /** Where it goes. */
  public static final Setting<String> LABEL_COL =
      Setting.of("labelCol", Values.text(), "Column for the label, made where label can be.");

  /** What is added to margins. */
  public static final Setting<String> OFFSET =
      Setting.of(
          "offset",
          Values.text(),
          "SQL expression of what is added to each row's margin and not trained, such as"
              + " ln(exposure).");

  /** Where it goes. */
  public static final Setting<String> OFFSET_COL =
      Setting.of("offsetCol", Values.text(), "Column for the offset.");

  /** Where the vectors go. */
  public static final Setting<String> OUTPUT_COL =
      Setting.of("outputCol", Values.text(), "features", "Column for the feature vectors.");

  /** Columns whose types are known. */
  public static final Setting<List<String>> TYPED_COLS =
      Setting.of(
          "typedCols",
          COLUMNS,
          List.of(),
          "Columns of the input whose types in training are known.");

  /** These types. */
  public static final Setting<List<String>> COL_TYPES =
      Setting.of(
          "colTypes",
          Values.list("a list of types"),
          List.of(),
          "Types that typedCols had in training, such as string or int.");

  /** All, in the order in which a person reads them. */
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
