package dev.cairn.jobs.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code checkpoint VERB}: looking at checkpoints, checking them, cleaning up after them. */
@Command(
    name = "checkpoint",
    synopsisSubcommandLabel = "list|inspect|verify|diff|gc",
    header = "Lists, inspects, verifies, compares and cleans up checkpoints.")
final class CheckpointCommand {
  private CheckpointCommand() {}

  static CommandLine line(Console console) {
    CommandLine line = new CommandLine(new CheckpointCommand());
    line.addSubcommand(new ListVerb(console));
    line.addSubcommand(new InspectVerb(console));
    line.addSubcommand(new VerifyVerb(console));
    line.addSubcommand(new DiffVerb(console));
    line.addSubcommand(new GcVerb(console));
    return line;
  }
}
