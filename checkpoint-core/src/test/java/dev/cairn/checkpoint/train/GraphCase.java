package dev.cairn.checkpoint.train;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.checkpoint.graph.Slot;
import dev.cairn.checkpoint.graph.SlotOwner;
import dev.cairn.checkpoint.graph.State;
import dev.cairn.checkpoint.graph.Trackable;
import dev.cairn.checkpoint.graph.Variable;
import dev.cairn.checkpoint.model.CheckpointException;
import dev.cairn.checkpoint.model.DType;
import dev.cairn.checkpoint.model.Shape;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A program that saves and a program that restores, told in words that {@code graphs.py} builds the
 * same objects from, and what comes of it here.
 */
final class GraphCase {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final ObjectNode json = JSON.createObjectNode();

  private GraphCase() {}

  /** A case; {@code by} is save or write, {@code how} restore or read. */
  static GraphCase of(String name, Program saved, Program restored, String by, String how) {
    GraphCase made = new GraphCase();
    made.json.put("name", name).put("by", by).put("how", how);
    made.json.set("saved", saved.json);
    made.json.set("restored", restored.json);
    return made;
  }

  static GraphCase of(String name, Program saved, Program restored) {
    return of(name, saved, restored, "save", "restore");
  }

  /** A case of a file that is there already, or of none at all. */
  static GraphCase at(String name, Program restored, Path path) {
    GraphCase made = of(name, restored, restored);
    made.json.put("path", path == null ? null : path.toString());
    return made;
  }

  boolean hasPath() {
    return json.has("path");
  }

  /** What comes of the path that it has. */
  List<String> outcome() throws IOException {
    JsonNode path = json.get("path");
    return outcome(path.isNull() ? null : path.asText());
  }

  String name() {
    return json.get("name").asText();
  }

  static String toJson(List<GraphCase> cases) throws IOException {
    ArrayNode all = JSON.createArrayNode();
    cases.forEach(one -> all.add(one.json));
    return JSON.writeValueAsString(all);
  }

  /** Saves the one program under a prefix without its number. */
  void save(String prefix) throws IOException {
    Checkpoint checkpoint = new Built(json.get("saved")).checkpoint;
    if (json.get("by").asText().equals("save")) {
      checkpoint.save(prefix);
    } else {
      checkpoint.write(prefix + "-1");
    }
  }

  /** Restores the other one; the fields are those that the script prints. */
  List<String> outcome(String path) throws IOException {
    Built built = new Built(json.get("restored"));
    LoadStatus status;
    try {
      status =
          json.get("how").asText().equals("restore")
              ? built.checkpoint.restore(path)
              : built.checkpoint.read(path);
    } catch (CheckpointException e) {
      List<String> values = built.values();
      return values.equals(new Built(json.get("restored")).values())
          ? List.of("error", e.getClass().getSimpleName())
          : List.of("error", "but values changed");
    }
    List<String> fields = new ArrayList<>(List.of("ok"));
    fields.add(passes(status::assertConsumed));
    fields.add(passes(status::assertExistingObjectsMatched));
    fields.add(passes(status::assertNontrivialMatch));
    fields.addAll(built.values());
    status.expectPartial();
    return fields;
  }

  private interface Question {
    LoadStatus ask() throws IOException;
  }

  private static String passes(Question question) throws IOException {
    try {
      question.ask();
      return "pass";
    } catch (CheckpointException.Mismatch e) {
      return "fail";
    }
  }

  /** Puts a program together. */
  static final class Program {
    final ObjectNode json = JSON.createObjectNode();
    private final ArrayNode nodes = json.putArray("nodes");
    private final ArrayNode named = json.putArray("named");

    Program() {
      json.put("root", -1);
    }

    Program root(int node) {
      json.put("root", node);
      return this;
    }

    Program named(String name, int node) {
      named.addArray().add(name).add(node);
      return this;
    }

    int variable(String dtype, int seed, long... shape) {
      ObjectNode node = nodes.addObject().put("kind", "variable").put("dtype", dtype);
      node.put("seed", seed);
      ArrayNode dims = node.putArray("shape");
      for (long dim : shape) {
        dims.add(dim);
      }
      return nodes.size() - 1;
    }

    int state(int seed) {
      nodes.addObject().put("kind", "state").put("seed", seed);
      return nodes.size() - 1;
    }

    int node(String kind) {
      nodes.addObject().put("kind", kind).putArray("children");
      return nodes.size() - 1;
    }

    int optimizer() {
      int node = node("optimizer");
      ((ObjectNode) nodes.get(node)).putArray("slots");
      return node;
    }

    Program child(int of, String name, int child) {
      ((ArrayNode) nodes.get(of).get("children")).addArray().add(name).add(child);
      return this;
    }

    Program slot(int optimizer, int variable, String name, int slot) {
      ((ArrayNode) nodes.get(optimizer).get("slots")).addArray().add(variable).add(name).add(slot);
      return this;
    }

    ArrayNode nodes() {
      return nodes;
    }
  }

  /** A state of a few bytes. */
  private static final class Text implements State {
    private byte[] bytes;

    Text(String text) {
      this.bytes = text.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public byte[] save() {
      return bytes;
    }

    @Override
    public void restore(byte[] saved) {
      bytes = saved;
    }
  }

  /** An optimizer with slots. */
  private static final class Optimizer extends AutoTrackable implements SlotOwner {
    final List<Slot> slots = new ArrayList<>();

    void child(String name, Trackable child) {
      track(name, child);
    }

    @Override
    public List<Slot> slots() {
      return slots;
    }
  }

  /** The objects of a program. */
  private static final class Built {
    final List<Trackable> made = new ArrayList<>();
    final Checkpoint checkpoint;

    Built(JsonNode program) {
      JsonNode nodes = program.get("nodes");
      for (JsonNode node : nodes) {
        made.add(make(node));
      }
      for (int i = 0; i < made.size(); i++) {
        JsonNode children = nodes.get(i).path("children");
        Map<String, Trackable> all = new LinkedHashMap<>();
        children.forEach(child -> all.put(child.get(0).asText(), made.get(child.get(1).asInt())));
        if (made.get(i) instanceof Net net) {
          all.forEach(net::with);
        } else if (made.get(i) instanceof Optimizer optimizer) {
          all.forEach(optimizer::child);
          for (JsonNode slot : nodes.get(i).get("slots")) {
            optimizer.slots.add(
                new Slot(
                    (Variable) made.get(slot.get(0).asInt()),
                    slot.get(1).asText(),
                    (Variable) made.get(slot.get(2).asInt())));
          }
        }
      }
      Map<String, Trackable> named = new LinkedHashMap<>();
      program
          .get("named")
          .forEach(one -> named.put(one.get(0).asText(), made.get(one.get(1).asInt())));
      int root = program.get("root").asInt();
      checkpoint = root >= 0 ? new Checkpoint(made.get(root), named) : new Checkpoint(named);
    }

    private Trackable make(JsonNode node) {
      return switch (node.get("kind").asText()) {
        case "variable" -> variable(node);
        case "state" -> new Text("s" + node.get("seed").asInt());
        case "object" -> new Net();
        case "optimizer" -> new Optimizer();
        case "list" -> {
          TrackableList<Trackable> list = new TrackableList<>();
          node.get("children").forEach(child -> list.add(made.get(child.get(1).asInt())));
          yield list;
        }
        case "dict" -> {
          TrackableMap<Trackable> map = new TrackableMap<>();
          node.get("children")
              .forEach(child -> map.put(child.get(0).asText(), made.get(child.get(1).asInt())));
          yield map;
        }
        case "tuple" -> {
          List<Trackable> items = new ArrayList<>();
          node.get("children").forEach(child -> items.add(made.get(child.get(1).asInt())));
          yield TrackableTuple.of(items.toArray(new Trackable[0]));
        }
        default -> throw new IllegalArgumentException(node.toString());
      };
    }

    private static Variable variable(JsonNode node) {
      List<Long> dims = new ArrayList<>();
      node.get("shape").forEach(dim -> dims.add(dim.asLong()));
      Shape shape = Shape.of(dims.stream().mapToLong(Long::longValue).toArray());
      int seed = node.get("seed").asInt();
      int count = (int) shape.elements();
      return switch (node.get("dtype").asText()) {
        case "float32" -> {
          float[] values = new float[count];
          for (int i = 0; i < count; i++) {
            values[i] = i % 50 + seed;
          }
          yield ArrayVariable.of(DType.FLOAT, shape, values);
        }
        case "float64" -> {
          double[] values = new double[count];
          for (int i = 0; i < count; i++) {
            values[i] = i % 50 + seed;
          }
          yield ArrayVariable.of(DType.DOUBLE, shape, values);
        }
        case "int64" -> {
          long[] values = new long[count];
          for (int i = 0; i < count; i++) {
            values[i] = i % 50 + seed;
          }
          yield ArrayVariable.of(DType.INT64, shape, values);
        }
        case "uint8" -> {
          byte[] values = new byte[count];
          for (int i = 0; i < count; i++) {
            values[i] = (byte) (i % 50 + seed);
          }
          yield ArrayVariable.of(DType.UINT8, shape, values);
        }
        case "string" -> {
          List<byte[]> values = new ArrayList<>();
          for (int i = 0; i < count; i++) {
            values.add(("s" + (i % 50 + seed)).getBytes(StandardCharsets.UTF_8));
          }
          yield new StringVariable(shape, values);
        }
        default -> throw new IllegalArgumentException(node.toString());
      };
    }

    List<String> values() {
      List<String> values = new ArrayList<>();
      for (Trackable one : made) {
        if (one instanceof ArrayVariable variable) {
          values.add(MutableBytes.of(variable).toLowerCase(Locale.ROOT));
        } else if (one instanceof StringVariable strings) {
          List<String> texts = new ArrayList<>();
          strings.elements().forEach(text -> texts.add(new String(text, StandardCharsets.UTF_8)));
          values.add(String.join(",", texts));
        } else if (one instanceof Text text) {
          values.add(new String(text.bytes, StandardCharsets.UTF_8));
        }
      }
      return values;
    }
  }
}
