package dev.cairn.spark.ml;

import dev.cairn.checkpoint.model.ColumnType;
import dev.cairn.spark.settings.FeatureSettings;
import java.util.Arrays;
import java.util.Map;
import java.util.SortedMap;
import org.apache.spark.ml.Transformer;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.StringArrayParam;

/** The parameters of a {@link FeatureEncoder}, which make a definition of features. */
abstract sealed class FeatureParams extends Transformer permits FeatureEncoder {
  private static final long serialVersionUID = 1L;

  private final String uid;
  private final StringArrayParam derivedCols;
  private final StringArrayParam derivedSql;
  private final StringArrayParam categoricalCols;
  private final StringArrayParam numericCols;
  private final StringArrayParam crosses;
  private final IntParam numFeatures;
  private final Param<String> label;
  private final Param<String> labelPositive;
  private final Param<String> labelCol;
  private final Param<String> offset;
  private final Param<String> offsetCol;
  private final Param<String> outputCol;
  private final StringArrayParam typedCols;
  private final StringArrayParam colTypes;

  FeatureParams(String uid) {
    this.uid = uid;
    derivedCols = SettingParams.texts(this, FeatureSettings.DERIVED_COLS);
    derivedSql = SettingParams.texts(this, FeatureSettings.DERIVED_SQL);
    categoricalCols = SettingParams.texts(this, FeatureSettings.CATEGORICAL_COLS);
    numericCols = SettingParams.texts(this, FeatureSettings.NUMERIC_COLS);
    crosses = SettingParams.texts(this, FeatureSettings.CROSSES);
    numFeatures = SettingParams.whole(this, FeatureSettings.NUM_FEATURES);
    label = SettingParams.text(this, FeatureSettings.LABEL);
    labelPositive = SettingParams.text(this, FeatureSettings.LABEL_POSITIVE);
    labelCol = SettingParams.text(this, FeatureSettings.LABEL_COL);
    outputCol = SettingParams.text(this, FeatureSettings.OUTPUT_COL);
    typedCols = SettingParams.texts(this, FeatureSettings.TYPED_COLS);
    colTypes = SettingParams.texts(this, FeatureSettings.COL_TYPES);
    offset = SettingParams.text(this, FeatureSettings.OFFSET);
    offsetCol = SettingParams.text(this, FeatureSettings.OFFSET_COL);
  }

  abstract FeatureEncoder self();

  @Override
  public String uid() {
    return uid;
  }

  /** Parameter: see its {@code doc}. */
  public StringArrayParam derivedCols() {
    return derivedCols;
  }

  /** Parameter: see its {@code doc}. */
  public StringArrayParam derivedSql() {
    return derivedSql;
  }

  /** Parameter: see its {@code doc}. */
  public StringArrayParam categoricalCols() {
    return categoricalCols;
  }

  /** Parameter: see its {@code doc}. */
  public StringArrayParam numericCols() {
    return numericCols;
  }

  /** Parameter: see its {@code doc}. */
  public StringArrayParam crosses() {
    return crosses;
  }

  /** Parameter: see its {@code doc}. */
  public IntParam numFeatures() {
    return numFeatures;
  }

  /** Parameter: see its {@code doc}. */
  public Param<String> label() {
    return label;
  }

  /** Parameter: see its {@code doc}. */
  public Param<String> labelPositive() {
    return labelPositive;
  }

  /** Parameter: see its {@code doc}. */
  public Param<String> labelCol() {
    return labelCol;
  }

  /** Parameter: see its {@code doc}. */
  public Param<String> offset() {
    return offset;
  }

  /** Parameter: see its {@code doc}. */
  public Param<String> offsetCol() {
    return offsetCol;
  }

  /** Parameter: see its {@code doc}. */
  public Param<String> outputCol() {
    return outputCol;
  }

  /** Parameter: see its {@code doc}. */
  public StringArrayParam typedCols() {
    return typedCols;
  }

  /** Parameter: see its {@code doc}. */
  public StringArrayParam colTypes() {
    return colTypes;
  }

  /** Sets {@link #typedCols} and {@link #colTypes}. */
  FeatureEncoder setTypes(SortedMap<String, ColumnType> types) {
    set(typedCols, types.keySet().toArray(String[]::new));
    set(colTypes, types.values().stream().map(ColumnType::name).toArray(String[]::new));
    return self();
  }

  /** Derives one more column, which may use the ones derived so far. */
  public FeatureEncoder derive(String name, String sql) {
    set(derivedCols, with(getOrDefault(derivedCols), name));
    set(derivedSql, with(getOrDefault(derivedSql), sql));
    return self();
  }

  private static String[] with(String[] list, String more) {
    String[] longer = Arrays.copyOf(list, list.length + 1);
    longer[list.length] = more;
    return longer;
  }

  /** Sets {@link #derivedCols} and {@link #derivedSql}, in the order of the map. */
  public FeatureEncoder setDerived(Map<String, String> sqlByName) {
    set(derivedCols, sqlByName.keySet().toArray(String[]::new));
    set(derivedSql, sqlByName.values().toArray(String[]::new));
    return self();
  }

  /** Sets {@link #categoricalCols}. */
  public FeatureEncoder setCategoricalCols(String... value) {
    set(categoricalCols, value);
    return self();
  }

  /** Sets {@link #numericCols}. */
  public FeatureEncoder setNumericCols(String... value) {
    set(numericCols, value);
    return self();
  }

  /** Sets {@link #crosses}. */
  public FeatureEncoder setCrosses(String... value) {
    set(crosses, value);
    return self();
  }

  /** Sets {@link #numFeatures}. */
  public FeatureEncoder setNumFeatures(int value) {
    set(numFeatures, (Object) value);
    return self();
  }

  /** Sets {@link #label}. */
  public FeatureEncoder setLabel(String value) {
    set(label, value);
    return self();
  }

  /** Sets {@link #labelPositive}. */
  public FeatureEncoder setLabelPositive(String value) {
    set(labelPositive, value);
    return self();
  }

  /** Sets {@link #labelCol}. */
  public FeatureEncoder setLabelCol(String value) {
    set(labelCol, value);
    return self();
  }

  /** Sets {@link #offset}. */
  public FeatureEncoder setOffset(String value) {
    set(offset, value);
    return self();
  }

  /** Sets {@link #offsetCol}. */
  public FeatureEncoder setOffsetCol(String value) {
    set(offsetCol, value);
    return self();
  }

  /** Sets {@link #outputCol}. */
  public FeatureEncoder setOutputCol(String value) {
    set(outputCol, value);
    return self();
  }
}
