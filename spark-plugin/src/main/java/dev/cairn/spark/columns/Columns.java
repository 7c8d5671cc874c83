package dev.cairn.spark.columns;

import java.util.Arrays;
import java.util.List;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.NumericType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;
import scala.Option;

/**
 * Finds columns by their names. A name is first taken literally, whatever characters are in it;
 * then without regard to case, as Spark does; then as the path of a field in a structure ({@code
 * a.b}).
 */
public final class Columns {
  private Columns() {}

  /**
   * A column that was found.
   *
   * @param name the name that was asked for
   * @param column the expression that reads it
   * @param field its type and metadata
   */
  public record Found(String name, Column column, StructField field) {}

  /** Finds a column of feature vectors. */
  public static Found features(StructType schema, String name) {
    Found found = find(schema, name);
    if (!found.field().dataType().equals(SQLDataTypes.VectorType())) {
      throw wrongType(found, "a vector (org.apache.spark.ml.linalg.Vector)");
    }
    return found;
  }

  /** Finds a column of labels. */
  public static Found label(StructType schema, String name) {
    Found found = find(schema, name);
    DataType type = found.field().dataType();
    if (type instanceof StringType) {
      throw new IllegalArgumentException(
          wrongType(found, "a number or boolean").getMessage()
              + "; number its values, by StringIndexer for classes");
    }
    if (!(type instanceof NumericType) && !type.equals(DataTypes.BooleanType)) {
      throw wrongType(found, "a number or boolean");
    }
    return found;
  }

  /** Checks that there is a column of feature vectors. */
  public static void checkFeatures(StructType schema, String name) {
    Found unused = features(schema, name);
  }

  /** Finds a column of numbers, such as weights or offsets of rows. */
  public static Found number(StructType schema, String name) {
    Found found = find(schema, name);
    if (!(found.field().dataType() instanceof NumericType)) {
      throw wrongType(found, "a number");
    }
    return found;
  }

  /**
   * Whether names that differ in case alone are those of different columns, by Spark's settings.
   */
  private static boolean exact() {
    Option<SparkSession> session = SparkSession.getActiveSession();
    if (session.isEmpty()) {
      session = SparkSession.getDefaultSession();
    }
    return session.isDefined()
        && "true".equals(session.get().conf().get("spark.sql.caseSensitive"));
  }

  /** The columns that Spark takes for the one of this name. */
  private static List<String> alike(StructType schema, String name) {
    boolean exact = exact();
    return Arrays.stream(schema.fieldNames())
        .filter(there -> exact ? there.equals(name) : there.equalsIgnoreCase(name))
        .toList();
  }

  /** Whether a name is that of a column that is there. */
  public static boolean has(StructType schema, String name) {
    return !alike(schema, name).isEmpty();
  }

  /** Whether two names are those of one column. */
  public static boolean same(String one, String two) {
    return exact() ? one.equals(two) : one.equalsIgnoreCase(two);
  }

  /**
   * Refuses a name that more than one column has.
   *
   * @throws IllegalArgumentException naming them
   */
  public static void checkOnce(StructType schema, String name) {
    List<String> there = alike(schema, name);
    if (there.size() > 1) {
      throw new IllegalArgumentException(
          "Cannot use column "
              + name
              + ": expected one of this name, found "
              + String.join(" and ", there)
              + "; rename or drop the others, or set spark.sql.caseSensitive=true if they differ in"
              + " case");
    }
  }

  /** Finds a column of any type. */
  public static Found find(StructType schema, String name) {
    List<String> names = Arrays.asList(schema.fieldNames());
    checkOnce(schema, name);
    if (names.contains(name)) {
      return new Found(name, functions.col(quoted(name)), schema.apply(name));
    }
    List<String> alike = names.stream().filter(name::equalsIgnoreCase).toList();
    if (alike.size() == 1) {
      String real = alike.get(0);
      return new Found(name, functions.col(quoted(real)), schema.apply(real));
    }
    if (name.length() > 2 && name.startsWith("`") && name.endsWith("`")) {
      String inner = name.substring(1, name.length() - 1).replace("``", "`");
      if (names.contains(inner)) {
        return new Found(name, functions.col(name), schema.apply(inner));
      }
    }
    StructField nested = nested(schema, name.split("\\.", -1));
    if (nested == null) {
      throw new IllegalArgumentException(
          "Cannot find column " + name + ": expected one of " + String.join(", ", names));
    }
    return new Found(name, functions.col(name), nested);
  }

  private static @Nullable StructField nested(StructType schema, String[] path) {
    StructType inside = schema;
    StructField field = null;
    for (String part : path) {
      if (inside == null || !Arrays.asList(inside.fieldNames()).contains(part)) {
        return null;
      }
      field = inside.apply(part);
      inside = field.dataType() instanceof StructType struct ? struct : null;
    }
    return field;
  }

  /** The name as Spark's expressions take it. */
  public static String quoted(String name) {
    return "`" + name.replace("`", "``") + "`";
  }

  /** The error that a column is not of the type that was wanted. */
  public static IllegalArgumentException wrongType(Found found, String expected) {
    return new IllegalArgumentException(
        "Cannot use column "
            + found.name()
            + ": expected "
            + expected
            + ", found "
            + found.field().dataType().catalogString());
  }
}
