package dev.cairn.jobs.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.checkpoint.CheckpointReader;
import dev.cairn.checkpoint.model.ObjectLine;
import dev.cairn.checkpoint.model.StoredSlice;
import dev.cairn.checkpoint.model.VariableSpec;
import dev.cairn.jobs.show.TextTable;
import dev.cairn.jobs.show.Units;
import java.util.List;
import java.util.Optional;

/** Shows the object graph of a checkpoint, for {@code inspect}. */
final class GraphTable {
  /** The depth from which on objects are not moved to the right any further. */
  private static final int DEEPEST = 20;

  private GraphTable() {}

  /** A line for each object, its slots and parts beneath it. */
  static List<String> lines(List<ObjectLine> outline, CheckpointReader reader) {
    TextTable table = new TextTable("object", "dtype", "shape", ">bytes", "leads to");
    for (ObjectLine entry : outline) {
      Optional<VariableSpec> variable = entry.key().flatMap(reader::variable);
      table.row(
          "  ".repeat(Math.min(entry.depth(), DEEPEST)) + entry.name(),
          variable.map(spec -> spec.dtype().name()).orElse(""),
          variable.map(spec -> spec.shape().toString()).orElse(""),
          variable.map(spec -> Units.bytes(bytes(reader, spec.key()))).orElse(""),
          elsewhere(entry));
    }
    return table.lines();
  }

  private static String elsewhere(ObjectLine entry) {
    String more = entry.others() == 0 ? "" : " and " + entry.others() + " more";
    return String.join(", ", entry.elsewhere()) + more;
  }

  private static long bytes(CheckpointReader reader, String key) {
    return reader.slices(key).stream().mapToLong(StoredSlice::size).sum();
  }

  /** Does the same for programs; the key leads to the variable. */
  static void fill(ArrayNode objects, List<ObjectLine> outline) {
    for (ObjectLine entry : outline) {
      ObjectNode node = objects.addObject().put("depth", entry.depth()).put("name", entry.name());
      entry.key().ifPresent(key -> node.put("key", key));
    }
  }
}
