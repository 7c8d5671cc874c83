package dev.cairn.jobs.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.checkpoint.CheckpointFolder;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code checkpoint rm DIR NAME...}. */
@Command(
    name = "rm",
    header = "Removes checkpoints of a run's folder for good.",
    description =
        "%nOne checkpoint at least stays, and nothing is removed while a run owns the folder.",
    footer = CheckpointCommand.EXIT_CODES)
final class RemoveVerb extends CheckpointVerb {
  @Parameters(index = "0", paramLabel = "DIR", description = "The run's folder (checkpoint.dir).")
  private String folder = "";

  @Parameters(
      index = "1..*",
      arity = "1..*",
      paramLabel = "NAME",
      description = "Names of checkpoints, such as ckpt-1200.")
  private List<String> names = new ArrayList<>();

  RemoveVerb(Console console) {
    super(console);
  }

  @Override
  public Integer call() throws IOException {
    try (CheckpointFolder checkpoints = CheckpointFolder.open(folder(folder), options())) {
      Set<String> removed = new TreeSet<>(names);
      checkpoints.removal().remove(removed);
      if (json()) {
        ObjectNode tree = JSON.createObjectNode().put("directory", checkpoints.directory());
        removed.forEach(tree.putArray("removed")::add);
        print(tree);
      } else {
        say("Removed " + String.join(", ", removed));
      }
    }
    return CairnCommand.OK;
  }
}
