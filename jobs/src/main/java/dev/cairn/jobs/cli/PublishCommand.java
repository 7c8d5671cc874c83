package dev.cairn.jobs.cli;

import dev.cairn.spark.serving.Publisher;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code publish CHECKPOINT --to MODELS/name}. */
@Command(
    name = "publish",
    header =
        "Publishes a checkpoint as the next version of a model, which servers and predict use.",
    description = {
      "%nThe version is a SavedModel with the checkpoint in it, in MODELS/name/NUMBER, as TensorFlow"
          + " Serving finds it. It is verified first, and appears whole, in one step."
    },
    footer = CheckpointCommand.EXIT_CODES)
final class PublishCommand extends CheckpointVerb {
  @Parameters(
      paramLabel = "CHECKPOINT",
      description = "A checkpoint, or a run's folder, whose result is meant.")
  private String checkpoint = "";

  @Option(
      names = "--to",
      required = true,
      paramLabel = "MODELS/name",
      description = "The model's folder; it is made if it is not there.")
  private String model = "";

  @Option(
      names = "--alias",
      paramLabel = "LABEL",
      description =
          "A further label for the version, such as champion: predict takes MODELS/name@champion,"
              + " and models.config has it for TensorFlow Serving.")
  private List<String> aliases = new ArrayList<>();

  PublishCommand(Console console) {
    super(console);
  }

  @Override
  public Integer call() throws IOException {
    Publisher.Published published =
        Publisher.publish(
            home(checkpoint), home(model), List.copyOf(aliases), folder -> {}, options());
    VersionText text = new VersionText(published.version());
    if (json()) {
      print(text.json().put("anew", published.anew()));
    } else {
      say(
          (published.anew() ? "Published " : "Published already: ")
              + ReportFile.shown(published.version().folder())
              + ": "
              + text.line());
    }
    return CairnCommand.OK;
  }
}
