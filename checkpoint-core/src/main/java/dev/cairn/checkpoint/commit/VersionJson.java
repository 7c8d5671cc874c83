package dev.cairn.checkpoint.commit;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.checkpoint.model.CheckpointException;
import dev.cairn.checkpoint.model.CheckpointException.Corrupt;
import dev.cairn.checkpoint.model.CheckpointException.UnsupportedVersion;
import dev.cairn.checkpoint.model.VersionRecord;
import dev.cairn.checkpoint.model.VersionRecord.Origin;
import dev.cairn.checkpoint.model.VersionRecord.Range;
import dev.cairn.checkpoint.model.VersionRecord.UsedData;
import java.io.IOException;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The record of a published version as JSON, sealed by a checksum as the manifest is. All fields
 * but {@code parent}, {@code previous} and {@code data} must be there; unknown ones are ignored.
 * Stateless.
 */
public final class VersionJson {
  private static final String FORMAT = "cairn-version";
  private static final String VERSION = "1.0";
  private static final String MAJOR = "1.";

  private VersionJson() {}

  /** The record as a file's bytes, checksum included. */
  public static byte[] encode(VersionRecord record) throws IOException {
    ObjectNode root = JsonNodeFactory.instance.objectNode();
    root.put("format", FORMAT).put("version", VERSION).put("number", record.number());
    root.put("created", record.created().toString()).put("by", record.by());
    root.put("origin", record.origin().name().toLowerCase(Locale.ROOT));
    record.parent().ifPresent(parent -> root.put("parent", parent));
    record.previous().ifPresent(previous -> root.put("previous", previous));
    root.put("checkpoint", record.checkpoint()).put("attempt", record.attempt());
    root.put("step", record.step()).put("kind", record.kind());
    record.data().ifPresent(data -> put(root.putObject("data"), data));
    put(root.putObject("figures"), record.figures());
    put(root.putObject("before"), record.before());
    ArrayNode gate = root.putArray("gate");
    record.gate().forEach(gate::add);
    ArrayNode files = root.putArray("files");
    record.files().forEach(file -> ManifestJson.putFile(files.addObject(), file));
    return SealedJson.seal(root);
  }

  private static void put(ObjectNode node, UsedData data) {
    node.put("input", data.input()).put("fingerprint", data.fingerprint());
    node.put("rows", data.rows());
    data.range()
        .ifPresent(
            range ->
                node.putObject("range")
                    .put("column", range.column())
                    .put("from", range.from())
                    .put("to", range.to()));
  }

  private static void put(ObjectNode node, Map<String, Double> figures) {
    figures.forEach((name, value) -> JsonFields.put(node, name, value));
  }

  /**
   * Reads a record back.
   *
   * @param path the path of the bytes, for messages
   * @throws Corrupt if a byte is not what was written, or a field is missing or makes no sense
   * @throws UnsupportedVersion if a newer program wrote it
   */
  public static VersionRecord decode(byte[] bytes, String path) throws CheckpointException {
    JsonFields root = SealedJson.open(bytes, path, FORMAT);
    String version = root.text("version");
    if (!version.startsWith(MAJOR)) {
      throw new UnsupportedVersion(
          "Cannot read a published version: expected its record to be of format "
              + MAJOR
              + "x, found "
              + version
              + " (path="
              + path
              + "); read it with the Cairn that wrote it, or a newer one");
    }
    try {
      return record(root, path);
    } catch (IllegalArgumentException e) {
      throw new Corrupt(JsonFields.broken(path, String.valueOf(e.getMessage())), e);
    }
  }

  private static VersionRecord record(JsonFields root, String path) throws CheckpointException {
    return new VersionRecord(
        root.number("number"),
        root.instant("created"),
        root.text("by"),
        origin(root.text("origin"), path),
        number(root, "parent"),
        number(root, "previous"),
        root.text("checkpoint"),
        root.text("attempt"),
        root.number("step"),
        root.text("kind"),
        root.has("data") ? Optional.of(data(root.object("data"))) : Optional.empty(),
        root.object("figures").doubles(),
        root.object("before").doubles(),
        root.list("gate"),
        root.objects("files", ManifestJson::file));
  }

  private static Origin origin(String text, String path) throws Corrupt {
    for (Origin origin : Origin.values()) {
      if (origin.name().toLowerCase(Locale.ROOT).equals(text)) {
        return origin;
      }
    }
    throw new Corrupt(JsonFields.broken(path, "field 'origin' is " + text));
  }

  private static Optional<Long> number(JsonFields node, String field) throws CheckpointException {
    return node.has(field) ? Optional.of(node.number(field)) : Optional.empty();
  }

  private static UsedData data(JsonFields node) throws CheckpointException {
    Optional<Range> range = Optional.empty();
    if (node.has("range")) {
      JsonFields of = node.object("range");
      range = Optional.of(new Range(of.text("column"), of.text("from"), of.text("to")));
    }
    return new UsedData(node.text("input"), node.text("fingerprint"), node.number("rows"), range);
  }
}
