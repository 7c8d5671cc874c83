package dev.cairn.spark.serving;

import dev.cairn.checkpoint.model.ColumnType;
import java.math.BigDecimal;
import java.time.LocalDate;
import org.jspecify.annotations.Nullable;

/**
 * Turns values of columns into the texts and numbers that training had. If the column's type in
 * training is known, that decides: 18, 18L, 18.0 and "18" are one category. If it is not, a value's
 * type counts, as a column's does: the text of the integer 1 is "1", that of the double 1 is "1.0".
 */
final class RowValues {
  private RowValues() {}

  /** The text of a value as Spark writes it. */
  static @Nullable String text(String column, @Nullable Object value) {
    if (value == null) {
      return null;
    }
    if (value instanceof BigDecimal decimal) {
      return decimal.toPlainString();
    }
    if (value instanceof CharSequence
        || value instanceof Number
        || value instanceof Boolean
        || value instanceof LocalDate) {
      return value.toString();
    }
    throw wrong(column, "a text, number, boolean or LocalDate", value.getClass().getName(), null);
  }

  /**
   * The text of a value as Spark would have written it in training.
   *
   * @param type the column's type there
   */
  static @Nullable String text(String column, @Nullable Object value, ColumnType type) {
    String given = text(column, value);
    if (given == null) {
      return null;
    }
    ColumnType.Kind kind = kind(value);
    try {
      if (type.takes(kind)) {
        return type.text(given, value instanceof Number);
      }
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "Cannot score a row: column " + column + ", " + e.getMessage(), e);
    }
    throw wrong(column, type.expected(), given + " (" + name(value) + ")", null);
  }

  private static ColumnType.Kind kind(@Nullable Object value) {
    if (value instanceof BigDecimal) {
      return ColumnType.Kind.DECIMAL;
    }
    if (value instanceof Double || value instanceof Float) {
      return ColumnType.Kind.BINARY;
    }
    if (value instanceof Number) {
      return ColumnType.Kind.WHOLE;
    }
    if (value instanceof Boolean) {
      return ColumnType.Kind.BOOLEAN;
    }
    return value instanceof LocalDate ? ColumnType.Kind.DATE : ColumnType.Kind.TEXT;
  }

  private static String name(@Nullable Object value) {
    return value == null ? "null" : value.getClass().getSimpleName();
  }

  static double number(String column, Object value) {
    double number;
    try {
      number =
          value instanceof Number given
              ? given.doubleValue()
              : Double.parseDouble(value.toString());
    } catch (NumberFormatException e) {
      throw wrong(column, "a finite number", value, e);
    }
    if (!Double.isFinite(number)) {
      throw wrong(column, "a finite number", value, null);
    }
    return number;
  }

  private static IllegalArgumentException wrong(
      String column, String expected, Object found, @Nullable Exception cause) {
    return new IllegalArgumentException(
        "Cannot score a row: column " + column + ", expected " + expected + ", found " + found,
        cause);
  }
}
