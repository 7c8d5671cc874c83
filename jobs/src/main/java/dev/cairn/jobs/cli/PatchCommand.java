package dev.cairn.jobs.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code patch VERB}: ships the difference of two versions. */
@Command(
    name = "patch",
    synopsisSubcommandLabel = "make|apply",
    header = "Ships a new version of a model as the rows that have changed since an older one.",
    footer = CheckpointCommand.EXIT_CODES)
final class PatchCommand {
  private PatchCommand() {}

  static CommandLine line(Console console) {
    CommandLine line = new CommandLine(new PatchCommand());
    line.addSubcommand(new PatchMakeVerb(console));
    line.addSubcommand(new PatchApplyVerb(console));
    return line;
  }
}
