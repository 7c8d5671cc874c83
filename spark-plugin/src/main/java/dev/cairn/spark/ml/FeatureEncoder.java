package dev.cairn.spark.ml;

import dev.cairn.checkpoint.model.FeatureDefinition;
import dev.cairn.checkpoint.model.FeatureDefinition.Derived;
import dev.cairn.checkpoint.model.FeatureDefinition.Label;
import dev.cairn.checkpoint.model.FeatureDefinition.Nulls;
import dev.cairn.checkpoint.model.RowHasher;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.ml.Transformer;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.param.StringArrayParam;
import org.apache.spark.ml.util.Identifiable$;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.ml.util.MLWritable;
import org.apache.spark.ml.util.MLWriter;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.NumericType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * Makes the column of feature vectors that a {@link FeatureDefinition} describes: derived columns
 * by SQL, categorical columns, numbers and crosses, hashed as MLlib's {@code FeatureHasher} hashes
 * columns of these names.
 *
 * <p>The column carries the definition in its metadata; {@link SparseLogisticRegression} keeps it
 * in every checkpoint, and from there {@link #of} makes the same features again. Derived columns
 * are for the features alone: rows leave with the columns that they came with, and {@code
 * outputCol}. A null is an absent feature. With {@code label} and {@code labelCol} set, that column
 * is made, too, where the rows have what the expression needs: rows to be scored need no label.
 *
 * <p>Not thread-safe while being configured.
 */
public final class FeatureEncoder extends Transformer implements MLWritable {
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
  private final Param<String> outputCol;

  /** An encoder with a random uid. */
  public FeatureEncoder() {
    this(Identifiable$.MODULE$.randomUID("cairn_features"));
  }

  /** An encoder with this uid. */
  public FeatureEncoder(String uid) {
    this.uid = uid;
    derivedCols = new StringArrayParam(this, "derivedCols", "names of derived columns, in order");
    derivedSql = new StringArrayParam(this, "derivedSql", "SQL expressions of derivedCols");
    categoricalCols =
        new StringArrayParam(this, "categoricalCols", "columns: one feature for each value");
    numericCols =
        new StringArrayParam(this, "numericCols", "columns: one feature with their value");
    crosses =
        new StringArrayParam(
            this, "crosses", "crosses such as origin*hour: one feature for each combination");
    numFeatures = new IntParam(this, "numFeatures", "length of the vectors");
    label = new Param<>(this, "label", "SQL expression of what is to be predicted");
    labelPositive =
        new Param<>(this, "labelPositive", "text of the label's value that counts as 1");
    labelCol = new Param<>(this, "labelCol", "column for the label, made where label can be");
    outputCol = new Param<>(this, "outputCol", "column for the feature vectors");
    setDefault(derivedCols, new String[0]);
    setDefault(derivedSql, new String[0]);
    setDefault(categoricalCols, new String[0]);
    setDefault(numericCols, new String[0]);
    setDefault(crosses, new String[0]);
    setDefault(numFeatures, (Object) (1 << 22));
    setDefault(outputCol, "features");
  }

  /** An encoder that makes the features of a definition. */
  public static FeatureEncoder of(FeatureDefinition definition) {
    return new FeatureEncoder().setDefinition(definition);
  }

  /** The definition that a column of vectors brings along; empty if it was made elsewhere. */
  public static Optional<FeatureDefinition> definition(StructField column) {
    return FeatureMetadata.read(column);
  }

  /**
   * What this encoder makes features of.
   *
   * @throws IllegalArgumentException if no columns are named, or names or size make no sense
   */
  public FeatureDefinition definition() {
    String[] names = getOrDefault(derivedCols);
    String[] sql = getOrDefault(derivedSql);
    if (names.length != sql.length) {
      throw new IllegalArgumentException(
          "Cannot derive columns: expected an expression in derivedSql for each of derivedCols,"
              + " found "
              + sql.length
              + " for "
              + names.length);
    }
    List<Derived> derived = new ArrayList<>();
    for (int i = 0; i < names.length; i++) {
      derived.add(new Derived(names[i], sql[i]));
    }
    return new FeatureDefinition(
        derived,
        List.of(getOrDefault(categoricalCols)),
        List.of(getOrDefault(numericCols)),
        FeatureMetadata.crosses(getOrDefault(crosses)),
        (Integer) getOrDefault(numFeatures),
        isDefined(label)
            ? Optional.of(
                new Label(
                    getOrDefault(label),
                    isDefined(labelPositive)
                        ? Optional.of(getOrDefault(labelPositive))
                        : Optional.empty()))
            : Optional.empty(),
        Nulls.ABSENT);
  }

  /** Sets all that a definition says. */
  public FeatureEncoder setDefinition(FeatureDefinition definition) {
    setDerived(Collections.emptyMap());
    definition.derived().forEach(column -> derive(column.name(), column.sql()));
    setCategoricalCols(definition.categorical().toArray(String[]::new));
    setNumericCols(definition.numeric().toArray(String[]::new));
    setCrosses(
        definition.crosses().stream().map(FeatureDefinition::crossName).toArray(String[]::new));
    setNumFeatures(definition.size());
    clear(label);
    clear(labelPositive);
    definition
        .label()
        .ifPresent(
            said -> {
              setLabel(said.sql());
              said.positive().ifPresent(this::setLabelPositive);
            });
    return this;
  }

  @Override
  public Dataset<Row> transform(Dataset<?> dataset) {
    FeatureDefinition definition = definition();
    Dataset<Row> input = dataset.toDF();
    checkOutputs(input.schema());
    Map<String, String> kept = keptNames(input, definition);
    Dataset<Row> table = input;
    for (Map.Entry<String, String> column : kept.entrySet()) {
      table = table.withColumn(column.getValue(), functions.col(Columns.quoted(column.getKey())));
    }
    table = derive(table);
    check(table.schema(), definition);
    List<Column> columns = new ArrayList<>();
    for (String name : input.columns()) {
      columns.add(functions.col(Columns.quoted(kept.getOrDefault(name, name))).as(name));
    }
    columns.add(features(definition));
    labelColumn(table).ifPresent(columns::add);
    return table.select(columns.toArray(Column[]::new));
  }

  /** Columns of the input that a derived one replaces, and where they wait until the end. */
  private static Map<String, String> keptNames(Dataset<Row> input, FeatureDefinition definition) {
    boolean exact = "true".equals(input.sparkSession().conf().get("spark.sql.caseSensitive"));
    Map<String, String> kept = new LinkedHashMap<>();
    for (String name : input.columns()) {
      for (Derived column : definition.derived()) {
        if (exact ? column.name().equals(name) : column.name().equalsIgnoreCase(name)) {
          kept.put(name, "cairn.kept." + kept.size());
        }
      }
    }
    return kept;
  }

  /**
   * Adds the derived columns: what {@link #transform} begins with, for expressions of one's own
   * over them.
   */
  public Dataset<Row> derive(Dataset<Row> input) {
    Dataset<Row> table = input;
    for (Derived column : definition().derived()) {
      table = table.withColumn(column.name(), functions.expr(column.sql()));
    }
    return table;
  }

  /** The column of features, of rows that have the derived columns already. */
  public Column features(StructType schema) {
    FeatureDefinition definition = definition();
    check(schema, definition);
    return features(definition);
  }

  /**
   * The column of names of those of a row's features that fall into some places of the vector, each
   * as {@code place:name}, of rows that have the derived columns already: what a weight stands for.
   *
   * @param places ascending
   */
  public Column names(StructType schema, int[] places) {
    FeatureDefinition definition = definition();
    check(schema, definition);
    return functions
        .udf(
            new NameRow(new HashRow(definition), places),
            DataTypes.createArrayType(DataTypes.StringType))
        .apply(inputs(definition));
  }

  private Column features(FeatureDefinition definition) {
    String name = getOrDefault(outputCol);
    return functions
        .udf(new HashRow(definition), SQLDataTypes.VectorType())
        .apply(inputs(definition))
        .as(name, FeatureMetadata.of(definition, name));
  }

  /** The texts and numbers that a hasher wants, as one column. */
  private static Column inputs(FeatureDefinition definition) {
    RowHasher hasher = new RowHasher(definition);
    List<Column> inputs = new ArrayList<>();
    for (String name : hasher.texts()) {
      inputs.add(functions.col(Columns.quoted(name)).cast("string").as("t" + inputs.size()));
    }
    for (String name : hasher.numbers()) {
      inputs.add(functions.col(Columns.quoted(name)).cast("double").as("n" + inputs.size()));
    }
    return functions.struct(inputs.toArray(Column[]::new));
  }

  private Optional<Column> labelColumn(Dataset<Row> table) {
    Optional<Label> said = definition().label();
    if (!isDefined(labelCol) || said.isEmpty()) {
      return Optional.empty();
    }
    Column value = functions.expr(said.get().sql());
    try {
      table.select(value);
    } catch (Exception e) { // Scala throws checked exceptions that its signatures do not name
      return Optional.empty(); // Rows that are to be scored have no label.
    }
    Column number =
        said.get()
            .positive()
            .map(positive -> value.cast("string").equalTo(positive))
            .orElse(value)
            .cast("double");
    return Optional.of(number.as(getOrDefault(labelCol)));
  }

  @Override
  public StructType transformSchema(StructType schema) {
    SparkSession session = SparkSession.builder().getOrCreate();
    return transform(session.createDataFrame(List.of(), schema)).schema();
  }

  private void checkOutputs(StructType schema) {
    for (Param<String> output : List.of(outputCol, labelCol)) {
      if (isDefined(output) && Arrays.asList(schema.fieldNames()).contains(getOrDefault(output))) {
        throw new IllegalArgumentException(
            "Cannot add output column "
                + getOrDefault(output)
                + ": the input has one of this name; drop it or set "
                + output.name());
      }
    }
  }

  private static void check(StructType schema, FeatureDefinition definition) {
    for (String name : definition.columns()) {
      DataType type = type(schema, name);
      if (definition.numeric().contains(name) && !(type instanceof NumericType)) {
        throw new IllegalArgumentException(
            "Cannot use column "
                + name
                + " as a number: expected a numeric column, found "
                + type.simpleString()
                + "; make it categorical, or derive a number from it");
      }
    }
  }

  private static DataType type(StructType schema, String name) {
    for (StructField field : schema.fields()) {
      if (field.name().equalsIgnoreCase(name)) {
        return field.dataType();
      }
    }
    throw new IllegalArgumentException(
        "Cannot make features: column "
            + name
            + ", expected one of "
            + String.join(", ", schema.fieldNames()));
  }

  @Override
  public String uid() {
    return uid;
  }

  @Override
  public FeatureEncoder copy(ParamMap extra) {
    return copyValues(new FeatureEncoder(uid), extra);
  }

  /** Writes the parameters; an older stage in that place is there until the new one is whole. */
  @Override
  public MLWriter write() {
    return new StageWriter(this);
  }

  /** Reads what {@link #write} wrote. */
  public static MLReader<FeatureEncoder> read() {
    return ParamsMetadata.reader(FeatureEncoder.class, FeatureEncoder::new);
  }

  /** Reads what {@link #write} wrote. */
  public static FeatureEncoder load(String path) {
    return read().load(path);
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
  public Param<String> outputCol() {
    return outputCol;
  }

  /** Derives one more column, which may use the ones derived so far. */
  public FeatureEncoder derive(String name, String sql) {
    set(derivedCols, with(getOrDefault(derivedCols), name));
    set(derivedSql, with(getOrDefault(derivedSql), sql));
    return this;
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
    return this;
  }

  /** Sets {@link #categoricalCols}. */
  public FeatureEncoder setCategoricalCols(String... value) {
    set(categoricalCols, value);
    return this;
  }

  /** Sets {@link #numericCols}. */
  public FeatureEncoder setNumericCols(String... value) {
    set(numericCols, value);
    return this;
  }

  /** Sets {@link #crosses}. */
  public FeatureEncoder setCrosses(String... value) {
    set(crosses, value);
    return this;
  }

  /** Sets {@link #numFeatures}. */
  public FeatureEncoder setNumFeatures(int value) {
    set(numFeatures, (Object) value);
    return this;
  }

  /** Sets {@link #label}. */
  public FeatureEncoder setLabel(String value) {
    set(label, value);
    return this;
  }

  /** Sets {@link #labelPositive}. */
  public FeatureEncoder setLabelPositive(String value) {
    set(labelPositive, value);
    return this;
  }

  /** Sets {@link #labelCol}. */
  public FeatureEncoder setLabelCol(String value) {
    set(labelCol, value);
    return this;
  }

  /** Sets {@link #outputCol}. */
  public FeatureEncoder setOutputCol(String value) {
    set(outputCol, value);
    return this;
  }
}
