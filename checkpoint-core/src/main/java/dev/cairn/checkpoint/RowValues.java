package dev.cairn.checkpoint;

import java.math.BigDecimal;
import java.time.LocalDate;
import org.jspecify.annotations.Nullable;

/**
 * Values of columns as the texts and numbers that training saw. A value's type counts, as a
 * column's does: the text of the integer 1 is "1", that of the double 1 is "1.0".
 */
final class RowValues {
  private RowValues() {}

  /** A value as Spark writes it. */
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
