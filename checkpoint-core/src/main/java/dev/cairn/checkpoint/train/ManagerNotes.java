package dev.cairn.checkpoint.train;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.checkpoint.model.CheckpointException.Corrupt;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * What a manager knows of its checkpoints beyond TensorFlow's state file, which may hold nothing
 * else: steps, metrics, what is kept for good, and which ones are held. A JSON file beside the
 * state file; a folder without it is a good one. Stateless.
 *
 * <pre>
 * format        "cairn-checkpoint-notes"
 * version       1; a reader refuses any other
 * checkpoints   path, seconds, step, metric (NaN and the infinities as text), keep, held
 * </pre>
 *
 * @param known checkpoints, those of the list first
 * @param held paths of those that are not in the list
 */
record ManagerNotes(List<ManagedCheckpoint> known, List<String> held) {
  /** The file's name. */
  static final String FILE = "checkpoint.cairn.json";

  private static final String FORMAT = "cairn-checkpoint-notes";
  private static final int VERSION = 1;
  private static final JsonMapper MAPPER = JsonMapper.builder().build();

  ManagerNotes {
    known = List.copyOf(known);
    held = List.copyOf(held);
  }

  static ManagerNotes of(ManagedCheckpoints checkpoints) {
    List<ManagedCheckpoint> known = new ArrayList<>(checkpoints.active());
    known.addAll(checkpoints.held());
    return new ManagerNotes(
        known, checkpoints.held().stream().map(ManagedCheckpoint::path).toList());
  }

  byte[] encode() {
    ObjectNode root = JsonNodeFactory.instance.objectNode();
    root.put("format", FORMAT).put("version", VERSION);
    ArrayNode list = root.putArray("checkpoints");
    for (ManagedCheckpoint one : known) {
      ObjectNode node = list.addObject();
      node.put("path", one.path()).put("seconds", one.seconds()).put("step", one.step());
      if (Double.isFinite(one.metric())) {
        node.put("metric", one.metric());
      } else {
        node.put("metric", Double.toString(one.metric()));
      }
      node.put("keep", one.keep()).put("held", held.contains(one.path()));
    }
    return (root.toPrettyString() + "\n").getBytes(StandardCharsets.UTF_8);
  }

  /**
   * Reads the file.
   *
   * @param file its path, for messages
   */
  static ManagerNotes decode(byte[] bytes, String file) throws Corrupt {
    JsonNode root;
    try {
      root = MAPPER.readTree(bytes);
    } catch (JsonProcessingException e) {
      throw corrupt("it is no JSON: " + e.getOriginalMessage(), file);
    } catch (IOException e) {
      throw corrupt("it is no JSON: " + e.getMessage(), file);
    }
    if (!root.path("format").asText().equals(FORMAT) || root.path("version").asInt() != VERSION) {
      throw corrupt(
          "expected format " + FORMAT + " of version " + VERSION + ", found another", file);
    }
    List<ManagedCheckpoint> known = new ArrayList<>();
    List<String> held = new ArrayList<>();
    for (JsonNode node : root.path("checkpoints")) {
      String path = node.path("path").asText();
      JsonNode metric = node.path("metric");
      boolean number = metric.isNumber() || metric.asText().matches("NaN|-?Infinity");
      if (path.isEmpty()
          || !number
          || !node.path("seconds").isNumber()
          || !node.path("step").canConvertToLong()) {
        throw corrupt("expected path, seconds, step and metric, found " + node, file);
      }
      known.add(
          new ManagedCheckpoint(
              path,
              node.path("seconds").doubleValue(),
              node.path("step").longValue(),
              metric.isNumber() ? metric.doubleValue() : Double.parseDouble(metric.asText()),
              0,
              node.path("keep").asBoolean()));
      if (node.path("held").asBoolean()) {
        held.add(path);
      }
    }
    return new ManagerNotes(known, held);
  }

  private static Corrupt corrupt(String why, String file) {
    return new Corrupt(
        "Cannot read what a manager knew of its checkpoints: "
            + why
            + " (path="
            + file
            + "); delete this file to go on without steps, metrics and what was kept by name");
  }
}
