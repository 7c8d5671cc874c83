package dev.cairn.spark.columns;

import dev.cairn.checkpoint.model.ColumnType;
import dev.cairn.checkpoint.model.FeatureDefinition;
import dev.cairn.checkpoint.model.FeatureDefinition.Derived;
import dev.cairn.spark.data.InvalidRowException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.catalyst.analysis.UnresolvedAttribute;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.parser.CatalystSqlParser;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.Metadata;
import org.apache.spark.sql.types.MetadataBuilder;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;
import scala.jdk.javaapi.CollectionConverters;

/**
 * The types that columns had in training: they are found there, kept with the definition of
 * features, and given to the columns of rows to be scored, so that a value is the same category
 * wherever it comes from. A column that cannot have such a type is refused by name.
 */
public final class ColumnTypes {
  private static final String DIGITS = "cairn_digits";

  private ColumnTypes() {}

  /** Marks a column of texts that are all whole numbers, as Spark writes those. */
  public static Metadata digits() {
    return new MetadataBuilder().putBoolean(DIGITS, true).build();
  }

  /** The type of a column, in the form that a definition of features keeps. */
  public static ColumnType of(StructField field) {
    if (field.dataType() instanceof StringType) {
      return field.metadata().contains(DIGITS) ? ColumnType.DIGITS : ColumnType.TEXT;
    }
    return new ColumnType(field.dataType().catalogString());
  }

  /**
   * The types of those columns of the input that become texts, or that derived columns are made of.
   * Numbers are numbers, whatever their type.
   */
  public static SortedMap<String, ColumnType> used(StructType input, FeatureDefinition definition) {
    SortedMap<String, ColumnType> types = new TreeMap<>();
    Set<String> derived = new HashSet<>();
    for (Derived column : definition.derived()) {
      for (String name : names(column.sql())) {
        add(types, input, name, derived);
      }
      derived.add(lower(column.name()));
    }
    definition.categorical().forEach(name -> add(types, input, name, derived));
    definition.crosses().forEach(cross -> cross.forEach(name -> add(types, input, name, derived)));
    return types;
  }

  private static void add(
      Map<String, ColumnType> types, StructType input, String name, Set<String> derived) {
    if (!derived.contains(lower(name))) {
      find(input, name).ifPresent(field -> types.put(field.name(), of(field)));
    }
  }

  private static String lower(String name) {
    return name.toLowerCase(Locale.ROOT);
  }

  /** The names that an expression has, without what stands behind a dot. */
  private static List<String> names(String sql) {
    List<String> names = new ArrayList<>();
    Expression parsed = new CatalystSqlParser().parseExpression(sql);
    for (Expression leaf : CollectionConverters.asJava(parsed.collectLeaves())) {
      if (leaf instanceof UnresolvedAttribute column) {
        names.add(column.nameParts().head());
      }
    }
    return names;
  }

  /** The column of this name; without regard to case if that finds only one. */
  public static Optional<StructField> find(StructType schema, String name) {
    StructField alike = null;
    for (StructField field : schema.fields()) {
      if (field.name().equals(name)) {
        return Optional.of(field);
      }
      if (field.name().equalsIgnoreCase(name)) {
        alike = field;
      }
    }
    return Optional.ofNullable(alike);
  }

  /** The columns of the input that need another type for these features. */
  public static List<String> strange(StructType input, Map<String, ColumnType> training) {
    List<String> names = new ArrayList<>();
    training.forEach(
        (name, type) ->
            find(input, name)
                .filter(field -> isStrange(of(field), type))
                .ifPresent(field -> names.add(field.name())));
    return names;
  }

  private static boolean isStrange(ColumnType given, ColumnType type) {
    boolean text = type.equals(ColumnType.TEXT) && given.equals(ColumnType.DIGITS);
    return !given.equals(type) && !text;
  }

  /**
   * Gives columns the types that they had in training; columns that are not there are left out.
   *
   * @throws IllegalArgumentException naming a column whose type cannot become the one of training
   */
  public static Dataset<Row> given(Dataset<Row> input, Map<String, ColumnType> training) {
    Dataset<Row> table = input;
    for (Map.Entry<String, ColumnType> entry : training.entrySet()) {
      StructField field = find(input.schema(), entry.getKey()).orElse(null);
      if (field != null && isStrange(of(field), entry.getValue())) {
        Column column = converted(field, entry.getValue());
        MetadataBuilder metadata = new MetadataBuilder().withMetadata(field.metadata());
        if (entry.getValue().equals(ColumnType.DIGITS)) {
          metadata.putBoolean(DIGITS, true); // not once more
        }
        table = table.withColumn(field.name(), column.as(field.name(), metadata.build()));
      }
    }
    return table;
  }

  private static Column converted(StructField field, ColumnType type) {
    ColumnType given = of(field);
    if (!type.takes(given.kind())) {
      throw new IllegalArgumentException(
          "Cannot make features: column "
              + field.name()
              + ", expected "
              + type.expected()
              + ", found a column of type "
              + given.name()
              + "; give it the type that it had in training");
    }
    boolean number = given.kind() != ColumnType.Kind.TEXT;
    Column text =
        functions
            .udf(new TextOfTraining(field.name(), type, number), DataTypes.StringType)
            .apply(functions.col(Columns.quoted(field.name())).cast("string"));
    boolean stays = type.equals(ColumnType.TEXT) || type.equals(ColumnType.DIGITS);
    return stays ? text : text.cast(DataType.fromDDL(type.name()));
  }

  /** The text that training would have had for a value. */
  private static final class TextOfTraining implements UDF1<@Nullable String, @Nullable String> {
    private static final long serialVersionUID = 1L;

    private final String column;
    private final String type;
    private final boolean number;

    /** The type, made of its name once, where rows are read. */
    private transient @Nullable ColumnType parsed;

    TextOfTraining(String column, ColumnType type, boolean number) {
      this.column = column;
      this.type = type.name();
      this.number = number;
    }

    @Override
    public @Nullable String call(@Nullable String given) {
      if (given == null) {
        return null;
      }
      ColumnType wanted = parsed;
      if (wanted == null) {
        wanted = new ColumnType(type);
        parsed = wanted;
      }
      try {
        return wanted.text(given, number);
      } catch (IllegalArgumentException e) {
        throw new InvalidRowException(
            "Cannot make features: column "
                + column
                + ", "
                + e.getMessage()
                + "; correct such rows or leave them out");
      }
    }
  }

  /** The types for reading text files whose values are then given these types. */
  public static SortedMap<String, DataType> written(Map<String, ColumnType> training) {
    SortedMap<String, DataType> written = new TreeMap<>();
    training.forEach(
        (name, type) -> {
          switch (type.kind()) {
            case OTHER -> {} // as the reader finds it
            case DATE, TIME -> written.put(name, DataType.fromDDL(type.name()));
            default -> written.put(name, DataTypes.StringType);
          }
        });
    return written;
  }

  /** The definition with the types of derived columns, which stand in a table with all of them. */
  public static FeatureDefinition withDerived(FeatureDefinition definition, StructType table) {
    Map<String, ColumnType> types = new TreeMap<>();
    for (Derived column : definition.derived()) {
      find(table, column.name()).ifPresent(field -> types.put(column.name(), of(field)));
    }
    return definition.withTypes(definition.types(), types);
  }

  /**
   * Refuses vectors that were made of columns of other types than in training: their categories
   * have other names.
   *
   * @throws IllegalArgumentException naming the first such column
   */
  public static void check(FeatureDefinition trained, FeatureDefinition made) {
    Set<String> texts = new LinkedHashSet<>(trained.categorical());
    trained.crosses().forEach(texts::addAll);
    for (String name : texts) {
      ColumnType expected = trained.type(name).orElse(null);
      ColumnType found = made.type(name).orElse(null);
      if (expected != null && found != null && !expected.sameTexts(found)) {
        throw new IllegalArgumentException(
            "Cannot score: the features were made of column "
                + name
                + ", expected "
                + expected.expected()
                + ", found type "
                + found.name()
                + "; make them by the model's featureEncoder, or cast the column");
      }
    }
  }
}
