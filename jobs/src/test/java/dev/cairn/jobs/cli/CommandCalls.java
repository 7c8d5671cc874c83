package dev.cairn.jobs.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;

/** Tests that call commands in a folder of their own, and look at what they say. */
abstract class CommandCalls {
  @TempDir Path temp = Path.of("");
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  /** Calls a command; returns its exit code. */
  final int run(String... args) {
    out.reset();
    return CairnCommand.run(Consoles.keeping(out, out), args);
  }

  /** What the last command said. */
  final String said() {
    return out.toString(StandardCharsets.UTF_8);
  }

  /** Calls {@code refresh} by {@code refresh.properties}, and compares how it ends. */
  final void ends(int code, String word, String... words) {
    List<String> args = new ArrayList<>(List.of("refresh", temp + "/refresh.properties"));
    args.addAll(List.of(words));
    assertEquals(code, run(args.toArray(String[]::new)), this::said);
    assertTrue(said().contains(word), () -> "expected \"" + word + "\" in: " + said());
  }
}
