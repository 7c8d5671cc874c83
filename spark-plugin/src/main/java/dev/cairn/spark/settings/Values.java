package dev.cairn.spark.settings;

import java.io.Serializable;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.List;

/**
 * The values that a setting may have: in words, as a test, and read from text. Immutable.
 *
 * @param <T> the type of the values
 */
public interface Values<T> extends Serializable {
  /** A description of the values, such as {@code a whole number, 1 or more}. */
  String expected();

  /**
   * The value that a text means.
   *
   * @throws IllegalArgumentException that describes the values, if the text is none of them
   */
  T parse(String text);

  /** Whether a value is one of these values. */
  boolean holds(T value);

  /** The text of a value as a person writes it, which {@link #parse} reads. */
  default String text(T value) {
    return String.valueOf(value);
  }

  /** Whole numbers that fit into an int. */
  static Values<Integer> whole(int least, int most) {
    return new Ints(least, most);
  }

  /** Whole numbers from {@code least} on that fit into an int. */
  static Values<Integer> whole(int least) {
    return whole(least, Integer.MAX_VALUE);
  }

  /** Whole numbers from {@code least} on. */
  static Values<Long> wholeLong(long least) {
    return new Longs(least);
  }

  /** Numbers from 0 on that a float can hold. */
  static Values<Double> notBelowZero() {
    return new Numbers(Bounds.NOT_BELOW_ZERO);
  }

  /** Numbers above 0 that a float can hold. */
  static Values<Double> aboveZero() {
    return new Numbers(Bounds.ABOVE_ZERO);
  }

  /** Numbers from 0 on and below 1. */
  static Values<Double> belowOne() {
    return new Numbers(Bounds.BELOW_ONE);
  }

  /** Numbers from 0 to 1. */
  static Values<Double> share() {
    return new Numbers(Bounds.SHARE);
  }

  /** Any number that a float can hold. */
  static Values<Double> number() {
    return new Numbers(Bounds.ANY);
  }

  /** True and false. */
  static Values<Boolean> flag() {
    return new Flags();
  }

  /** Some words, in upper or lower case. */
  static Values<String> oneOf(List<String> words) {
    return new Words(words);
  }

  /** Any text. */
  static Values<String> text() {
    return new Texts("text", true);
  }

  /**
   * Any text but the empty one.
   *
   * @param expected its description, such as {@code the name of an optimizer}
   */
  static Values<String> nonEmpty(String expected) {
    return new Texts(expected, false);
  }

  /**
   * Texts with commas between.
   *
   * @param expected their description, such as {@code a list of columns}
   */
  static Values<List<String>> list(String expected) {
    return new Lists(expected);
  }

  /** Whole numbers that fit into an int. */
  record Ints(int least, int most) implements Values<Integer> {
    private static final long serialVersionUID = 1L;

    @Override
    public String expected() {
      return most == Integer.MAX_VALUE
          ? "a whole number, " + least + " or more"
          : "a whole number from " + least + " to " + most;
    }

    @Override
    public Integer parse(String text) {
      long value = Longs.read(text, expected());
      if (value != (int) value || !holds((int) value)) {
        throw new IllegalArgumentException(expected());
      }
      return (int) value;
    }

    @Override
    public boolean holds(Integer value) {
      return value >= least && value <= most;
    }
  }

  /** Whole numbers. */
  record Longs(long least) implements Values<Long> {
    private static final long serialVersionUID = 1L;

    @Override
    public String expected() {
      return least == Long.MIN_VALUE ? "a whole number" : "a whole number, " + least + " or more";
    }

    @Override
    public Long parse(String text) {
      long value = read(text, expected());
      if (!holds(value)) {
        throw new IllegalArgumentException(expected());
      }
      return value;
    }

    /** Reads a number, in which underscores are ignored. */
    static long read(String text, String expected) {
      try {
        return Long.parseLong(text.replace("_", ""));
      } catch (NumberFormatException e) {
        throw new IllegalArgumentException(expected, e);
      }
    }

    @Override
    public boolean holds(Long value) {
      return value >= least;
    }
  }

  /** The bounds of numbers, in words. */
  enum Bounds {
    /** No bounds. */
    ANY("a number that a float can hold"),
    /** Numbers from 0 on. */
    NOT_BELOW_ZERO("a number not below 0 that a float can hold"),
    /** Numbers above 0. */
    ABOVE_ZERO("a number above 0 that a float can hold"),
    /** Numbers from 0 on and below 1. */
    BELOW_ONE("a number from 0 on and below 1"),
    /** Numbers from 0 to 1. */
    SHARE("a number from 0 to 1");

    private final String expected;

    Bounds(String expected) {
      this.expected = expected;
    }
  }

  /** Numbers; optimizers calculate with floats, so what no float can hold is none of theirs. */
  record Numbers(Bounds bounds) implements Values<Double> {
    private static final long serialVersionUID = 1L;

    @Override
    public String expected() {
      return bounds.expected;
    }

    @Override
    public Double parse(String text) {
      try {
        double value = Double.parseDouble(text);
        if (holds(value)) {
          return value;
        }
      } catch (NumberFormatException e) {
        throw new IllegalArgumentException(expected(), e);
      }
      throw new IllegalArgumentException(expected());
    }

    @Override
    public boolean holds(Double value) {
      float kept = value.floatValue();
      return Float.isFinite(kept)
          && switch (bounds) {
            case ANY -> true;
            case NOT_BELOW_ZERO -> value >= 0;
            case ABOVE_ZERO -> kept > 0;
            case BELOW_ONE -> value >= 0 && value < 1;
            case SHARE -> value >= 0 && value <= 1;
          };
    }

    @Override
    public String text(Double value) {
      return plain(value);
    }

    /** A number without a fraction is written without one, a very small one as 1e-7 is. */
    static String plain(double value) {
      if (value == (long) value) {
        return Long.toString((long) value);
      }
      return Math.abs(value) < 1e-4
          ? Double.toString(value).replace(".0E", "e")
          : BigDecimal.valueOf(value).stripTrailingZeros().toPlainString();
    }
  }

  /** True and false. */
  record Flags() implements Values<Boolean> {
    private static final long serialVersionUID = 1L;

    @Override
    public String expected() {
      return "true or false";
    }

    @Override
    public Boolean parse(String text) {
      return switch (text) {
        case "true" -> true;
        case "false" -> false;
        default -> throw new IllegalArgumentException(expected());
      };
    }

    @Override
    public boolean holds(Boolean value) {
      return true;
    }
  }

  /** Some words. */
  record Words(List<String> words) implements Values<String> {
    private static final long serialVersionUID = 1L;

    /** Copies the list. */
    public Words {
      words = List.copyOf(words);
    }

    @Override
    public String expected() {
      int last = words.size() - 1;
      return String.join(", ", words.subList(0, last)) + " or " + words.get(last);
    }

    @Override
    public String parse(String text) {
      return words.stream()
          .filter(text::equalsIgnoreCase)
          .findFirst()
          .orElseThrow(() -> new IllegalArgumentException(expected()));
    }

    @Override
    public boolean holds(String value) {
      return words.stream().anyMatch(value::equalsIgnoreCase);
    }
  }

  /** Text. */
  record Texts(String expected, boolean empty) implements Values<String> {
    private static final long serialVersionUID = 1L;

    @Override
    public String parse(String text) {
      if (!holds(text)) {
        throw new IllegalArgumentException(expected);
      }
      return text;
    }

    @Override
    public boolean holds(String value) {
      return empty || !value.isEmpty();
    }
  }

  /** Texts with commas between. */
  record Lists(String expected) implements Values<List<String>> {
    private static final long serialVersionUID = 1L;

    @Override
    public List<String> parse(String text) {
      return Arrays.stream(text.split(",", -1))
          .map(String::strip)
          .filter(word -> !word.isEmpty())
          .toList();
    }

    @Override
    public boolean holds(List<String> value) {
      return true;
    }

    @Override
    public String text(List<String> value) {
      return String.join(", ", value);
    }
  }
}
