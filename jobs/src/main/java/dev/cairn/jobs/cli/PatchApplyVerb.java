package dev.cairn.jobs.cli;

import dev.cairn.checkpoint.publish.ModelFolder;
import dev.cairn.checkpoint.publish.VersionPatch;
import java.io.IOException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code patch apply FILE MODELS/name}. */
@Command(
    name = "apply",
    header = "Makes the newer version of a patch in a folder that has the older one.",
    description = {
      "%nEvery file that comes out is compared with the checksum that the original has, and the"
          + " version appears whole, in one step, under the original's number. The same command"
          + " again changes nothing."
    },
    footer = CheckpointCommand.EXIT_CODES)
final class PatchApplyVerb extends CheckpointVerb {
  @Parameters(index = "0", paramLabel = "FILE", description = "What patch make has written.")
  private String file = "";

  @Parameters(index = "1", paramLabel = "MODELS/name", description = "The model's folder.")
  private String model = "";

  PatchApplyVerb(Console console) {
    super(console);
  }

  @Override
  public Integer call() throws IOException {
    try (ModelFolder folder = ModelFolder.open(folder(model), options())) {
      VersionPatch.Applied applied = VersionPatch.apply(home(file), folder);
      VersionText text = new VersionText(applied.version());
      if (json()) {
        print(text.json().put("anew", applied.anew()));
      } else {
        say(
            (applied.anew() ? "Made " : "There already: ")
                + ReportFile.shown(applied.version().folder())
                + ": "
                + text.line());
        if (!applied.anew()) {
          sayInUse(home(model), applied.version());
        }
      }
    }
    return CairnCommand.OK;
  }
}
