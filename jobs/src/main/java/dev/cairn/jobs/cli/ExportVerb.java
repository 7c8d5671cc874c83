package dev.cairn.jobs.cli;

import java.io.IOException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code checkpoint export CHECKPOINT --keras DIR}. */
@Command(
    name = "export",
    header = "Writes a checkpoint's model for other programs.",
    footer = CheckpointCommand.EXIT_CODES)
final class ExportVerb extends CheckpointVerb {
  @Parameters(paramLabel = "CHECKPOINT", description = CheckpointCommand.CHECKPOINT)
  private String checkpoint = "";

  @Option(
      names = "--keras",
      required = true,
      paramLabel = "DIR",
      description =
          "A folder for model.py, which builds the model in Keras 3 and restores it, and for the"
              + " checkpoint's files; of a run's folder its result is meant, as predict takes it.")
  private String keras = "";

  ExportVerb(Console console) {
    super(console);
  }

  @Override
  public Integer call() throws IOException {
    KerasTarget.write(this, checkpoint, keras);
    return CairnCommand.OK;
  }
}
