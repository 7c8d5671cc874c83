package dev.cairn.jobs.cli;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.jobs.config.TrainConf;
import dev.cairn.jobs.config.TrainConfLoader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Each command that the README and the pages of docs show is one: its verb, its options, its keys.
 */
final class DocumentedCommandsTest {
  private static final Path ROOT = Path.of("..");

  /** Up to a pipe, a redirection, a remark, or the spaces before an explanation. */
  private static final Pattern LINE =
      Pattern.compile("(?m)jobs/cairn ((?:'[^']*'|[^'\\n|&>;#])*?)(?= {2,}| *[|&>;#]| *$)");

  private static final Pattern INLINE = Pattern.compile("`jobs/cairn\\s([^`]*)`");
  private static final Pattern WORD = Pattern.compile("(?:'[^']*'|[^'\\s])+");

  /** A page's command. */
  private record Shown(String page, List<String> words) {
    @Override
    public String toString() {
      return page + ": jobs/cairn " + String.join(" ", words);
    }
  }

  private static List<Shown> shown() throws IOException {
    List<Shown> all = new ArrayList<>();
    List<Path> pages = new ArrayList<>(List.of(ROOT.resolve("README.md")));
    try (Stream<Path> docs = Files.list(ROOT.resolve("docs"))) {
      docs.filter(page -> page.toString().endsWith(".md")).sorted().forEach(pages::add);
    }
    for (Path page : pages) {
      String text = Files.readString(page);
      String code =
          String.join(
              "\n",
              text.replaceAll("\\\\\\n *", "").lines().filter(l -> l.startsWith("    ")).toList());
      Stream.concat(LINE.matcher(code).results(), INLINE.matcher(text).results())
          .forEach(found -> all.add(new Shown(page.toString(), words(found.group(1)))));
    }
    return all;
  }

  /** The words of a command as a shell splits them. */
  private static List<String> words(String command) {
    return WORD.matcher(command.replaceAll("[\\[\\]]", ""))
        .results()
        .map(MatchResult::group)
        .map(word -> word.replace("'", ""))
        .toList();
  }

  @Test
  void everyCommandIsUnderstood() throws Exception {
    List<Shown> shown = shown();
    assertTrue(shown.size() >= 25, shown.toString());
    for (Shown one : shown) {
      List<String> words = one.words();
      if (words.size() == 1) { // the text speaks of a command, and does not call it
        assertTrue(
            CairnCommand.line(console()).getSubcommands().containsKey(words.get(0)), one::toString);
        continue;
      }
      assertDoesNotThrow(
          () -> CairnCommand.line(console()).parseArgs(one.words().toArray(String[]::new)),
          one::toString);
      switch (words.get(0)) {
        case "train" -> train(one);
        case "refresh" -> refresh(one);
        case "predict" -> predict(one, words.subList(1, words.size()));
        case "model" -> predict(one, inputAndNoOutput(words.subList(2, words.size())));
        default -> {} // its words are all that it has
      }
    }
  }

  /** The keys of the file that is there, or those of the command line with what they lack. */
  private static void train(Shown one) {
    Path file = ROOT.resolve(one.words().get(1));
    List<String> keys = one.words().subList(2, one.words().size());
    if (Files.exists(file)) {
      assertDoesNotThrow(() -> TrainConfLoader.load(file, keys), one::toString);
    } else {
      assertTrue(one.words().get(1).equals("run.properties"), () -> one + ": no such file");
      List<String> all = new ArrayList<>(List.of("checkpoint.dir=runs/own", "input=rows.csv"));
      all.add("label=answer");
      all.add(TrainConf.TEST.name() + "=0.2");
      all.addAll(keys);
      assertDoesNotThrow(() -> TrainConfLoader.of(all), one::toString);
    }
  }

  private static void refresh(Shown one) {
    Path file = ROOT.resolve(one.words().get(1));
    List<String> keys = one.words().subList(2, one.words().size());
    assertDoesNotThrow(
        () -> GateSetup.of(TrainConfLoader.refresh(List.of(), file, keys)), one::toString);
  }

  private static List<String> inputAndNoOutput(List<String> words) {
    List<String> all = new ArrayList<>(words);
    int options = all.indexOf("--count");
    if (options >= 0) {
      all.subList(options, options + 2).clear();
    }
    all.add(2, "unused");
    return all;
  }

  private static void predict(Shown one, List<String> words) {
    if (!words.contains("--stdin")) {
      assertDoesNotThrow(() -> PredictConf.of(words), one::toString);
    }
  }

  @Test
  void commandsAreFoundWhereverTheyStand() {
    String code = "    echo '{}' |\n      jobs/cairn predict runs/flights --stdin --json\n";
    assertEquals(List.of("predict", "runs/flights", "--stdin", "--json"), first(code));
    assertEquals(
        List.of("checkpoint", "gc", "runs", "--delete"),
        first("    jobs/cairn checkpoint gc runs [--delete]     what is left"));
    assertEquals(
        List.of("train", "run.properties", "input.option.sep=;", "label=x | y"),
        first("    jobs/cairn train run.properties input.option.sep=';' 'label=x | y' & # so"));
  }

  private static List<String> first(String code) {
    return words(LINE.matcher(code).results().toList().get(0).group(1));
  }

  private static Console console() {
    ByteArrayOutputStream nowhere = new ByteArrayOutputStream();
    return Consoles.keeping(nowhere, nowhere);
  }
}
