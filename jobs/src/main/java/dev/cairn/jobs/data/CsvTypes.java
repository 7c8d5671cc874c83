package dev.cairn.jobs.data;

import java.util.List;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.StructField;

/** Finds the type that holds the values of two, among those that Spark finds in CSV. */
final class CsvTypes {
  private static final List<DataType> NUMBERS =
      List.of(DataTypes.IntegerType, DataTypes.LongType, DataTypes.DoubleType);
  private static final List<DataType> TIMES =
      List.of(DataTypes.DateType, DataTypes.TimestampNTZType, DataTypes.TimestampType);

  /** The number of digits of a long. */
  private static final int LONG_DIGITS = 20;

  private CsvTypes() {}

  /** The first field with the type of both. */
  static StructField wider(StructField a, StructField b) {
    return new StructField(a.name(), wider(a.dataType(), b.dataType()), true, a.metadata());
  }

  static DataType wider(DataType a, DataType b) {
    if (a.equals(b)) {
      return a;
    }
    if (a instanceof DecimalType || b instanceof DecimalType) {
      return decimal(a, b);
    }
    for (List<DataType> family : List.of(NUMBERS, TIMES)) {
      if (family.contains(a) && family.contains(b)) {
        return family.get(Math.max(family.indexOf(a), family.indexOf(b)));
      }
    }
    return DataTypes.StringType;
  }

  /**
   * The type of two decimals; Spark finds decimals without a fraction: whole numbers beyond a long.
   */
  private static DataType decimal(DataType a, DataType b) {
    if (a.equals(DataTypes.DoubleType) || b.equals(DataTypes.DoubleType)) {
      return DataTypes.DoubleType;
    }
    boolean numbers = isNumber(a) && isNumber(b);
    return numbers
        ? DataTypes.createDecimalType(Math.max(digits(a), digits(b)), 0)
        : DataTypes.StringType;
  }

  /** Whether values of this type have no fraction. */
  static boolean isWhole(DataType type) {
    return type.equals(DataTypes.IntegerType)
        || type.equals(DataTypes.LongType)
        || (type instanceof DecimalType decimal && decimal.scale() == 0);
  }

  private static boolean isNumber(DataType type) {
    return type instanceof DecimalType || NUMBERS.contains(type);
  }

  private static int digits(DataType type) {
    return type instanceof DecimalType decimal ? decimal.precision() : LONG_DIGITS;
  }
}
