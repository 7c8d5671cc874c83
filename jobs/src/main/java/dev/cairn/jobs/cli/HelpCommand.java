package dev.cairn.jobs.cli;

import dev.cairn.jobs.config.ConfKey;
import dev.cairn.jobs.config.TrainConf;
import dev.cairn.spark.CairnConf;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code help [verb]}; {@code help train} also lists every key. */
@Command(name = "help", header = "Shows what a verb does; `help train` lists every key.")
final class HelpCommand implements Callable<Integer> {
  private static final int WIDTH = 96;

  @Parameters(
      arity = "0..*",
      paramLabel = "VERB",
      description = "train, checkpoint, checkpoint list ...")
  private List<String> verbs = new ArrayList<>();

  private final Console console;

  HelpCommand(Console console) {
    this.console = console;
  }

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() {
    CommandLine line = spec.root().commandLine();
    for (String verb : verbs) {
      CommandLine next = line.getSubcommands().get(verb);
      if (next == null) {
        throw new CommandLine.ParameterException(
            spec.commandLine(),
            "Unknown verb "
                + verb
                + ", expected one of "
                + String.join(", ", line.getSubcommands().keySet()));
      }
      line = next;
    }
    line.usage(console.out());
    if (verbs.equals(List.of("train"))) {
      keys().forEach(console.out()::println);
    }
    return CairnCommand.OK;
  }

  /** Every key with type, default and sentence, from the one place that defines them. */
  static List<String> keys() {
    List<String> lines = new ArrayList<>();
    lines.add("");
    lines.add("Keys (in CONF.properties, or key=value on the command line):");
    for (ConfKey<?> key : TrainConf.keys()) {
      String value =
          key.defaultText()
              .map(text -> text.isEmpty() ? "default: none" : "default: " + text)
              .orElse("required");
      add(lines, key.name(), key.type() + "; " + value, key.sentence());
    }
    for (TrainConf.Family family : TrainConf.families()) {
      add(lines, family.name(), family.type(), family.sentence());
    }
    lines.add("");
    lines.add("Among the spark.* keys, those of Cairn's plugin:");
    for (CairnConf.Key<?> key : CairnConf.KEYS) {
      add(lines, key.key(), key.type() + "; default: " + key.defaultText(), key.sentence());
    }
    return lines;
  }

  private static void add(List<String> lines, String name, String facts, String sentence) {
    lines.add("");
    lines.add("  " + name + "  (" + facts + ")");
    StringBuilder line = new StringBuilder("     ");
    for (String word : sentence.split(" ", -1)) {
      if (line.length() + word.length() + 1 > WIDTH) {
        lines.add(line.toString());
        line = new StringBuilder("     ");
      }
      line.append(' ').append(word);
    }
    lines.add(line.toString());
  }
}
