package dev.cairn.jobs.config;

import com.google.errorprone.annotations.FormatMethod;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Text for people, the same on every machine. */
public final class Text {
  private Text() {}

  /** {@link String#format} in the root locale: 1,234.5 everywhere. */
  @FormatMethod
  public static String format(String format, @Nullable Object... args) {
    return String.format(Locale.ROOT, format, args);
  }
}
