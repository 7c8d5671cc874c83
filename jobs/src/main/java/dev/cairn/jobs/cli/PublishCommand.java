package dev.cairn.jobs.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.checkpoint.publish.VersionCopy;
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
          + " Serving finds it. It is verified first, and appears whole, in one step. A server that"
          + " cannot read MODELS, such as one that has no HDFS, gets a copy by --copy-to."
    },
    footer = CheckpointCommand.EXIT_CODES)
final class PublishCommand extends CheckpointVerb {
  @Parameters(
      paramLabel = "CHECKPOINT",
      description =
          "A checkpoint, or a run's folder, whose result is meant; without --to a model's folder,"
              + " whose version in use is copied.")
  private String checkpoint = "";

  @Option(
      names = "--to",
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

  @Option(
      names = "--copy-to",
      paramLabel = "FOLDER",
      description =
          "Copy the version in use, and those with labels, into FOLDER/name, where a server reads"
              + " them: each whole and verified, in one step.")
  private String servers = "";

  PublishCommand(Console console) {
    super(console);
  }

  @Override
  public Integer call() throws IOException {
    if (model.isEmpty() && servers.isEmpty()) {
      throw misused(
          "Cannot publish: expected --to MODELS/name, or --copy-to FOLDER, found neither");
    }
    if (model.isEmpty()) {
      if (!aliases.isEmpty()) {
        throw misused("Cannot use --alias without --to: a copy has the labels of its model");
      }
      ObjectNode tree = JSON.createObjectNode();
      copy(home(checkpoint), tree);
      if (json()) {
        print(tree);
      }
      return CairnCommand.OK;
    }
    Publisher.Published published =
        Publisher.publish(
            home(checkpoint), home(model), List.copyOf(aliases), folder -> {}, options());
    VersionText text = new VersionText(published.version());
    ObjectNode tree = text.json().put("anew", published.anew());
    if (!json()) {
      say(
          (published.anew() ? "Published " : "Published already: ")
              + ReportFile.shown(published.version().folder())
              + ": "
              + text.line());
    }
    if (!servers.isEmpty()) {
      copy(home(model), tree);
    }
    if (json()) {
      print(tree);
    }
    return CairnCommand.OK;
  }

  private void copy(String from, ObjectNode tree) throws IOException {
    List<VersionCopy.Copied> copies = VersionCopy.copy(from, home(servers), options());
    ArrayNode list = tree.putArray("copies");
    for (VersionCopy.Copied copy : copies) {
      list.addObject()
          .put("version", copy.number())
          .put("path", copy.folder())
          .put("anew", copy.anew());
      if (!json()) {
        say(
            (copy.anew() ? "Copied version " : "There already, verified: version ")
                + copy.number()
                + ": "
                + ReportFile.shown(copy.folder()));
      }
    }
  }
}
