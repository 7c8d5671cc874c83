package dev.cairn.checkpoint.commit;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.checkpoint.model.CheckpointException;
import dev.cairn.checkpoint.model.CheckpointException.Corrupt;
import dev.cairn.checkpoint.model.DType;
import dev.cairn.checkpoint.model.DataPosition;
import dev.cairn.checkpoint.model.Shape;
import dev.cairn.checkpoint.model.VariableSpec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * The position in the data as JSON: in the manifest, and as a tensor of its own beside the
 * variables. That tensor is of no object in the graph: a program that knows nothing of it restores
 * all the rest, and still passes {@code assert_consumed()}. Stateless.
 */
public final class DataPositionJson {

  /** The tensor: a scalar of type STRING. */
  public static final VariableSpec SPEC =
      new VariableSpec("data_position/.ATTRIBUTES/json", DType.STRING, Shape.scalar());

  private DataPositionJson() {}

  /** The tensor's element. */
  public static byte[] encode(DataPosition position) {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    put(node, position);
    return node.toString().getBytes(StandardCharsets.UTF_8);
  }

  /**
   * Reads it back.
   *
   * @param path of the checkpoint, for messages
   * @throws Corrupt if it is no position
   */
  public static DataPosition decode(byte[] json, String path) throws CheckpointException {
    try {
      return read(new JsonFields(SealedJson.tree(json), path, "data_position"));
    } catch (JsonProcessingException e) {
      throw broken(path, "it is no JSON: " + e.getOriginalMessage(), e);
    } catch (IOException | IllegalArgumentException | ArithmeticException e) {
      throw broken(path, String.valueOf(e.getMessage()), e);
    }
  }

  private static Corrupt broken(String path, String why, Exception cause) {
    return new Corrupt(
        "Cannot read the data position "
            + SPEC.key()
            + ": "
            + why
            + " (path="
            + path
            + "); use an older checkpoint",
        cause);
  }

  static void put(ObjectNode node, DataPosition position) {
    node.put("epoch", position.epoch())
        .put("batch", position.batch())
        .put("batchesPerEpoch", position.batchesPerEpoch())
        .put("partitions", position.partitions())
        .put("rows", position.rows())
        .put("fingerprint", position.fingerprint());
  }

  static DataPosition read(JsonFields data) throws CheckpointException {
    return new DataPosition(
        data.number("epoch"),
        data.number("batch"),
        data.number("batchesPerEpoch"),
        Math.toIntExact(data.number("partitions")),
        data.number("rows"),
        data.text("fingerprint"));
  }
}
