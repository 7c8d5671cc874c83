package dev.cairn.jobs.cli;

import java.io.IOException;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * {@code checkpoint export CHECKPOINT} with {@code FILE}, {@code --keras DIR} or {@code
 * --saved-model DIR}.
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

  @Option(
      names = "--saved-model",
      paramLabel = "DIR",
      defaultValue = "",
      description =
          "A folder that does not exist, for a SavedModel, which TensorFlow Serving and"
              + " tf.saved_model.load take; of a run's folder its result is meant.")
  private String savedModel = "";

  @Spec private CommandSpec spec = CommandSpec.create();

  ExportVerb(Console console) {
    super(console);
  }

  @Override
  public Integer call() throws IOException {
    if (Stream.of(file, keras, savedModel).filter(one -> !one.isEmpty()).count() != 1) {
      throw new ParameterException(
          spec.commandLine(),
          "Cannot export: expected one of FILE, --keras DIR and --saved-model DIR");
    }
    if (!savedModel.isEmpty()) {
      SavedModelTarget.write(this, checkpoint, savedModel);
    } else if (!keras.isEmpty()) {
      KerasTarget.write(this, checkpoint, keras);
    } else {
      target.write(this, checkpoint, file);
    }
    return CairnCommand.OK;
  }
}
