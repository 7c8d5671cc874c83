package dev.cairn.jobs.cli;

import dev.cairn.checkpoint.publish.ModelFolder;
import dev.cairn.checkpoint.publish.VersionPatch;
import dev.cairn.jobs.show.Units;
import java.io.IOException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code patch make MODELS/name OLD NEW FILE}. */
@Command(
    name = "make",
    header = "Writes what has changed from one version of a model to a newer one.",
    description = {
      "%nBoth versions are verified first. The file holds the rows that differ in at least one bit;"
          + " patch apply makes the newer version of it wherever the older one is."
    },
    footer = CheckpointCommand.EXIT_CODES)
final class PatchMakeVerb extends CheckpointVerb {
  @Parameters(index = "0", paramLabel = "MODELS/name", description = "The model's folder.")
  private String model = "";

  @Parameters(index = "1", paramLabel = "OLD", description = "The version that scorers have.")
  private long old;

  @Parameters(index = "2", paramLabel = "NEW", description = "The version that they are to have.")
  private long fresh;

  @Parameters(index = "3", paramLabel = "FILE", description = "A file that does not exist yet.")
  private String file = "";

  @Spec private CommandSpec spec = CommandSpec.create();

  PatchMakeVerb(Console console) {
    super(console);
  }

  @Override
  public Integer call() throws IOException {
    if (old >= fresh) {
      throw new ParameterException(
          spec.commandLine(),
          "Cannot make a patch: expected an older version and a newer one, found "
              + old
              + " and "
              + fresh);
    }
    try (ModelFolder folder = ModelFolder.open(folder(model), options())) {
      VersionPatch.Made made = VersionPatch.make(folder, old, fresh, home(file));
      if (json()) {
        print(
            JSON.createObjectNode()
                .put("patch", made.file())
                .put("base", old)
                .put("version", fresh)
                .put("bytes", made.bytes())
                .put("changedRows", made.changed())
                .put("rows", made.rows()));
      } else {
        say(
            "Wrote "
                + ReportFile.shown(made.file())
                + ": version "
                + old
                + " to "
                + fresh
                + ", "
                + Units.count(made.changed())
                + " of "
                + Units.count(made.rows())
                + " rows, "
                + Units.bytes(made.bytes()));
      }
    }
    return CairnCommand.OK;
  }
}
