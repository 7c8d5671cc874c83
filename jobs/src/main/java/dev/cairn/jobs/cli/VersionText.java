package dev.cairn.jobs.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.checkpoint.model.VersionRecord;
import dev.cairn.checkpoint.publish.ModelVersion;
import dev.cairn.jobs.show.Units;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;

/** A published version as people and programs read it. */
final class VersionText {
  private final String folder;
  private final VersionRecord record;

  VersionText(ModelVersion version) {
    this(version.folder(), version.record());
  }

  /**
   * Makes one of a record.
   *
   * @param folder empty if the version was collected
   */
  VersionText(String folder, VersionRecord record) {
    this.folder = folder;
    this.record = record;
  }

  /** The version in one line. */
  String line() {
    return "version "
        + record.number()
        + " ("
        + record.kind()
        + ", step "
        + Units.count(record.step())
        + ", "
        + how()
        + ")";
  }

  /** How it came about, in words. */
  String how() {
    String parent = record.parent().map(of -> " " + of).orElse("");
    return switch (record.origin()) {
      case PUBLISH -> parent.isEmpty() ? "published" : "published, trained from" + parent;
      case REFRESH -> parent.isEmpty() ? "first of its refreshes" : "refreshed from" + parent;
      case ROLLBACK -> "rolled back to" + parent;
    };
  }

  /** The main figure, such as {@code logLoss 0.4312}; a dash if there is none. */
  String figure() {
    return figure(record.figures());
  }

  /** The main figure of some. */
  static String figure(SortedMap<String, Double> figures) {
    for (String name : new String[] {"logLoss", "loss"}) {
      Double value = figures.get(name);
      if (value != null) {
        return name + " " + FiguresText.decimals(value);
      }
    }
    return "-";
  }

  /** The rows that it was trained on since its parent; a dash if nobody said. */
  String data() {
    return record
        .data()
        .map(data -> Units.count(data.rows()) + data.range().map(range -> ", " + range).orElse(""))
        .orElse("-");
  }

  /** All that is known, for programs. */
  ObjectNode json() {
    ObjectNode node = CheckpointVerb.JSON.createObjectNode().put("version", record.number());
    if (folder.isEmpty()) {
      node.put("collected", true);
    } else {
      node.put("path", folder);
    }
    node.put("created", record.created().toString()).put("by", record.by());
    node.put("origin", record.origin().name().toLowerCase(Locale.ROOT));
    record.parent().ifPresent(of -> node.put("parent", of));
    record.previous().ifPresent(of -> node.put("previous", of));
    node.put("checkpoint", record.checkpoint()).put("step", record.step());
    node.put("kind", record.kind());
    record
        .data()
        .ifPresent(
            data -> {
              ObjectNode used = node.putObject("data");
              used.put("input", data.input()).put("fingerprint", data.fingerprint());
              used.put("rows", data.rows());
              data.range()
                  .ifPresent(
                      range ->
                          used.put("column", range.column())
                              .put("from", range.from())
                              .put("to", range.to()));
            });
    put(node.putObject("figures"), record.figures());
    put(node.putObject("before"), record.before());
    record.gate().forEach(node.putArray("gate")::add);
    return node;
  }

  private static void put(ObjectNode node, Map<String, Double> figures) {
    figures.forEach(
        (name, value) -> {
          if (Double.isFinite(value)) {
            node.put(name, value);
          } else {
            node.put(name, value.toString());
          }
        });
  }
}
