package dev.cairn.jobs.show;

import java.util.Locale;

/**
 * Makes text from files safe for a terminal: characters that would move the cursor, change colours,
 * break a line or turn the direction of writing are written as escapes. Stateless.
 */
public final class PlainText {
  private PlainText() {}

  /**
   * A text in one line of printable characters. Control characters become {@code \t}, {@code \n} or
   * <code>&#92;u001b</code> and the like; a byte of a key that is not UTF-8 becomes {@code \xff}.
   */
  public static String of(String text) {
    StringBuilder shown = null;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (Character.isHighSurrogate(c)
          && i + 1 < text.length()
          && Character.isLowSurrogate(text.charAt(i + 1))) {
        if (shown != null) {
          shown.append(c).append(text.charAt(i + 1));
        }
        i++;
      } else if (needsEscape(c)) {
        shown = shown == null ? new StringBuilder(text.substring(0, i)) : shown;
        shown.append(escape(c));
      } else if (shown != null) {
        shown.append(c);
      }
    }
    return shown == null ? text : shown.toString();
  }

  private static boolean needsEscape(char c) {
    return Character.isISOControl(c)
        || Character.isSurrogate(c)
        || Character.getType(c) == Character.FORMAT
        || c == '\u2028'
        || c == '\u2029';
  }

  private static String escape(char c) {
    return switch (c) {
      case '\t' -> "\\t";
      case '\n' -> "\\n";
      case '\r' -> "\\r";
      default ->
          c >= 0xDC80 && c <= 0xDCFF
              ? String.format(Locale.ROOT, "\\x%02x", c & 0xFF)
              : String.format(Locale.ROOT, "\\u%04x", (int) c);
    };
  }
}
