package dev.cairn.checkpoint.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.checkpoint.model.ColumnType.Kind;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Tests the texts that values of other types would have had in training, and which values are
 * refused.
 */
class ColumnTypeTest {
  @ParameterizedTest
  @CsvSource({
    "string, 007, 007",
    "string, 18.0, 18.0",
    "digits, 18, 18",
    "digits, 18.0, 18",
    "digits, -18.000, -18",
    "digits, 18.5, 18.5",
    "digits, 007, 007",
    "digits, 1E5, 1E5",
    "digits, 0123A, 0123A",
    "int, 007, 7",
    "int, ' 7 ', 7",
    "int, +7, 7",
    "int, -0, 0",
    "int, 7.00, 7",
    "int, 1.2E3, 1200",
    "int, -2147483648, -2147483648",
    "bigint, 9223372036854775807, 9223372036854775807",
    "'decimal(20,0)', 18446744073709551615, 18446744073709551615",
    "double, 18, 18.0",
    "double, 1e3, 1000.0",
    "double, .5, 0.5",
    "double, 12345678, 1.2345678E7",
    "double, NaN, NaN",
    "float, 0.1, 0.1",
    "'decimal(10,2)', 18, 18.00",
    "'decimal(10,2)', 18.500, 18.50",
    "boolean, TRUE, true",
    "date, 2001-06-01, 2001-06-01",
    "timestamp, 2001-06-01, 2001-06-01 00:00:00",
    "timestamp, 2001-06-01T18:30, 2001-06-01 18:30:00",
    "timestamp_ntz, 2001-06-01 18:30:01.250, 2001-06-01 18:30:01.25",
    "binary, abc, abc",
  })
  void textIsThatOfTraining(String type, String given, String expected) {
    assertEquals(expected, new ColumnType(type).text(given, false));
    assertEquals(expected, new ColumnType(type).text(expected, false), "once more changes nothing");
  }

  @ParameterizedTest
  @CsvSource({
    "int, 0123A",
    "int, ''",
    "int, 7.5",
    "int, 2147483648",
    "tinyint, 128",
    "smallint, -32769",
    "bigint, 9223372036854775808",
    "'decimal(38,0)', 1e9999",
    "double, 0x10",
    "double, 18d",
    "double, eighteen",
    "'decimal(10,2)', 18.505",
    "boolean, 1",
    "date, 01.06.2001",
    "timestamp, 6 pm",
  })
  void whatTheTypeCannotHaveIsRefused(String type, String given) {
    String said =
        String.valueOf(
            assertThrows(
                    IllegalArgumentException.class, () -> new ColumnType(type).text(given, false))
                .getMessage());
    assertTrue(said.startsWith("expected "), said);
    assertTrue(said.endsWith("found " + given), said);
  }

  /** A number has no leading zeros and no exponent, whatever its own type writes. */
  @ParameterizedTest
  @CsvSource({"1.2345678E7, 12345678", "18.0, 18", "18, 18"})
  void numbersOfDigits(String given, String expected) {
    assertEquals(expected, ColumnType.DIGITS.text(given, true));
    assertThrows(IllegalArgumentException.class, () -> ColumnType.DIGITS.text("18.5", true));
  }

  @ParameterizedTest
  @CsvSource({
    "string, TEXT DIGITS",
    "digits, TEXT DIGITS WHOLE BINARY DECIMAL",
    "int, TEXT DIGITS WHOLE BINARY DECIMAL",
    "double, TEXT DIGITS WHOLE BINARY DECIMAL",
    "'decimal(9,3)', TEXT DIGITS WHOLE BINARY DECIMAL",
    "boolean, TEXT BOOLEAN",
    "date, TEXT DATE",
    "timestamp, TEXT",
    "array<int>, ''",
  })
  void takesOnlyWhatHasATextInIt(String type, String expected) {
    StringBuilder found = new StringBuilder();
    for (Kind kind : Kind.values()) {
      if (new ColumnType(type).takes(kind)) {
        found.append(found.isEmpty() ? "" : " ").append(kind);
      }
    }
    assertEquals(expected, found.toString());
  }

  @ParameterizedTest
  @CsvSource({
    "int, bigint, true",
    "digits, int, true",
    "digits, string, true",
    "int, string, false",
    "int, double, false",
    "float, double, false",
    "date, date, true",
  })
  void typesWithTheSameTexts(String one, String two, boolean same) {
    assertEquals(same, new ColumnType(one).sameTexts(new ColumnType(two)));
    assertEquals(same, new ColumnType(two).sameTexts(new ColumnType(one)));
    assertFalse(new ColumnType(one).equals(new ColumnType("binary")));
  }
}
