package dev.cairn.jobs.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.checkpoint.CheckpointDiff;
import dev.cairn.checkpoint.CheckpointReader;
import dev.cairn.jobs.config.Text;
import dev.cairn.jobs.show.TextTable;
import dev.cairn.jobs.show.Units;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code checkpoint diff A B}. */
@Command(
    name = "diff",
    header =
        "Compares two checkpoints value by value, whatever files they are stored in: the same objects"
            + " where both have object graphs, else the same keys.",
    footer = CheckpointCommand.EXIT_CODES)
final class DiffVerb extends CheckpointVerb {
  /** The number up to which a double holds every whole number. */
  private static final double WHOLE = 0x1p53;

  @Parameters(index = "0", paramLabel = "A", description = CheckpointCommand.CHECKPOINT)
  private String first = "";

  @Parameters(index = "1", paramLabel = "B", description = "The other.")
  private String second = "";

  DiffVerb(Console console) {
    super(console);
  }

  @Override
  public Integer call() throws IOException {
    List<CheckpointDiff.Entry> entries;
    try (CheckpointReader a = open(first);
        CheckpointReader b = open(second)) {
      entries = CheckpointDiff.compare(a, b);
    }
    boolean same =
        entries.stream().allMatch(entry -> entry.outcome() == CheckpointDiff.Outcome.EQUAL);
    if (json()) {
      printJson(entries, same);
    } else {
      printTable(entries, same);
    }
    return same ? CairnCommand.OK : CairnCommand.FAILED;
  }

  private void printJson(List<CheckpointDiff.Entry> entries, boolean same) throws IOException {
    ObjectNode tree = JSON.createObjectNode().put("equal", same);
    var list = tree.putArray("variables");
    for (CheckpointDiff.Entry entry : entries) {
      ObjectNode node =
          list.addObject()
              .put("key", entry.key())
              .put("secondKey", entry.secondKey())
              .put("outcome", entry.outcome().name())
              .put("differing", entry.differing())
              .put("firstDifference", entry.firstDifference());
      if (entry.maxAbsDifference().isEmpty()) {
        node.putNull("maxAbsDifference");
      } else if (Double.isFinite(entry.maxAbsDifference().getAsDouble())) {
        node.put("maxAbsDifference", entry.maxAbsDifference().getAsDouble());
      } else {
        node.put("maxAbsDifference", Double.toString(entry.maxAbsDifference().getAsDouble()));
      }
    }
    print(tree);
  }

  private void printTable(List<CheckpointDiff.Entry> entries, boolean same) {
    TextTable table =
        new TextTable("variable", "values", ">differing", ">first at", ">largest difference");
    for (CheckpointDiff.Entry entry : entries) {
      boolean values = entry.outcome() == CheckpointDiff.Outcome.DIFFERENT;
      table.row(
          name(entry),
          entry.outcome().name().toLowerCase(Locale.ROOT).replace('_', ' '),
          values ? Units.count(entry.differing()) : "",
          values ? Units.count(entry.firstDifference()) : "",
          values ? distance(entry.maxAbsDifference()) : "");
    }
    table.lines().forEach(this::say);
    say(same ? "The same, byte by byte." : "They differ.");
  }

  /** The key, and the other one under which the second checkpoint has the same object. */
  private static String name(CheckpointDiff.Entry entry) {
    return entry.key().equals(entry.secondKey())
        ? entry.key()
        : entry.key() + " (in B " + entry.secondKey() + ")";
  }

  /** A difference as text, with whole numbers in full, so that steps and counts can be read. */
  private static String distance(OptionalDouble difference) {
    if (difference.isEmpty()) {
      return "-";
    }
    double value = difference.getAsDouble();
    boolean whole = value == Math.rint(value) && value < WHOLE;
    return whole ? Units.count((long) value) : Text.format("%.3g", value);
  }
}
