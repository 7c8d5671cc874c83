package dev.cairn.jobs.cli;

import dev.cairn.jobs.show.ProgressPrinter.Screen;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/** Consoles that keep what they are told: no terminal, a hundred columns. */
final class Consoles {
  private Consoles() {}

  /** A console whose output and complaints can be read. */
  static Console keeping(ByteArrayOutputStream out, ByteArrayOutputStream err) {
    return new Console(
        new PrintStream(out, true, StandardCharsets.UTF_8),
        new PrintStream(err, true, StandardCharsets.UTF_8),
        new Screen(false, 100, false));
  }
}
