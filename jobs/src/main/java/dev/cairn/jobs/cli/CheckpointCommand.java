package dev.cairn.jobs.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code checkpoint VERB}: shows checkpoints, checks them, cleans up after them. */
@Command(
    name = "checkpoint",
    synopsisSubcommandLabel = "list|inspect|verify|diff|export|import|rm|rollback|gc",
    header = "Lists, inspects, verifies, compares, converts, removes and cleans up checkpoints.",
    footer = CheckpointCommand.EXIT_CODES)
final class CheckpointCommand {
  static final String EXIT_CODES =
      "Exit codes: 0 the same or good, 1 they differ or damage was found, 2 anything else.";

  static final String CHECKPOINT =
      "A checkpoint's folder, a TensorFlow prefix, or a folder for its newest one: a run's, one"
          + " with TensorFlow's checkpoint file, a SavedModel.";

  private CheckpointCommand() {}

  static CommandLine line(Console console) {
    CommandLine line = new CommandLine(new CheckpointCommand());
    line.addSubcommand(new ListVerb(console));
    line.addSubcommand(new InspectVerb(console));
    line.addSubcommand(new VerifyVerb(console));
    line.addSubcommand(new DiffVerb(console));
    line.addSubcommand(new ExportVerb(console));
    line.addSubcommand(new ImportVerb(console));
    line.addSubcommand(new RemoveVerb(console));
    line.addSubcommand(new RollbackVerb(console));
    line.addSubcommand(new GcVerb(console));
    return line;
  }
}
