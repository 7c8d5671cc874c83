package dev.cairn.jobs.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.checkpoint.CheckpointFolder;
import dev.cairn.checkpoint.model.Orphan;
import dev.cairn.jobs.show.TextTable;
import java.io.IOException;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code checkpoint gc DIR}. */
@Command(
    name = "gc",
    header =
        "Shows what crashed or finished attempts left in a run's folder; deletes it with --delete.",
    description = "%nCommitted checkpoints and what a living run owns are never touched.",
    footer = CheckpointCommand.EXIT_CODES)
final class GcVerb extends CheckpointVerb {
  @Parameters(paramLabel = "DIR", description = "The run's folder (checkpoint.dir).")
  private String folder = "";

  @Option(names = "--delete", description = "Delete it. Without this, nothing is changed.")
  private boolean delete;

  GcVerb(Console console) {
    super(console);
  }

  @Override
  public Integer call() throws IOException {
    try (CheckpointFolder checkpoints = CheckpointFolder.open(folder(folder), options())) {
      var orphans = checkpoints.orphans();
      if (delete) {
        checkpoints.collectOrphans();
      }
      if (json()) {
        ObjectNode tree =
            JSON.createObjectNode()
                .put("directory", checkpoints.directory())
                .put("deleted", delete);
        var list = tree.putArray("orphans");
        for (var orphan : orphans) {
          list.addObject()
              .put("name", orphan.name())
              .put("kind", orphan.kind().name())
              .put("alive", orphan.alive());
        }
        print(tree);
        return CairnCommand.OK;
      }
      if (orphans.isEmpty()) {
        say("Nothing to collect in " + ReportFile.shown(checkpoints.directory()));
        return CairnCommand.OK;
      }
      TextTable table = new TextTable("name", "what", "");
      for (var orphan : orphans) {
        table.row(
            orphan.name(),
            orphan.kind().name().toLowerCase(Locale.ROOT).replace('_', ' '),
            fate(orphan));
      }
      table.lines().forEach(this::say);
      if (orphans.stream().anyMatch(orphan -> orphan.kind() == Orphan.Kind.NO_MANIFEST)) {
        say(
            "A folder without a manifest is no checkpoint: a copy that is not finished, or whose"
                + " manifest was deleted. Delete it yourself if nobody needs it.");
      }
      if (!delete) {
        say("Nothing was changed; --delete deletes what is not in use.");
      }
      return CairnCommand.OK;
    }
  }

  private String fate(Orphan orphan) {
    if (orphan.alive()) {
      return "in use, kept";
    }
    if (orphan.kind() == Orphan.Kind.NO_MANIFEST) {
      return "kept";
    }
    return delete ? "deleted" : "would be deleted";
  }
}
