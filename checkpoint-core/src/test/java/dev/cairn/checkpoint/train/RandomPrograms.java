package dev.cairn.checkpoint.train;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

/**
 * Programs by chance, as {@link GraphCase} tells them: shared nodes, circles, slots of two
 * optimizers on one variable, containers in containers, odd names; and programs that differ from
 * one in a single edit.
 */
final class RandomPrograms {
  private static final String[] NAMES = {
    "a", "b", "w", "kernel", "x.y", "a/b", "ü", "-1", "a b", ".S", "..", "0", "a\nb"
  };
  private static final String[] DTYPES = {"float32", "float64", "int64", "uint8", "string"};
  private static final long[][] SHAPES = {{}, {3}, {2, 2}, {0}, {1, 3}};

  private final Random random;

  RandomPrograms(long seed) {
    this.random = new Random(seed);
  }

  private String name() {
    return NAMES[random.nextInt(NAMES.length)];
  }

  private int leaf(GraphCase.Program program) {
    return random.nextInt(8) == 0
        ? program.state(random.nextInt(100))
        : program.variable(
            DTYPES[random.nextInt(DTYPES.length)],
            random.nextInt(100),
            SHAPES[random.nextInt(SHAPES.length)]);
  }

  /** A program of some dozen objects. */
  GraphCase.Program program() {
    GraphCase.Program program = new GraphCase.Program();
    List<Integer> all = new ArrayList<>();
    List<Integer> objects = new ArrayList<>();
    for (int i = 3 + random.nextInt(8); i > 0; i--) {
      all.add(leaf(program));
    }
    for (int i = 1 + random.nextInt(6); i > 0; i--) {
      int made;
      switch (random.nextInt(5)) {
        case 0 -> made = container(program, "list", all);
        case 1 -> made = container(program, "tuple", all);
        case 2 -> made = container(program, "dict", all);
        default -> {
          made = program.node("object");
          objects.add(made);
        }
      }
      all.add(made);
    }
    for (int object : objects) {
      Set<String> names = new LinkedHashSet<>();
      for (int i = random.nextInt(5); i > 0; i--) {
        names.add(name());
      }
      names.forEach(name -> program.child(object, name, all.get(random.nextInt(all.size()))));
    }
    List<Integer> variables =
        all.stream().filter(n -> kind(program, n).equals("variable")).toList();
    List<String> edges = new ArrayList<>(List.of("p", "q", "r", "s"));
    for (int i = 1 + random.nextInt(3); i > 0; i--) {
      program.named(edges.remove(0), all.get(random.nextInt(all.size())));
    }
    if (!objects.isEmpty() && random.nextBoolean()) {
      program.root(objects.get(random.nextInt(objects.size())));
    }
    if (!variables.isEmpty() && random.nextInt(3) == 0) {
      slots(program, variables);
    }
    return program;
  }

  /** One or two optimizers with slots for variables to which the program leads by name, too. */
  private void slots(GraphCase.Program program, List<Integer> variables) {
    int variable = variables.get(random.nextInt(variables.size()));
    program.named("variable", variable);
    for (int i = 1 + random.nextInt(2); i > 0; i--) {
      int optimizer = program.optimizer();
      program.named("opt" + i, optimizer);
      for (String name : List.of("m", "v")) {
        program.slot(
            optimizer, variable, name, program.variable("float32", random.nextInt(100), 2));
      }
    }
  }

  private static String kind(GraphCase.Program program, int node) {
    return program.nodes().get(node).get("kind").asText();
  }

  private int container(GraphCase.Program program, String kind, List<Integer> all) {
    int made = program.node(kind);
    Set<String> names = new LinkedHashSet<>();
    int size =
        (kind.equals("tuple") ? 1 : 0) + random.nextInt(3); // Python has no empty tuple to track
    for (int i = 0; i < size; i++) {
      names.add(kind.equals("dict") ? name() : Integer.toString(i));
    }
    names.forEach(name -> program.child(made, name, all.get(random.nextInt(all.size()))));
    return made;
  }

  /** The same program with one edit, or none. */
  GraphCase.Program edited(GraphCase.Program program) {
    GraphCase.Program copy = new GraphCase.Program();
    copy.json.setAll(program.json.deepCopy());
    ArrayNode nodes = (ArrayNode) copy.json.get("nodes");
    ObjectNode node = (ObjectNode) nodes.get(random.nextInt(nodes.size()));
    JsonNode children = node.get("children");
    switch (node.get("kind").asText()) {
      case "variable" -> {
        if (random.nextBoolean()) {
          node.put("dtype", DTYPES[random.nextInt(DTYPES.length)]);
        } else {
          ArrayNode dims = node.putArray("shape");
          for (long dim : SHAPES[random.nextInt(SHAPES.length)]) {
            dims.add(dim);
          }
        }
      }
      case "object" -> {
        ArrayNode edges = (ArrayNode) children;
        if (edges.isEmpty() || random.nextBoolean()) {
          boolean free = true;
          String name = name();
          for (JsonNode edge : edges) {
            free &= !edge.get(0).asText().equals(name);
          }
          if (free) {
            edges.addArray().add(name).add(random.nextInt(withoutSlots(nodes)));
          }
        } else {
          int at = random.nextInt(edges.size());
          if (random.nextBoolean()) {
            edges.remove(at);
          } else {
            ((ArrayNode) edges.get(at)).set(1, random.nextInt(withoutSlots(nodes)));
          }
        }
      }
      case "list" -> {
        ArrayNode edges = (ArrayNode) children;
        if (!edges.isEmpty()) {
          edges.remove(edges.size() - 1);
        }
      }
      default -> {
        // Nothing: the same program.
      }
    }
    return copy;
  }

  /** How many nodes come before optimizers and their slots: TensorFlow wants no edge to a slot. */
  private static int withoutSlots(ArrayNode nodes) {
    int count = 0;
    while (count < nodes.size() && !nodes.get(count).get("kind").asText().equals("optimizer")) {
      count++;
    }
    return count;
  }
}
