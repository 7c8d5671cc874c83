package dev.cairn.checkpoint.model;

import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.util.Locale;
import java.util.Objects;
import java.util.regex.Pattern;

/**
 * The type that a column had in training, as far as the text of its values depends on it: the
 * category of the integer 18 is {@code 18}, that of the double 18 is {@code 18.0}. Rows to be
 * scored may bring the same column as another type; {@link #text} then gives the text that their
 * values would have had in training, or refuses a value that none there could have. Immutable.
 *
 * @param name Spark's name of the type, such as {@code string}, {@code int} or {@code
 *     decimal(10,2)}; {@code digits} for texts that were all whole numbers, written as Spark writes
 *     them
 */
public record ColumnType(String name) {
  /** Texts that, in training, were all whole numbers without a plus or leading zeros. */
  public static final ColumnType DIGITS = new ColumnType("digits");

  /** Texts. */
  public static final ColumnType TEXT = new ColumnType("string");

  /** The longest whole number that a column can hold. */
  private static final int MOST_DIGITS = 38;

  private static final Pattern NUMBER =
      Pattern.compile("[+-]?(\\d+\\.?\\d*|\\.\\d+)([eE][+-]?\\d{1,4})?");
  private static final Pattern WHOLE_WITH_POINT = Pattern.compile("-?\\d+\\.0*");
  private static final Pattern DECIMAL = Pattern.compile("decimal\\((\\d+),\\s*(\\d+)\\)");

  /** The kinds of types. */
  public enum Kind {
    /** Any text, as it is written. */
    TEXT,
    /** Texts that were whole numbers, and may be others later. */
    DIGITS,
    /** Whole numbers of any width. */
    WHOLE,
    /** Numbers in binary with a fraction: double and float. */
    BINARY,
    /** Decimal numbers with a fraction. */
    DECIMAL,
    /** True or false. */
    BOOLEAN,
    /** Days. */
    DATE,
    /** Points in time, in the session's time zone or in none. */
    TIME,
    /** Any other type: a value has the same type, or is refused. */
    OTHER
  }

  /** Checks that there is a name. */
  public ColumnType {
    Objects.requireNonNull(name, "name");
    if (name.isBlank()) {
      throw new IllegalArgumentException(
          "Cannot describe a column: expected the name of its type, found none");
    }
  }

  /** The kind of this type. */
  public Kind kind() {
    return switch (name) {
      case "string" -> Kind.TEXT;
      case "digits" -> Kind.DIGITS;
      case "tinyint", "smallint", "int", "bigint" -> Kind.WHOLE;
      case "float", "double" -> Kind.BINARY;
      case "boolean" -> Kind.BOOLEAN;
      case "date" -> Kind.DATE;
      case "timestamp", "timestamp_ntz" -> Kind.TIME;
      default ->
          DECIMAL.matcher(name).matches()
              ? name.endsWith(",0)") ? Kind.WHOLE : Kind.DECIMAL
              : Kind.OTHER;
    };
  }

  /** Whether values of another kind have texts in this type, as far as the kind says. */
  public boolean takes(Kind given) {
    return switch (kind()) {
      case TEXT -> given == Kind.TEXT || given == Kind.DIGITS;
      case DIGITS, WHOLE, BINARY, DECIMAL ->
          given == Kind.TEXT || given == Kind.DIGITS || isNumber(given);
      case BOOLEAN, DATE -> given == Kind.TEXT || given == kind();
      case TIME -> given == Kind.TEXT;
      case OTHER -> false;
    };
  }

  private static boolean isNumber(Kind kind) {
    return kind == Kind.WHOLE || kind == Kind.BINARY || kind == Kind.DECIMAL;
  }

  /** Whether every value of both types that is one value has one text. */
  public boolean sameTexts(ColumnType other) {
    Kind one = kind();
    Kind two = other.kind();
    return equals(other)
        || (one == Kind.WHOLE && two == Kind.WHOLE)
        || (one == Kind.DIGITS && (two == Kind.WHOLE || two == Kind.TEXT))
        || (two == Kind.DIGITS && (one == Kind.WHOLE || one == Kind.TEXT));
  }

  /** A description of the values that fit, for messages. */
  public String expected() {
    return switch (kind()) {
      case TEXT -> "text as in training, as it was written there";
      case DIGITS -> "a whole number, or a text, as in training";
      case WHOLE -> "a whole number as in training (" + name + ")";
      case BINARY, DECIMAL -> "a number as in training (" + name + ")";
      case BOOLEAN -> "true or false as in training";
      case DATE -> "a date as in training, such as 2001-06-01";
      case TIME -> "a time as in training, such as 2001-06-01 18:30:00";
      case OTHER -> "the type that it had in training (" + name + ")";
    };
  }

  /**
   * The text that training would have had for a value.
   *
   * @param given the text of the value, of a kind that this type {@link #takes}
   * @param number whether the value is a number, not a text
   * @throws IllegalArgumentException for a value that this type cannot have; the message says what
   *     was expected and found, without the column's name
   */
  public String text(String given, boolean number) {
    return switch (kind()) {
      case TEXT, OTHER -> given;
      case DIGITS -> digits(given, number);
      case WHOLE -> isPlain(given) && given.length() <= safeDigits() ? given : whole(given);
      case BINARY -> binary(given);
      case DECIMAL -> decimal(given);
      case BOOLEAN -> bool(given);
      case DATE -> date(given);
      case TIME -> time(given);
    };
  }

  /** The text as it is written, without a fraction of zeros. */
  private String digits(String given, boolean number) {
    if (number) {
      return isPlain(given) ? given : whole(given);
    }
    return WHOLE_WITH_POINT.matcher(given).matches()
        ? given.substring(0, given.indexOf('.'))
        : given;
  }

  /** Whether a text is a whole number as it is written everywhere: no sign, no leading zero. */
  private static boolean isPlain(String text) {
    int length = text.length();
    if (length == 0 || (length > 1 && text.charAt(0) == '0')) {
      return false;
    }
    for (int i = 0; i < length; i++) {
      if (text.charAt(i) < '0' || text.charAt(i) > '9') {
        return false;
      }
    }
    return true;
  }

  private String whole(String given) {
    BigDecimal value = parsed(given).stripTrailingZeros();
    if (value.scale() > 0 || value.precision() - value.scale() > MOST_DIGITS || !fits(value)) {
      throw wrong(given);
    }
    return value.toBigInteger().toString();
  }

  /** The number of digits that every number of this type may have. */
  private int safeDigits() {
    return switch (name) {
      case "smallint" -> 4;
      case "int" -> 9;
      case "bigint" -> 18;
      default -> 2;
    };
  }

  private boolean fits(BigDecimal value) {
    int bits = value.toBigInteger().bitLength();
    return switch (name) {
      case "tinyint" -> bits < Byte.SIZE;
      case "smallint" -> bits < Short.SIZE;
      case "int" -> bits < Integer.SIZE;
      case "bigint" -> bits < Long.SIZE;
      default -> true;
    };
  }

  private BigDecimal parsed(String given) {
    String text = given.strip();
    if (!NUMBER.matcher(text).matches()) {
      throw wrong(given);
    }
    return new BigDecimal(text);
  }

  private String binary(String given) {
    String text = given.strip();
    if (!NUMBER.matcher(text).matches() && !text.matches("NaN|[+-]?Infinity")) {
      throw wrong(given);
    }
    return name.equals("float")
        ? Float.toString(Float.parseFloat(text))
        : Double.toString(Double.parseDouble(text));
  }

  private String decimal(String given) {
    var matched = DECIMAL.matcher(name);
    if (!matched.matches()) {
      throw wrong(given);
    }
    try {
      return parsed(given).setScale(Integer.parseInt(matched.group(2))).toPlainString();
    } catch (ArithmeticException e) { // digits would be lost
      throw wrong(given);
    }
  }

  private String bool(String given) {
    String text = given.strip().toLowerCase(Locale.ROOT);
    if (!text.equals("true") && !text.equals("false")) {
      throw wrong(given);
    }
    return text;
  }

  private String date(String given) {
    try {
      return LocalDate.parse(given.strip()).toString();
    } catch (DateTimeException e) {
      throw wrong(given);
    }
  }

  /** Writes a time as Spark does: seconds always, their fraction without zeros at its end. */
  private String time(String given) {
    String text = given.strip().replace(' ', 'T');
    try {
      LocalDateTime time =
          text.indexOf('T') < 0 ? LocalDate.parse(text).atStartOfDay() : LocalDateTime.parse(text);
      LocalTime clock = time.toLocalTime();
      String seconds =
          String.format(
              Locale.ROOT, "%02d:%02d:%02d", clock.getHour(), clock.getMinute(), clock.getSecond());
      String fraction =
          String.format(Locale.ROOT, ".%09d", clock.getNano()).replaceFirst("\\.?0*$", "");
      return time.toLocalDate() + " " + seconds + fraction;
    } catch (DateTimeException e) {
      throw wrong(given);
    }
  }

  private IllegalArgumentException wrong(String found) {
    return new IllegalArgumentException("expected " + expected() + ", found " + found);
  }
}
