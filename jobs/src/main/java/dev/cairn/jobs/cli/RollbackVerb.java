package dev.cairn.jobs.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.checkpoint.CheckpointFolder;
import java.io.IOException;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code checkpoint rollback DIR NAME}. */
@Command(
    name = "rollback",
    header =
        "Makes a checkpoint the newest one: verifies it, then removes all newer ones for good.",
    description = "%nTraining goes on from it. Nothing is removed while a run owns the folder.",
    footer = CheckpointCommand.EXIT_CODES)
final class RollbackVerb extends CheckpointVerb {
  @Parameters(index = "0", paramLabel = "DIR", description = "The run's folder (checkpoint.dir).")
  private String folder = "";

  @Parameters(index = "1", paramLabel = "NAME", description = "Its name, such as ckpt-1200.")
  private String name = "";

  RollbackVerb(Console console) {
    super(console);
  }

  @Override
  public Integer call() throws IOException {
    try (CheckpointFolder checkpoints = CheckpointFolder.open(folder(folder), options())) {
      List<String> removed = checkpoints.removal().rollback(name);
      if (json()) {
        ObjectNode tree =
            JSON.createObjectNode().put("directory", checkpoints.directory()).put("newest", name);
        removed.forEach(tree.putArray("removed")::add);
        print(tree);
      } else {
        say(
            removed.isEmpty()
                ? name + " is the newest already: nothing was removed."
                : name + " is the newest now; removed " + String.join(", ", removed));
      }
    }
    return CairnCommand.OK;
  }
}
