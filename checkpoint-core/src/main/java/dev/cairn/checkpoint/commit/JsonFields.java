package dev.cairn.checkpoint.commit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.checkpoint.model.CheckpointException;
import dev.cairn.checkpoint.model.CheckpointException.Corrupt;
import dev.cairn.checkpoint.store.CheckpointFileNames;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** Strict look-ups in a JSON object: a missing or odd field is an error with the field's name. */
record JsonFields(JsonNode node, String path, String name) {

  JsonFields {
    if (!node.isObject()) {
      // Made into a Corrupt by the one caller that hands in something unchecked.
      throw new IllegalArgumentException(
          name.isEmpty() ? "it is no JSON object" : "field '" + name + "' is no object");
    }
  }

  /** One element of an array of objects. */
  interface Reader<T> {
    T read(JsonFields fields) throws CheckpointException;
  }

  static String broken(String path, String why) {
    if (path.endsWith("/" + CheckpointFileNames.PATCH)) {
      return "Cannot read a patch: "
          + why
          + " (path="
          + path
          + "); it is damaged, fetch it again, or make it anew";
    }
    boolean version =
        path.endsWith("/" + CheckpointFileNames.VERSION)
            || CheckpointFileNames.collectedVersion(CheckpointFileNames.lastPart(path)).isPresent();
    return "Cannot read "
        + (version ? "a published version's record: " : "manifest: ")
        + why
        + " (path="
        + path
        + "); the "
        + (version ? "record is damaged" : "checkpoint is damaged, use an older one");
  }

  boolean has(String field) {
    return node.has(field);
  }

  private JsonNode field(String field, boolean good, String expected) throws CheckpointException {
    JsonNode value = node.get(field);
    if (value == null) {
      throw new Corrupt(broken(path, "field '" + full(field) + "' is missing"));
    }
    if (!good) {
      throw new Corrupt(
          broken(
              path,
              "field '" + full(field) + "' is odd, expected " + expected + ", found " + value));
    }
    return value;
  }

  private String full(String field) {
    return name.isEmpty() ? field : name + "." + field;
  }

  String text(String field) throws CheckpointException {
    return field(field, node.path(field).isTextual(), "text").textValue();
  }

  long number(String field) throws CheckpointException {
    JsonNode value = node.path(field);
    return field(field, value.isIntegralNumber() && value.canConvertToLong(), "a whole number")
        .longValue();
  }

  Instant instant(String field) throws CheckpointException {
    try {
      return Instant.parse(text(field));
    } catch (DateTimeException e) {
      throw new Corrupt(broken(path, "field '" + full(field) + "' is no time"), e);
    }
  }

  int checksum(String field) throws CheckpointException {
    String text = text(field);
    field(field, text.matches("[0-9a-f]{8}"), "8 hex digits");
    return Integer.parseUnsignedInt(text, 16);
  }

  JsonFields object(String field) throws CheckpointException {
    JsonNode value = field(field, node.path(field).isObject(), "an object");
    return new JsonFields(value, path, full(field));
  }

  <T> List<T> objects(String field, Reader<T> reader) throws CheckpointException {
    JsonNode array = field(field, node.path(field).isArray(), "a list");
    List<T> read = new ArrayList<>();
    for (JsonNode element : array) {
      read.add(reader.read(new JsonFields(element, path, full(field) + "[" + read.size() + "]")));
    }
    return read;
  }

  /** A list of texts. */
  List<String> list(String field) throws CheckpointException {
    return texts(field(field, node.path(field).isArray(), "a list"), field);
  }

  /** A list of lists of texts. */
  List<List<String>> lists(String field) throws CheckpointException {
    List<List<String>> read = new ArrayList<>();
    for (JsonNode element : field(field, node.path(field).isArray(), "a list of lists")) {
      field(field, element.isArray(), "a list of lists");
      read.add(texts(element, field));
    }
    return read;
  }

  private List<String> texts(JsonNode array, String field) throws CheckpointException {
    List<String> read = new ArrayList<>();
    for (JsonNode element : array) {
      field(field, element.isTextual(), "texts");
      read.add(element.textValue());
    }
    return read;
  }

  SortedMap<String, Long> numbers() throws CheckpointException {
    SortedMap<String, Long> map = new TreeMap<>();
    for (Map.Entry<String, JsonNode> entry : node.properties()) {
      map.put(entry.getKey(), number(entry.getKey()));
    }
    return map;
  }

  /** The objects by their fields. */
  SortedMap<String, JsonFields> objects() throws CheckpointException {
    SortedMap<String, JsonFields> map = new TreeMap<>();
    for (Map.Entry<String, JsonNode> entry : node.properties()) {
      map.put(entry.getKey(), object(entry.getKey()));
    }
    return map;
  }

  SortedMap<String, String> texts() throws CheckpointException {
    SortedMap<String, String> map = new TreeMap<>();
    for (Map.Entry<String, JsonNode> entry : node.properties()) {
      map.put(entry.getKey(), text(entry.getKey()));
    }
    return map;
  }

  /** Numbers; NaN and the infinities as text, since JSON has none. */
  SortedMap<String, Double> doubles() throws CheckpointException {
    SortedMap<String, Double> map = new TreeMap<>();
    for (Map.Entry<String, JsonNode> entry : node.properties()) {
      map.put(entry.getKey(), real(entry.getKey()));
    }
    return map;
  }

  /** Writes such a number. */
  static void put(ObjectNode node, String field, double value) {
    if (Double.isFinite(value)) {
      node.put(field, value);
    } else {
      node.put(field, Double.toString(value));
    }
  }

  /** One such number. */
  double real(String field) throws CheckpointException {
    JsonNode value = node.path(field);
    boolean named = value.isTextual() && value.textValue().matches("NaN|-?Infinity");
    field(field, value.isNumber() || named, "a number");
    return named ? Double.parseDouble(value.textValue()) : value.doubleValue();
  }
}
