package dev.cairn.spark.refresh;

import dev.cairn.checkpoint.model.VersionRecord.Range;
import dev.cairn.spark.columns.Columns;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.ByteType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DateType;
import org.apache.spark.sql.types.IntegerType;
import org.apache.spark.sql.types.LongType;
import org.apache.spark.sql.types.ShortType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.TimestampNTZType;
import org.apache.spark.sql.types.TimestampType;

/** The range of a column's values. */
final class Ranges {
  private static final String TIME = "yyyy-MM-dd'T'HH:mm:ss.SSSSSS";

  private Ranges() {}

  /**
   * The least and the greatest value, by one pass over the column.
   *
   * @throws IllegalArgumentException for values whose texts have no order, and without any
   */
  static Range of(Dataset<Row> rows, String name) {
    Columns.Found found = Columns.find(rows.schema(), name);
    Column column = text(found);
    Row ends =
        rows.select(column.as("v"), order(found).as("o"))
            .agg(
                functions.min_by(functions.col("v"), functions.col("o")),
                functions.max_by(functions.col("v"), functions.col("o")))
            .head();
    if (ends.isNullAt(0)) {
      throw new IllegalArgumentException(
          "Cannot tell the range of column " + name + ": expected values, found none");
    }
    return new Range(name, ends.getString(0), ends.getString(1));
  }

  /** What orders the values as ranges are compared: texts are ordered as {@link Range} says. */
  private static Column order(Columns.Found found) {
    if (!(found.field().dataType() instanceof StringType)) {
      return found.column();
    }
    Column number = found.column().rlike(Range.NUMBER);
    return functions.struct(
        functions.not(number),
        functions.when(number, found.column().try_cast("decimal(38,0)")),
        found.column());
  }

  private static Column text(Columns.Found found) {
    DataType type = found.field().dataType();
    if (type instanceof TimestampType || type instanceof TimestampNTZType) {
      return functions.date_format(found.column(), TIME);
    }
    boolean ordered =
        type instanceof DateType
            || type instanceof StringType
            || type instanceof ByteType
            || type instanceof ShortType
            || type instanceof IntegerType
            || type instanceof LongType;
    if (!ordered) {
      throw Columns.wrongType(found, "a date, a time, a text or a whole number");
    }
    return found.column().cast("string");
  }
}
