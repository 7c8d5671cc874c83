package dev.cairn.jobs.cli;

import dev.cairn.checkpoint.ServingConfig;
import dev.cairn.checkpoint.publish.ModelFolder;
import dev.cairn.checkpoint.publish.ModelVersion;
import java.io.IOException;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code rollback MODELS/name}. */
@Command(
    name = "rollback",
    header = "Goes back to an older version of a model.",
    description = {
      "%nServers take the version of the highest number, so the old one is published once more"
          + " under a new number; with --by-label models.config says which one is in use, and no"
          + " file is copied. The same command again changes nothing."
    },
    footer = CheckpointCommand.EXIT_CODES)
final class RollbackCommand extends CheckpointVerb {
  @Parameters(paramLabel = "MODELS/name", description = "The model's folder.")
  private String model = "";

  @Option(
      names = "--to",
      paramLabel = "VERSION",
      description = "The version to go back to; default: the one before that in use.")
  private @Nullable Long to;

  @Option(
      names = "--by-label",
      description =
          "Move the label stable in models.config, which servers are told by --model_config_file;"
              + " needs --to.")
  private boolean byLabel;

  RollbackCommand(Console console) {
    super(console);
  }

  @Override
  public Integer call() throws IOException {
    if (to != null && to < 1) {
      throw misused("Cannot roll back: expected --to 1 or more, found --to " + to);
    }
    if (byLabel && to == null) {
      throw misused("Cannot roll back by label: expected --to VERSION, found none");
    }
    try (ModelFolder folder = ModelFolder.open(folder(model), options())) {
      if (to != null && byLabel) {
        ModelVersion version = folder.version(to);
        folder.verify(version);
        ServingConfig unused =
            folder.label(new TreeMap<>(Map.of(ServingConfig.STABLE, version.number())));
        tell(new VersionText(version));
        return CairnCommand.OK;
      }
      OptionalLong version = to == null ? OptionalLong.empty() : OptionalLong.of(to);
      tell(new VersionText(folder.rollback(version)));
    }
    return CairnCommand.OK;
  }

  private void tell(VersionText text) throws IOException {
    if (json()) {
      print(text.json());
    } else {
      say("In use: " + text.line());
    }
  }
}
