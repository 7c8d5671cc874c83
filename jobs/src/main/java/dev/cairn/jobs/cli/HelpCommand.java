package dev.cairn.jobs.cli;

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
      SettingsText.lines().forEach(console.out()::println);
    }
    if (verbs.equals(List.of("refresh"))) {
      SettingsText.refreshLines().forEach(console.out()::println);
    }
    return CairnCommand.OK;
  }
}
