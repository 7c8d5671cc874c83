package dev.cairn.jobs.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.checkpoint.Folders;
import dev.cairn.checkpoint.ServingConfig;
import dev.cairn.checkpoint.publish.TensorFlowProcess;
import dev.cairn.checkpoint.publish.VersionCopy;
import dev.cairn.spark.serving.Publisher;
import dev.cairn.spark.serving.TensorFlowCheck;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code publish CHECKPOINT --to MODELS/name}. */
@Command(
    name = "publish",
    header =
        "Publishes a checkpoint as the next version of a model, which servers and predict use.",
    description = {
      "%nThe version is a SavedModel with the checkpoint in it, in MODELS/name/NUMBER, as"
          + " TensorFlow Serving finds it. It is verified first, and appears whole, in one step. A"
          + " server that cannot read MODELS, such as one that has no HDFS, gets a copy by"
          + " --copy-to."
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

  @Option(
      names = "--ask-tensorflow",
      arity = "0..1",
      fallbackValue = "python3",
      defaultValue = "",
      paramLabel = "PYTHON",
      description =
          "Let TensorFlow in this Python load the version and answer a few rows before it is"
              + " published: it must answer as predict does. Default program: python3.")
  private String python = "";

  @Option(
      names = "--sample",
      defaultValue = "",
      paramLabel = "FILE",
      description =
          "The rows that are scored before it is published, and for which TensorFlow is asked: CSV"
              + " with a header or a JSON object a line; default: rows made up of the feature"
              + " definition.")
  private String sample = "";

  @Option(
      names = "--mlflow",
      defaultValue = "",
      paramLabel = "DIR",
      description =
          "Write a folder that MLflow loads and serves, too: mlflow.pyfunc.load_model(DIR).")
  private String mlflow = "";

  @Option(
      names = "--mlflow-registry",
      defaultValue = "",
      paramLabel = "URL",
      description =
          "Register that folder with this MLflow server, and move the aliases there, too; the"
              + " environment's MLFLOW_TRACKING_TOKEN is sent if there is one.")
  private String registry = "";

  @Option(
      names = "--mlflow-name",
      defaultValue = "",
      paramLabel = "NAME",
      description = "The registered model's name; default: the name of the model's folder.")
  private String registered = "";

  PublishCommand(Console console) {
    super(console);
  }

  @Override
  public Integer call() throws IOException {
    checkAliases();
    if (mlflow.isEmpty() && !registry.isEmpty()) {
      throw misused("Cannot register with MLflow: expected --mlflow DIR, found none");
    }
    if (model.isEmpty() && servers.isEmpty()) {
      throw misused(
          "Cannot publish: expected --to MODELS/name, or --copy-to FOLDER, found neither");
    }
    if (model.isEmpty()) {
      if (!mlflow.isEmpty() || !python.isEmpty() || !sample.isEmpty()) {
        throw misused(
            "Cannot use --mlflow, --ask-tensorflow or --sample without --to: a copy is as it is");
      }
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
        Publisher.publish(home(checkpoint), home(model), List.copyOf(aliases), check(), options());
    VersionText text = new VersionText(published.version());
    Optional<MlflowTarget.Told> told =
        mlflow.isEmpty()
            ? Optional.empty()
            : Optional.of(
                MlflowTarget.write(
                    published.version(),
                    home(mlflow),
                    registry,
                    registered.isEmpty() ? Folders.name(home(model)) : registered,
                    List.copyOf(aliases),
                    options()));
    ObjectNode tree = text.json().put("anew", published.anew());
    told.ifPresent(of -> of.put(tree));
    if (!json()) {
      say(
          (published.anew() ? "Published " : "Published already: ")
              + ReportFile.shown(published.version().folder())
              + ": "
              + text.line());
      if (!published.anew()) {
        sayInUse(home(model), published.version());
      }
      told.ifPresent(of -> say(of.line()));
    }
    if (!servers.isEmpty()) {
      copy(home(model), tree);
    }
    if (json()) {
      print(tree);
    }
    return CairnCommand.OK;
  }

  private void checkAliases() {
    try {
      aliases.forEach(ServingConfig::checkLabel);
    } catch (IllegalArgumentException e) {
      throw misused(String.valueOf(e.getMessage()));
    }
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

  private Publisher.Check check() throws IOException {
    List<Map<String, @Nullable Object>> rows = new ArrayList<>();
    if (!sample.isEmpty()) {
      try (BufferedReader lines = Files.newBufferedReader(Path.of(home(sample)))) {
        rows = PredictLines.rows(lines);
      }
    }
    if (python.isEmpty()) {
      return Publisher.Check.of(rows);
    }
    TensorFlowProcess.requireProgram(home(python));
    return new TensorFlowCheck(home(python), rows, options());
  }
}
