package dev.cairn.jobs.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Tests the common part of all commands: help, versions, exit codes, the place of the log. */
final class CommandsTest {
  @TempDir private Path temp = Path.of("");
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  private Console console() {
    return Consoles.keeping(out, err);
  }

  private int run(List<String> words, String... more) {
    out.reset();
    err.reset();
    List<String> args = new ArrayList<>(words);
    args.addAll(List.of(more));
    return CairnCommand.run(console(), args.toArray(String[]::new));
  }

  private String said() {
    return out.toString(StandardCharsets.UTF_8);
  }

  private String complained() {
    return err.toString(StandardCharsets.UTF_8);
  }

  /** The words of every command and verb, the empty ones of {@code cairn} itself first. */
  private List<List<String>> commands() {
    List<List<String>> all = new ArrayList<>();
    collect(CairnCommand.line(console()), List.of(), all);
    return all;
  }

  private static void collect(CommandLine line, List<String> words, List<List<String>> all) {
    all.add(words);
    line.getSubcommands()
        .forEach(
            (name, verb) ->
                collect(verb, Stream.concat(words.stream(), Stream.of(name)).toList(), all));
  }

  @Test
  void everyCommandHasHelpAndVersionAndRefusesWhatItDoesNotKnow() {
    List<List<String>> commands = commands();
    assertTrue(commands.contains(List.of("checkpoint", "list")), commands.toString());
    assertTrue(commands.size() >= 10, commands.toString());
    for (List<String> words : commands) {
      String usage =
          "Usage: " + String.join(" ", Stream.concat(Stream.of("cairn"), words.stream()).toList());
      assertEquals(0, run(words, "--help"), complained());
      String help = said();
      assertTrue(help.contains(usage), help);
      assertEquals("", complained());
      assertEquals(0, run(words, "-h"), complained());
      assertEquals(help, said());
      List<String> asked = Stream.concat(Stream.of("help"), words.stream()).toList();
      assertEquals(0, run(asked), complained());
      assertTrue(said().startsWith(help), () -> "cairn " + asked + " says: " + said());

      assertEquals(0, run(words, "--version"), complained());
      assertTrue(said().matches("(?s)cairn \\d\\S*\\R.*Spark \\d.*, Java \\d.*"), said());

      assertEquals(2, run(words, "--no-such-option"), words + said());
      assertTrue(complained().startsWith("cairn: "), complained());
      String hint = words.equals(List.of("help")) ? "" : " " + String.join(" ", words);
      assertTrue(
          complained()
              .endsWith(("Try: cairn help" + hint).stripTrailing() + System.lineSeparator()),
          complained());
    }
  }

  @Test
  void errorsAreTroubleAndNameTheLog() throws IOException {
    List<List<String>> wrong =
        List.of(
            List.of(),
            List.of("nonsense"),
            List.of("help", "nonsense"),
            List.of("train"),
            List.of("train", temp.resolve("none.properties").toString()),
            List.of("checkpoint"),
            List.of("checkpoint", "inspect", temp.resolve("none").toString()),
            List.of("checkpoint", "verify", temp.resolve("none").toString()),
            List.of(
                "checkpoint", "diff", temp.resolve("a").toString(), temp.resolve("b").toString()));
    for (List<String> words : wrong) {
      assertEquals(CairnCommand.TROUBLE, run(words), words + said() + complained());
    }
    try (Stream<Path> left = Files.list(temp)) {
      assertEquals(List.of(), left.toList(), "what did nothing leaves nothing");
    }

    Path log = temp.resolve("driver.log");
    System.setProperty("cairn.log", log.toString());
    try {
      List<String> failing = List.of("train", temp.resolve("none.properties").toString());
      assertEquals(2, run(failing));
      assertFalse(complained().contains("driver.log"), "there is no log: " + complained());
      Files.writeString(log, "what Spark said");
      assertEquals(2, run(failing));
      assertTrue(complained().contains("(log=" + log + ")"), complained());
    } finally {
      System.clearProperty("cairn.log");
    }
  }
}
