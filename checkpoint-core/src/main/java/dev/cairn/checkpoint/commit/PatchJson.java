package dev.cairn.checkpoint.commit;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.checkpoint.model.CheckpointException;
import dev.cairn.checkpoint.model.CheckpointException.Corrupt;
import dev.cairn.checkpoint.model.CheckpointException.UnsupportedVersion;
import dev.cairn.checkpoint.model.PatchHeader;
import dev.cairn.checkpoint.model.PatchHeader.Side;
import java.io.IOException;

/** The header of a patch as JSON, sealed by a checksum as the manifest is. Stateless. */
public final class PatchJson {
  private static final String FORMAT = "cairn-patch";
  private static final String VERSION = "1.0";
  private static final String MAJOR = "1.";

  private PatchJson() {}

  /** The header as a file's bytes, checksum included. */
  public static byte[] encode(PatchHeader header) throws IOException {
    ObjectNode root = JsonNodeFactory.instance.objectNode();
    root.put("format", FORMAT).put("version", VERSION).put("model", header.model());
    put(root.putObject("base"), header.base());
    put(root.putObject("result"), header.result());
    return SealedJson.seal(root);
  }

  private static void put(ObjectNode node, Side side) {
    node.put("number", side.number()).put("attempt", side.attempt());
    ManifestJson.putFile(node.putObject("index"), side.index());
  }

  /**
   * Reads a header back.
   *
   * @param path the path of the bytes, for messages
   * @throws Corrupt if a byte is not what was written, or a field is missing or makes no sense
   * @throws UnsupportedVersion if a newer program wrote it
   */
  public static PatchHeader decode(byte[] bytes, String path) throws CheckpointException {
    JsonFields root = SealedJson.open(bytes, path, FORMAT);
    String version = root.text("version");
    if (!version.startsWith(MAJOR)) {
      throw new UnsupportedVersion(
          "Cannot read a patch: expected format "
              + MAJOR
              + "x, found "
              + version
              + " (path="
              + path
              + "); apply it with the Cairn that made it, or a newer one");
    }
    try {
      return new PatchHeader(
          root.text("model"), side(root.object("base")), side(root.object("result")));
    } catch (IllegalArgumentException e) {
      throw new Corrupt(JsonFields.broken(path, String.valueOf(e.getMessage())), e);
    }
  }

  private static Side side(JsonFields node) throws CheckpointException {
    return new Side(
        node.number("number"), node.text("attempt"), ManifestJson.file(node.object("index")));
  }
}
