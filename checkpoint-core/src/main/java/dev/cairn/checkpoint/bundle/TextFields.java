package dev.cairn.checkpoint.bundle;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * The fields of a flat message in protobuf's text format: names, colons, quoted strings or numbers,
 * {@code #} comments. Walks through the text once, without recursion.
 */
final class TextFields {

  private final String text;
  private int at;

  TextFields(String text) {
    this.text = text;
  }

  /** The line of the reader's position, from 1. */
  int line() {
    return 1 + (int) text.substring(0, at).chars().filter(c -> c == '\n').count();
  }

  /** The text at the reader's position, for a message. */
  String found() {
    return at == text.length()
        ? "the end of the text"
        : '"'
            + text.substring(at, Math.min(text.length(), at + 40)).lines().findFirst().orElse("")
            + '"';
  }

  boolean atEnd() {
    while (at < text.length()) {
      char c = text.charAt(at);
      if (c == '#') {
        int end = text.indexOf('\n', at);
        at = end < 0 ? text.length() : end;
      } else if (c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == ';' || c == ',') {
        at++;
      } else {
        return false;
      }
    }
    return true;
  }

  /** A field's name, and the colon behind it. */
  String name() throws Malformed {
    String name = word("_");
    skipSpace();
    expect(':');
    skipSpace();
    return name;
  }

  double number() throws Malformed {
    String word = word("+-._");
    try {
      return Double.parseDouble(word);
    } catch (NumberFormatException e) {
      at -= word.length();
      throw new Malformed("a number");
    }
  }

  String string() throws Malformed {
    if (atEnd() || (text.charAt(at) != '"' && text.charAt(at) != '\'')) {
      throw new Malformed("a quoted string");
    }
    char quote = text.charAt(at++);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    int plain = at;
    while (at < text.length() && text.charAt(at) != '\n') {
      char c = text.charAt(at);
      if (c == quote || c == '\\') {
        bytes.writeBytes(text.substring(plain, at).getBytes(StandardCharsets.UTF_8));
        at++;
        if (c == quote) {
          return decode(bytes.toByteArray());
        }
        bytes.write(escaped());
        plain = at;
      } else {
        at++;
      }
    }
    throw new Malformed("a closing quote");
  }

  private int escaped() throws Malformed {
    if (at == text.length()) {
      throw new Malformed("an escaped character");
    }
    char c = text.charAt(at++);
    return switch (c) {
      case 'n' -> '\n';
      case 't' -> '\t';
      case 'r' -> '\r';
      case '"', '\'', '\\' -> c;
      case 'x' -> code(16, 2);
      default -> {
        at--;
        yield code(8, 3);
      }
    };
  }

  private int code(int radix, int most) throws Malformed {
    int value = 0;
    int digits = 0;
    for (int d = digit(radix); d >= 0 && digits < most; d = digit(radix)) {
      value = value * radix + d;
      digits++;
      at++;
    }
    if (digits == 0 || value > 255) {
      throw new Malformed("an escape that stands for a byte");
    }
    return value;
  }

  private int digit(int radix) {
    return at < text.length() && text.charAt(at) < 128
        ? Character.digit(text.charAt(at), radix)
        : -1;
  }

  private static String decode(byte[] bytes) throws Malformed {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new Malformed("UTF-8 in a string");
    }
  }

  private String word(String alsoAllowed) throws Malformed {
    int from = at;
    while (at < text.length()) {
      char c = text.charAt(at);
      if (c >= 128 || (!Character.isLetterOrDigit(c) && alsoAllowed.indexOf(c) < 0)) {
        break;
      }
      at++;
    }
    if (at == from) {
      throw new Malformed("a name or a number");
    }
    return text.substring(from, at);
  }

  private void skipSpace() {
    while (at < text.length() && " \t".indexOf(text.charAt(at)) >= 0) {
      at++;
    }
  }

  private void expect(char c) throws Malformed {
    if (at == text.length() || text.charAt(at) != c) {
      throw new Malformed("'" + c + "'");
    }
    at++;
  }

  /** Thrown for text that is not as expected; the message says what was expected. */
  static final class Malformed extends Exception {
    private static final long serialVersionUID = 1L;

    Malformed(String expected) {
      super(expected);
    }
  }
}
