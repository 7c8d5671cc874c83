package dev.cairn.jobs.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code model VERB}: shows what a model has learned. */
@Command(
    name = "model",
    synopsisSubcommandLabel = "top",
    header = "Shows what a model has learned.")
final class ModelCommand {
  private ModelCommand() {}

  static CommandLine line(Console console) {
    CommandLine line = new CommandLine(new ModelCommand());
    line.addSubcommand(new TopVerb(console));
    return line;
  }
}
