package dev.cairn.jobs.cli;

import java.io.IOException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * {@code checkpoint export CHECKPOINT FILE} and {@code checkpoint export CHECKPOINT --keras DIR}.
 */
@Command(
    name = "export",
    header = "Writes a checkpoint's tensors, or its model, for other programs.",
    description =
        "%nA file's ending says what it is: .weights.h5 or .keras for Keras, .safetensors, .npz for"
            + " NumPy. Its tensors are named by their paths, such as model/dense/kernel.",
    footer = CheckpointCommand.EXIT_CODES)
final class ExportVerb extends CheckpointVerb {
  @Parameters(index = "0", paramLabel = "CHECKPOINT", description = CheckpointCommand.CHECKPOINT)
  private String checkpoint = "";

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "FILE",
      description = "The file to write.",
      defaultValue = "")
  private String file = "";

  @Mixin private FileTarget target = new FileTarget();

  @Option(
      names = "--keras",
      paramLabel = "DIR",
      defaultValue = "",
      description =
          "A folder for model.py, which builds the model in Keras 3 and restores it, and for the"
              + " checkpoint's files; of a run's folder its result is meant, as predict takes it.")
  private String keras = "";

  @Spec private CommandSpec spec = CommandSpec.create();

  ExportVerb(Console console) {
    super(console);
  }

  @Override
  public Integer call() throws IOException {
    if (file.isEmpty() == keras.isEmpty()) {
      throw new ParameterException(
          spec.commandLine(), "Cannot export: expected either FILE or --keras DIR");
    }
    if (keras.isEmpty()) {
      target.write(this, checkpoint, file);
    } else {
      KerasTarget.write(this, checkpoint, keras);
    }
    return CairnCommand.OK;
  }
}
