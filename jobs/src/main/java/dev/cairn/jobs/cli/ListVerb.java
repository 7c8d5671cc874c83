package dev.cairn.jobs.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.checkpoint.CheckpointFolder;
import dev.cairn.checkpoint.CheckpointPath;
import dev.cairn.checkpoint.CheckpointReader;
import dev.cairn.checkpoint.CommittedCheckpoint;
import dev.cairn.checkpoint.model.CheckpointException;
import dev.cairn.checkpoint.model.DataPosition;
import dev.cairn.checkpoint.model.Manifest;
import dev.cairn.jobs.config.Text;
import dev.cairn.jobs.show.PlainText;
import dev.cairn.jobs.show.TextTable;
import dev.cairn.jobs.show.Units;
import java.io.IOException;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code checkpoint list DIR}. */
@Command(
    name = "list",
    header = "Lists the checkpoints of a run's folder, oldest first.",
    footer = CheckpointCommand.EXIT_CODES)
final class ListVerb extends CheckpointVerb {
  static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);

  @Parameters(
      paramLabel = "DIR",
      description = "The run's folder (checkpoint.dir), local or in HDFS.")
  private String folder = "";

  ListVerb(Console console) {
    super(console);
  }

  @Override
  public Integer call() throws IOException {
    String path = folder(folder);
    List<String> foreign = CheckpointPath.foreign(path, options());
    try (CheckpointFolder checkpoints = CheckpointFolder.open(path, options())) {
      List<CommittedCheckpoint> found = new ArrayList<>();
      for (CommittedCheckpoint checkpoint : checkpoints.checkpoints(this::skipped)) {
        if (isThere(checkpoint)) {
          found.add(checkpoint);
        }
      }
      if (json()) {
        ObjectNode tree = JSON.createObjectNode().put("directory", checkpoints.directory());
        ArrayNode list = tree.putArray("checkpoints");
        found.forEach(checkpoint -> fill(list.addObject(), checkpoint));
        foreign.forEach(tree.putArray("tensorflow")::add);
        print(tree);
        return CairnCommand.OK;
      }
      if (found.isEmpty() && foreign.isEmpty()) {
        say("No checkpoints in " + ReportFile.shown(checkpoints.directory()));
      }
      if (!found.isEmpty()) {
        TextTable table =
            new TextTable(
                "name", ">step", ">epochs", "committed", ">size", ">files", ">variables", ">took");
        found.forEach(checkpoint -> row(table, checkpoint));
        table.lines().forEach(this::say);
      }
      if (!foreign.isEmpty()) {
        say("Kept here by TensorFlow, oldest first:");
        foreign.forEach(prefix -> say("  " + ReportFile.shown(prefix)));
      }
    }
    return CairnCommand.OK;
  }

  private void skipped(CheckpointException damaged) {
    console.err().println("cairn: skipped: " + PlainText.of(CairnCommand.message(damaged)));
  }

  /**
   * Whether a checkpoint's files are there: others may have deleted them, so that only the manifest
   * is left.
   */
  private boolean isThere(CommittedCheckpoint checkpoint) throws IOException {
    try {
      CheckpointReader.open(checkpoint.path(), options()).close();
      return true;
    } catch (CheckpointException.Corrupt | CheckpointException.NotFound e) {
      skipped(e);
      return false;
    } catch (CheckpointException.UnsupportedVersion e) {
      return true;
    }
  }

  private static void fill(ObjectNode node, CommittedCheckpoint checkpoint) {
    Manifest manifest = checkpoint.manifest();
    node.put("name", checkpoint.name())
        .put("path", checkpoint.path())
        .put("tensorflow", checkpoint.tensorflowPrefix())
        .put("step", checkpoint.step())
        .put("committed", manifest.wallTime().toString())
        .put("bytes", manifest.totalBytes())
        .put("files", manifest.files().size())
        .put("variables", manifest.variables());
  }

  /** Epochs done, with the part of the running one. */
  private static String epochs(DataPosition position) {
    double part = (double) position.batch() / Math.max(1, position.batchesPerEpoch());
    return Text.format("%.2f", position.epoch() + part);
  }

  private static void row(TextTable table, CommittedCheckpoint checkpoint) {
    Manifest manifest = checkpoint.manifest();
    table.row(
        checkpoint.name(),
        Units.count(checkpoint.step()),
        manifest.training().map(state -> epochs(state.position())).orElse("-"),
        TIME.format(manifest.wallTime()),
        Units.bytes(manifest.totalBytes()),
        Units.count(manifest.files().size()),
        Units.count(manifest.variables()),
        Units.millis(manifest.phaseMillis().values().stream().mapToLong(Long::longValue).sum()));
  }
}
