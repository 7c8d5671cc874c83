package dev.cairn.checkpoint.formats;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import dev.cairn.checkpoint.io.Pieces;
import dev.cairn.checkpoint.model.CheckpointException.Corrupt;
import dev.cairn.checkpoint.model.CheckpointException.Mismatch;
import dev.cairn.checkpoint.model.DType;
import dev.cairn.checkpoint.model.Shape;
import dev.cairn.checkpoint.model.VariableSpec;
import dev.cairn.checkpoint.store.CheckpointStore;
import dev.cairn.checkpoint.store.StoreInput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A safetensors file, local or in HDFS: only what is asked for is read. The header is refused
 * unless its tensors cover the rest of the file exactly, as the format wants it.
 */
final class SafetensorsFile implements TensorSource {
  /** The format's own limit. */
  static final int MOST_HEADER = 100_000_000;

  static final String METADATA = "__metadata__";

  private static final int PIECE_BYTES = 1 << 20;
  private static final JsonFactory JSON =
      JsonFactory.builder()
          .enable(com.fasterxml.jackson.core.StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .build();

  /** Where a tensor lies, counted from the header's end. */
  private record Place(VariableSpec tensor, long begin, long end) {}

  private final CheckpointStore store;
  private final StoreInput in;
  private final String path;
  private final long dataStart;
  private final Map<String, Place> places = new LinkedHashMap<>();

  private SafetensorsFile(CheckpointStore store, StoreInput in, String path) throws IOException {
    this.store = store;
    this.in = in;
    this.path = path;
    byte[] header = header();
    this.dataStart = Long.BYTES + (long) header.length;
    try (JsonParser json = JSON.createParser(header)) {
      parse(json);
    } catch (JsonProcessingException e) {
      throw corrupt("its header is no JSON: " + e.getOriginalMessage());
    }
    requireCovered();
  }

  /** Opens a file; the store is closed with it. */
  static SafetensorsFile open(CheckpointStore store, String path) throws IOException {
    StoreInput in = store.open(path);
    try {
      return new SafetensorsFile(store, in, path);
    } catch (IOException e) {
      in.close();
      throw e;
    }
  }

  private Corrupt corrupt(String why) {
    return new Corrupt(
        "Cannot read safetensors: " + why + " (path=" + path + "); write the file anew");
  }

  private byte[] header() throws IOException {
    if (in.length() < Long.BYTES) {
      throw corrupt("expected the header's length in 8 bytes, found a file of " + in.length());
    }
    ByteBuffer length = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    in.readFully(0, length);
    long bytes = length.getLong(0);
    long most = Math.min(MOST_HEADER, in.length() - Long.BYTES);
    if (bytes < 2 || bytes > most) {
      throw corrupt(
          "expected a header of 2 to "
              + most
              + " bytes in a file of "
              + in.length()
              + ", found "
              + Long.toUnsignedString(bytes));
    }
    byte[] header = new byte[(int) bytes];
    in.readFully(Long.BYTES, ByteBuffer.wrap(header));
    return header;
  }

  private void parse(JsonParser json) throws IOException {
    if (json.nextToken() != JsonToken.START_OBJECT) {
      throw corrupt("expected a JSON object as header, found " + json.currentToken());
    }
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String name = json.currentName();
      if (json.nextToken() != JsonToken.START_OBJECT) {
        throw corrupt("expected an object for " + name + ", found " + json.currentToken());
      }
      if (name.equals(METADATA)) {
        json.skipChildren();
      } else {
        Place place = tensor(name, json);
        places.put(name, place);
      }
    }
    if (json.nextToken() != null) {
      throw corrupt("expected nothing behind the header's object, found " + json.currentToken());
    }
  }

  private Place tensor(String name, JsonParser json) throws IOException {
    String type = "";
    long[] shape = null;
    long[] offsets = null;
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String field = json.currentName();
      JsonToken value = json.nextToken();
      switch (field) {
        case "dtype" -> type = value == JsonToken.VALUE_STRING ? json.getText() : "";
        case "shape" -> shape = numbers(name, field, json);
        case "data_offsets" -> offsets = numbers(name, field, json);
        default -> throw corrupt("tensor " + name + " has a field " + field + ", which none has");
      }
    }
    if (name.isEmpty()) {
      throw corrupt("a tensor has an empty name");
    }
    if (type.isEmpty() || shape == null || offsets == null || offsets.length != 2) {
      throw corrupt("expected dtype, shape and two data_offsets of tensor " + name);
    }
    String known = type;
    DType dtype =
        SafetensorsTypes.type(type)
            .orElseThrow(
                () ->
                    new Mismatch(
                        "Cannot read safetensors: tensor "
                            + name
                            + " is of type "
                            + known
                            + ", which TensorFlow's checkpoints lack (path="
                            + path
                            + ")"));
    VariableSpec tensor;
    long bytes;
    try {
      tensor = new VariableSpec(name, dtype, Shape.of(shape));
      bytes = TensorWrites.bytes(tensor);
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw corrupt("the shape of tensor " + name + " is none: " + e.getMessage());
    }
    long room = in.length() - dataStart;
    if (offsets[0] < 0 || offsets[1] > room || offsets[1] - offsets[0] != bytes) {
      throw corrupt(
          "expected the "
              + bytes
              + " bytes of tensor "
              + tensor
              + " within the "
              + room
              + " behind the header, found them from "
              + offsets[0]
              + " to "
              + offsets[1]);
    }
    return new Place(tensor, offsets[0], offsets[1]);
  }

  private long[] numbers(String name, String field, JsonParser json) throws IOException {
    List<Long> numbers = new ArrayList<>();
    boolean good = json.currentToken() == JsonToken.START_ARRAY;
    while (good && json.nextToken() != JsonToken.END_ARRAY) {
      good = json.currentToken() == JsonToken.VALUE_NUMBER_INT;
      if (good) {
        numbers.add(json.getLongValue());
      }
    }
    if (!good) {
      throw corrupt("expected whole numbers as " + field + " of tensor " + name);
    }
    return numbers.stream().mapToLong(Long::longValue).toArray();
  }

  /** The tensors lie one behind the other, up to the file's end. */
  private void requireCovered() throws Corrupt {
    List<Place> inOrder = new ArrayList<>(places.values());
    inOrder.sort(Comparator.comparingLong(Place::begin).thenComparingLong(Place::end));
    long at = 0;
    for (Place place : inOrder) {
      if (place.begin() != at) {
        throw corrupt(
            "tensor "
                + place.tensor().key()
                + (place.begin() < at ? " overlaps the one before it" : " has a gap before it")
                + ": expected it at byte "
                + at
                + ", found it at "
                + place.begin());
      }
      at = place.end();
    }
    long room = in.length() - dataStart;
    if (at != room) {
      throw corrupt("expected " + at + " bytes behind the header, found " + room);
    }
  }

  @Override
  public String path() {
    return path;
  }

  @Override
  public List<VariableSpec> tensors() {
    return places.values().stream().map(Place::tensor).toList();
  }

  @Override
  public void read(VariableSpec tensor, Pieces into) throws IOException {
    Place place = places.get(tensor.key());
    if (place == null) {
      throw missing(tensor.key());
    }
    ByteBuffer buffer =
        ByteBuffer.allocate((int) Math.min(PIECE_BYTES, place.end() - place.begin()))
            .order(ByteOrder.LITTLE_ENDIAN);
    int count;
    for (long at = place.begin(); at < place.end(); at += count) {
      count = (int) Math.min(buffer.capacity(), place.end() - at);
      in.readFully(dataStart + at, buffer.clear().limit(count));
      into.take(buffer.flip());
    }
  }

  @Override
  public void close() throws IOException {
    try (store) {
      in.close();
    }
  }
}
