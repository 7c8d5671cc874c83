package dev.cairn.checkpoint.commit;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.checkpoint.model.CheckpointException;
import dev.cairn.checkpoint.model.CheckpointException.Corrupt;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.zip.CRC32C;

/**
 * A JSON object whose last field, {@code crc32c}, is the checksum of the file with these digits
 * read as zeros: a byte that was changed, or an end that is missing, is noticed. Stateless.
 */
final class SealedJson {
  private static final String TAIL_START = "  \"crc32c\" : \"";
  private static final String TAIL_END = "\"\n}\n";
  private static final int DIGITS = 8;

  /**
   * The most characters of one text: the scales and means of 2^20 features need nearly half of it.
   */
  private static final int LONGEST_TEXT = 1 << 26;

  private static final JsonMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder().maxStringLength(LONGEST_TEXT).build())
                  .build())
          .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private SealedJson() {}

  /** A tree in which no name is there twice. */
  static JsonNode tree(byte[] json) throws IOException {
    return MAPPER.readTree(json);
  }

  /** Adds the checksum to an object, and writes it. */
  static byte[] seal(ObjectNode root) throws IOException {
    root.put("crc32c", "0".repeat(DIGITS));
    DefaultIndenter indenter = new DefaultIndenter("  ", "\n");
    DefaultPrettyPrinter printer =
        new DefaultPrettyPrinter().withObjectIndenter(indenter).withArrayIndenter(indenter);
    byte[] bytes =
        (MAPPER.writer(printer).writeValueAsString(root) + "\n").getBytes(StandardCharsets.UTF_8);
    byte[] digits = hex(checksum(bytes)).getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(digits, 0, bytes, bytes.length - TAIL_END.length() - DIGITS, DIGITS);
    return bytes;
  }

  /**
   * Reads an object.
   *
   * @param path the path of the bytes, for messages
   * @param format the value of its field {@code format}
   * @throws Corrupt if a byte is not what was written, or it is no such object
   */
  static JsonFields open(byte[] bytes, String path, String format) throws CheckpointException {
    checkChecksum(bytes, path);
    JsonFields root;
    try {
      root = new JsonFields(tree(bytes), path, "");
    } catch (JsonProcessingException e) {
      throw new Corrupt(JsonFields.broken(path, "it is no JSON: " + e.getOriginalMessage()), e);
    } catch (IOException e) {
      throw new Corrupt(JsonFields.broken(path, "it cannot be parsed"), e);
    } catch (IllegalArgumentException e) {
      throw new Corrupt(JsonFields.broken(path, String.valueOf(e.getMessage())), e);
    }
    if (!root.text("format").equals(format)) {
      throw new Corrupt(JsonFields.broken(path, "field 'format' is not " + format));
    }
    return root;
  }

  private static void checkChecksum(byte[] bytes, String path) throws CheckpointException {
    int tail = TAIL_START.length() + DIGITS + TAIL_END.length();
    int start = bytes.length - tail;
    if (start < 0
        || !isAt(bytes, start, TAIL_START)
        || !isAt(bytes, bytes.length - TAIL_END.length(), TAIL_END)) {
      throw new Corrupt(
          JsonFields.broken(path, "it does not end with its checksum (cut short, or no manifest)"));
    }
    int from = start + TAIL_START.length();
    String stored = new String(bytes, from, DIGITS, StandardCharsets.ISO_8859_1);
    String found = hex(checksum(bytes));
    if (!stored.equals(found)) {
      throw new Corrupt(
          JsonFields.broken(path, "checksum differs, expected " + stored + ", found " + found));
    }
  }

  private static boolean isAt(byte[] bytes, int at, String text) {
    byte[] wanted = text.getBytes(StandardCharsets.US_ASCII);
    return Arrays.equals(bytes, at, at + wanted.length, wanted, 0, wanted.length);
  }

  /** The checksum of all bytes, with its own digits taken as zeros. */
  private static int checksum(byte[] bytes) {
    int digits = bytes.length - TAIL_END.length() - DIGITS;
    CRC32C crc = new CRC32C();
    crc.update(bytes, 0, digits);
    crc.update("0".repeat(DIGITS).getBytes(StandardCharsets.US_ASCII), 0, DIGITS);
    crc.update(bytes, digits + DIGITS, TAIL_END.length());
    return (int) crc.getValue();
  }

  static String hex(int value) {
    return String.format(Locale.ROOT, "%08x", value);
  }
}
