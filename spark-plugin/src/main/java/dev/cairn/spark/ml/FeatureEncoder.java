package dev.cairn.spark.ml;

import dev.cairn.checkpoint.model.ColumnType;
import dev.cairn.checkpoint.model.FeatureDefinition;
import dev.cairn.checkpoint.model.FeatureDefinition.Derived;
import dev.cairn.checkpoint.model.FeatureDefinition.Label;
import dev.cairn.checkpoint.model.FeatureDefinition.Nulls;
import dev.cairn.checkpoint.model.FeatureDefinition.Offset;
import dev.cairn.checkpoint.model.FeatureGrowth;
import dev.cairn.checkpoint.model.RowHasher;
import dev.cairn.spark.columns.ColumnTypes;
import dev.cairn.spark.columns.Columns;
import dev.cairn.spark.columns.FeatureMetadata;
import dev.cairn.spark.columns.HashRow;
import dev.cairn.spark.columns.NameRow;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
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
import org.apache.spark.sql.types.Metadata;
import org.apache.spark.sql.types.NumericType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * Makes the column of feature vectors that a {@link FeatureDefinition} describes: derived columns
 * by SQL, categorical columns, numbers and crosses, hashed as MLlib's {@code FeatureHasher} hashes
 * columns of these names.
 *
 * <p>The column carries the definition in its metadata; {@link LogisticRegression} keeps it in
 * every checkpoint, and from there {@link #of} makes the same features again. Derived columns are
 * for the features alone: rows leave with the columns that they came with, and {@code outputCol}. A
 * null is an absent feature. With {@code label} and {@code labelCol} set, that column is made, too,
 * where the rows have what the expression needs: rows to be scored need no label. With {@code
 * offset} and {@code offsetCol} set, the column of offsets is made; scoring needs it, too.
 *
 * <p>The types of the columns belong to the definition: an encoder of a checkpoint gives them to
 * all rows that it gets, so that 18, 18.0 and "18" are one category, and refuses columns by name
 * that cannot have them.
 *
 * <p>Not thread-safe while being configured.
 */
public final class FeatureEncoder extends FeatureParams implements MLWritable {
  private static final long serialVersionUID = 1L;

  /** Makes an encoder with a random uid. */
  public FeatureEncoder() {
    this(Identifiable$.MODULE$.randomUID("cairn_features"));
  }

  /** Makes an encoder with this uid. */
  public FeatureEncoder(String uid) {
    super(uid);
  }

  @Override
  FeatureEncoder self() {
    return this;
  }

  /** Makes an encoder of a definition's features. */
  public static FeatureEncoder of(FeatureDefinition definition) {
    return new FeatureEncoder().setDefinition(definition);
  }

  /** The definition in the metadata of a column of vectors; empty if it was made elsewhere. */
  public static Optional<FeatureDefinition> definition(StructField column) {
    return FeatureMetadata.read(column);
  }

  /**
   * The definition of this encoder's features.
   *
   * @throws IllegalArgumentException if no columns are named, or names or size make no sense
   */
  public FeatureDefinition definition() {
    String[] names = getOrDefault(derivedCols());
    String[] sql = getOrDefault(derivedSql());
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
        List.of(getOrDefault(categoricalCols())),
        List.of(getOrDefault(numericCols())),
        FeatureMetadata.crosses(getOrDefault(crosses())),
        (Integer) getOrDefault(numFeatures()),
        isDefined(label())
            ? Optional.of(
                new Label(
                    getOrDefault(label()),
                    isDefined(labelPositive())
                        ? Optional.of(getOrDefault(labelPositive()))
                        : Optional.empty()))
            : Optional.empty(),
        Nulls.ABSENT,
        types(),
        isDefined(offset()) ? Optional.of(new Offset(getOrDefault(offset()))) : Optional.empty());
  }

  private SortedMap<String, ColumnType> types() {
    String[] names = getOrDefault(typedCols());
    String[] types = getOrDefault(colTypes());
    if (names.length != types.length) {
      throw new IllegalArgumentException(
          "Cannot make features: expected a type in colTypes for each of typedCols, found "
              + types.length
              + " for "
              + names.length);
    }
    SortedMap<String, ColumnType> map = new TreeMap<>();
    for (int i = 0; i < names.length; i++) {
      map.put(names[i], new ColumnType(types[i]));
    }
    return map;
  }

  /** Sets everything in a definition. */
  public FeatureEncoder setDefinition(FeatureDefinition definition) {
    setDerived(Collections.emptyMap());
    definition.derived().forEach(column -> derive(column.name(), column.sql()));
    setCategoricalCols(definition.categorical().toArray(String[]::new));
    setNumericCols(definition.numeric().toArray(String[]::new));
    setCrosses(
        definition.crosses().stream().map(FeatureDefinition::crossName).toArray(String[]::new));
    setNumFeatures(definition.size());
    setTypes(definition.types());
    clear(label());
    clear(labelPositive());
    clear(offset());
    definition.offset().ifPresent(said -> setOffset(said.sql()));
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
    Dataset<Row> input = dataset.toDF();
    FeatureDefinition definition = withTypesOf(input.schema()).definition();
    checkOutputs(input.schema());
    Map<String, String> kept = keptNames(input, definition);
    Dataset<Row> table = input;
    for (Map.Entry<String, String> column : kept.entrySet()) {
      table = table.withColumn(column.getValue(), functions.col(Columns.quoted(column.getKey())));
    }
    table = derive(table);
    check(table.schema(), definition);
    definition = ColumnTypes.withDerived(definition, table.schema());
    List<Column> columns = new ArrayList<>();
    if (definition.derived().isEmpty() && kept.isEmpty()) {
      columns.add(functions.col("*")); // names that differ in case alone do no harm
    } else {
      for (String name : input.columns()) {
        columns.add(functions.col(Columns.quoted(kept.getOrDefault(name, name))).as(name));
      }
    }
    columns.add(features(definition));
    labelColumn(table).ifPresent(columns::add);
    if (isDefined(offset()) && isDefined(offsetCol())) {
      Column offset = functions.expr(getOrDefault(offset())).cast("double");
      columns.add(offset.as(getOrDefault(offsetCol())));
    }
    return table.select(columns.toArray(Column[]::new));
  }

  /**
   * The columns of the input that are replaced on the way, each with the name under which it is
   * kept until the end.
   */
  private static Map<String, String> keptNames(Dataset<Row> input, FeatureDefinition definition) {
    Map<String, String> kept = new LinkedHashMap<>();
    List<String> strange = ColumnTypes.strange(input.schema(), definition.types());
    for (String name : input.columns()) {
      boolean derived =
          definition.derived().stream().anyMatch(column -> Columns.same(column.name(), name));
      if (derived || strange.contains(name)) {
        kept.put(name, free(input.schema(), definition, kept.size()));
      }
    }
    return kept;
  }

  /** A name that no column has. */
  private static String free(StructType schema, FeatureDefinition definition, int number) {
    String name = "cairn.kept." + number;
    while (Columns.has(schema, name)
        || definition.derived().stream().map(Derived::name).anyMatch(name::equalsIgnoreCase)) {
      name += "'";
    }
    return name;
  }

  /**
   * Gives columns the types that they had in training, where those are known, and adds the derived
   * columns, as {@link #transform} does first: for other expressions over them.
   *
   * @throws IllegalArgumentException naming a column whose type cannot become the one of training
   */
  public Dataset<Row> derive(Dataset<Row> input) {
    Dataset<Row> table = typed(input);
    for (Derived column : definition().derived()) {
      table = table.withColumn(column.name(), functions.expr(column.sql()));
    }
    return table;
  }

  /**
   * The rows with the types that their columns had in training, where those are known. A value that
   * its type cannot have ends the query, naming column and value.
   *
   * @throws IllegalArgumentException naming a column whose type cannot become the one of training
   */
  public Dataset<Row> typed(Dataset<Row> input) {
    return ColumnTypes.given(input, types());
  }

  /**
   * The types for reading the columns of text files so that {@link #typed} can give them the types
   * that they had in training: times as times, in the formats that the reader takes, all others as
   * they are written. Whether 0123 is a number was decided in training.
   */
  public SortedMap<String, DataType> writtenTypes() {
    return ColumnTypes.written(types());
  }

  /**
   * Returns this encoder with the types of these columns for all rows to come; itself if types are
   * set.
   *
   * @param input columns without the derived ones, as in training
   */
  public FeatureEncoder withTypesOf(StructType input) {
    return isSet(typedCols()) && getOrDefault(typedCols()).length > 0
        ? this
        : copy(ParamMap.empty()).setTypes(ColumnTypes.used(input, definition()));
  }

  /**
   * Returns this encoder with the types that another one gives its columns, beside those that it
   * has: the values that rows happen to have may show less than all that a type can hold.
   */
  public FeatureEncoder withTypesOf(FeatureEncoder other) {
    TreeMap<String, ColumnType> all = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    all.putAll(other.types());
    types().forEach(all::putIfAbsent);
    return copy(ParamMap.empty()).setTypes(all);
  }

  /** Whether a row has the same features by another encoder, if its columns have the same types. */
  public boolean makesSame(FeatureEncoder other) {
    return definition().rules().equals(other.definition().rules());
  }

  /**
   * What keeps this encoder's features from being those of an earlier one grown, as {@link
   * FeatureGrowth} has it; empty if nothing does. Types and labels are not looked at.
   */
  public List<String> hindrances(FeatureEncoder earlier) {
    return new FeatureGrowth(earlier.definition().rules(), definition().rules()).hindrances();
  }

  /**
   * Metadata for a column of texts that are all whole numbers without a plus or leading zeros, as a
   * reader finds them: numbers of rows to be scored are then matched with them, too.
   */
  public static Metadata digits() {
    return ColumnTypes.digits();
  }

  /** The column of features, of rows that have the derived columns already. */
  public Column features(StructType schema) {
    FeatureDefinition definition = definition();
    check(schema, definition);
    return features(ColumnTypes.withDerived(definition, schema));
  }

  /**
   * The column of names of those of a row's features that fall into some places of the vector, each
   * as {@code place:name}, of rows that have the derived columns already. It shows what a weight
   * stands for.
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
    String name = getOrDefault(outputCol());
    return functions
        .udf(new HashRow(definition), SQLDataTypes.VectorType())
        .apply(inputs(definition))
        .as(name, FeatureMetadata.of(definition, name));
  }

  /** The texts and numbers that a hasher takes, as one column. */
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
    if (!isDefined(labelCol()) || said.isEmpty()) {
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
    return Optional.of(number.as(getOrDefault(labelCol())));
  }

  @Override
  public StructType transformSchema(StructType schema) {
    SparkSession session = SparkSession.builder().getOrCreate();
    return transform(session.createDataFrame(List.of(), schema)).schema();
  }

  private void checkOutputs(StructType schema) {
    for (Param<String> output : List.of(outputCol(), labelCol(), offsetCol())) {
      if (isDefined(output) && Columns.has(schema, getOrDefault(output))) {
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
      Columns.checkOnce(schema, name);
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
  public FeatureEncoder copy(ParamMap extra) {
    return copyValues(new FeatureEncoder(uid()), extra);
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
}
