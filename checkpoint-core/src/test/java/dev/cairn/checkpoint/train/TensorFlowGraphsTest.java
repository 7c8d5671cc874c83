package dev.cairn.checkpoint.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.checkpoint.tensorflow.TensorFlowEnvironment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The same programs in Python and in Java, each restoring what either has saved: where TensorFlow
 * passes, we come to the same values; where we do not, we say so and TensorFlow may have been
 * silent.
 */
class TensorFlowGraphsTest {
  private static final int SHORT = 80;
  private static final int LONG = 600;

  /** Where TensorFlow restores nothing and says nothing. */
  private static final Set<String> LOUDER = Set.of("index-named");

  @TempDir Path folder;

  private static List<GraphCase> table() {
    List<GraphCase> cases = new ArrayList<>();
    cases.add(GraphCase.of("same", pair("a", "b"), pair("a", "b")));
    cases.add(GraphCase.of("left-over", pair("a", "b"), one("a")));
    cases.add(GraphCase.of("missing", one("a"), pair("a", "b")));
    cases.add(GraphCase.of("renamed", pair("a", "kernel"), pair("a", "weight")));
    cases.add(GraphCase.of("written-restored", one("a"), one("a"), "write", "restore"));
    cases.add(GraphCase.of("written-read", one("a"), one("a"), "write", "read"));
    cases.add(GraphCase.of("saved-read", one("a"), one("a"), "save", "read"));
    cases.add(GraphCase.of("list-grew", list(2), list(3)));
    cases.add(GraphCase.of("list-shrank", list(3), list(2)));
    cases.add(GraphCase.of("one-shared", shared(), pair("a", "b")));
    cases.add(GraphCase.of("two-shared", pair("a", "b"), shared()));
    cases.add(GraphCase.of("root-mismatch", model(true), model(false)));
    cases.add(GraphCase.of("root", model(true), model(true)));
    cases.add(GraphCase.of("shape", variables("float32", 2), variables("float32", 3)));
    cases.add(GraphCase.of("dtype", variables("float32", 2), variables("float64", 2)));
    cases.add(GraphCase.of("slots", optimizer(2, 0), optimizer(2, 50)));
    cases.add(GraphCase.of("slot-less", optimizer(2, 0), optimizer(1, 50)));
    cases.add(GraphCase.of("slot-more", optimizer(1, 0), optimizer(2, 50)));
    cases.add(GraphCase.of("state", states(1), states(2)));
    return cases;
  }

  private static GraphCase.Program one(String name) {
    GraphCase.Program program = new GraphCase.Program();
    return program.named(name, program.variable("float32", 5, 2));
  }

  private static GraphCase.Program pair(String first, String second) {
    GraphCase.Program program = new GraphCase.Program();
    program.named(first, program.variable("float32", first.equals("a") ? 10 : 20, 2));
    return program.named(second, program.variable("float32", 30, 3));
  }

  private static GraphCase.Program shared() {
    GraphCase.Program program = new GraphCase.Program();
    int node = program.variable("float32", 40, 2);
    return program.named("a", node).named("b", node);
  }

  private static GraphCase.Program list(int size) {
    GraphCase.Program program = new GraphCase.Program();
    List<Integer> items = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      items.add(program.variable("int64", 10 * i + size, 2));
    }
    int list = program.node("list");
    for (int i = 0; i < size; i++) {
      program.child(list, Integer.toString(i), items.get(i));
    }
    return program.named("l", list);
  }

  private static GraphCase.Program model(boolean root) {
    GraphCase.Program program = new GraphCase.Program();
    int kernel = program.variable("float32", root ? 1 : 2, 2);
    int model = program.node("object");
    program.child(model, "kernel", kernel);
    return root ? program.root(model) : program.named("model", model);
  }

  private static GraphCase.Program variables(String dtype, long last) {
    GraphCase.Program program = new GraphCase.Program();
    program.named("a", program.variable("float32", (int) last, 2));
    return program.named("b", program.variable(dtype, 7, last));
  }

  private static GraphCase.Program optimizer(int slots, int seed) {
    GraphCase.Program program = new GraphCase.Program();
    int variable = program.variable("float32", seed, 2);
    List<Integer> kept = new ArrayList<>();
    for (int i = 0; i < slots; i++) {
      kept.add(program.variable("float32", seed + i + 1, 2));
    }
    int optimizer = program.optimizer();
    for (int i = 0; i < slots; i++) {
      program.slot(optimizer, variable, i == 0 ? "m" : "v", kept.get(i));
    }
    return program.named("w", variable).named("optimizer", optimizer);
  }

  private static GraphCase.Program states(int seed) {
    GraphCase.Program program = new GraphCase.Program();
    return program.named("s", program.state(seed)).named("c", program.variable("string", seed, 2));
  }

  private static List<GraphCase> random(int count) {
    List<GraphCase> cases = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      RandomPrograms random = new RandomPrograms(i);
      GraphCase.Program saved = random.program();
      GraphCase.Program restored = i % 3 == 0 ? saved : random.edited(saved);
      cases.add(GraphCase.of("random-" + i, saved, restored));
    }
    return cases;
  }

  /** A good file and what may become of it. */
  private List<GraphCase> damaged() throws Exception {
    GraphCase.Program program = pair("a", "b");
    GraphCase.of("good", program, program).save(folder.resolve("good").toString());
    byte[] index = Files.readAllBytes(folder.resolve("good-1.index"));
    byte[] data = Files.readAllBytes(folder.resolve("good-1.data-00000-of-00001"));
    List<GraphCase> cases = new ArrayList<>();
    cases.add(copy("whole", index, data));
    cases.add(copy("flipped-value", index, flipped(data, data.length - 9)));
    cases.add(copy("flipped-graph", index, flipped(data, 30)));
    cases.add(copy("flipped-index", flipped(index, 60), data));
    cases.add(copy("no-footer", Arrays.copyOf(index, index.length - 9), data));
    cases.add(copy("index-of-40-bytes", Arrays.copyOf(index, 40), data));
    cases.add(copy("index-of-no-bytes", new byte[0], data));
    cases.add(copy("data-cut", index, Arrays.copyOf(data, data.length - 5)));
    cases.add(copy("data-empty", index, new byte[0]));
    cases.add(copy("data-longer", index, Arrays.copyOf(data, data.length + 5)));
    cases.add(copy("no-data", index, null));
    cases.add(copy("no-index", null, data));
    cases.add(at("folder", folder));
    cases.add(at("without-its-number", folder.resolve("good")));
    cases.add(at("index-named", folder.resolve("good-1.index")));
    cases.add(at("data-named", folder.resolve("good-1.data-00000-of-00001")));
    cases.add(at("nothing-there", folder.resolve("no/such/file-1")));
    cases.add(at("first-run", null));
    return cases;
  }

  private static GraphCase at(String name, Path path) {
    return GraphCase.at(name, pair("a", "c"), path);
  }

  private GraphCase copy(String name, byte[] index, byte[] data) throws Exception {
    if (index != null) {
      Files.write(folder.resolve(name + "-1.index"), index);
    }
    if (data != null) {
      Files.write(folder.resolve(name + "-1.data-00000-of-00001"), data);
    }
    return at(name, folder.resolve(name + "-1"));
  }

  private static byte[] flipped(byte[] bytes, int at) {
    byte[] copy = bytes.clone();
    copy[at] ^= 1;
    return copy;
  }

  @Test
  void restoresAsTensorFlowDoes() throws Exception {
    List<GraphCase> cases = table();
    cases.addAll(random(SHORT));
    cases.addAll(damaged());
    compare(cases);
  }

  @Test
  @Tag("long")
  void restoresAsTensorFlowDoesHundredsOfGraphs() throws Exception {
    compare(random(LONG));
  }

  private void compare(List<GraphCase> cases) throws Exception {
    Files.writeString(folder.resolve("cases.json"), GraphCase.toJson(cases));
    List<GraphCase> saved = cases.stream().filter(one -> !one.hasPath()).toList();
    for (GraphCase one : saved) {
      one.save(folder.resolve(one.name() + "-java").toString());
    }
    String printed = TensorFlowEnvironment.get().run("graphs.py", folder);
    Map<String, List<String>> theirs = new HashMap<>();
    for (String line : printed.split("\n")) {
      List<String> fields = List.of(line.split("\t", -1));
      theirs.put(fields.get(0) + "-" + fields.get(1), fields.subList(2, fields.size()));
    }
    assertEquals(cases.size() + saved.size(), theirs.size(), printed);
    List<String> wrong = new ArrayList<>();
    for (GraphCase one : cases) {
      List<String> oracle = theirs.get(one.name() + "-tf");
      if (one.hasPath() && !sameOrLouder(one.name(), oracle, one.outcome())) {
        wrong.add(one.name() + ": " + one.outcome() + " instead of " + oracle);
      }
    }
    int restored = 0;
    for (GraphCase one : saved) {
      List<String> oracle = theirs.get(one.name() + "-tf");
      if (!oracle.equals(theirs.get(one.name() + "-java"))) {
        wrong.add(
            one.name()
                + ": TensorFlow makes something else of our file: "
                + theirs.get(one.name() + "-java")
                + " instead of "
                + oracle);
      }
      for (String writer : List.of("tf", "java")) {
        List<String> ours =
            one.outcome(folder.resolve(one.name() + "-" + writer + "-1").toString());
        if (!sameOrLouder(one.name(), oracle, ours)) {
          wrong.add(one.name() + " of " + writer + ": " + ours + " instead of " + oracle);
        }
        restored += ours.get(0).equals("ok") ? 1 : 0;
      }
    }
    assertEquals(List.of(), wrong);
    assertTrue(restored > saved.size(), "most are restored: " + restored);
  }

  private static boolean sameOrLouder(String name, List<String> theirs, List<String> ours) {
    if (LOUDER.contains(name)) {
      return ours.get(0).equals("error") && theirs.get(0).equals("ok");
    }
    if (theirs.get(0).equals("error")) {
      return ours.get(0).equals("error") && !ours.get(1).startsWith("but");
    }
    if (!ours.get(0).equals("ok")) {
      return false;
    }
    for (int i = 1; i <= 3; i++) {
      if (ours.get(i).equals("pass") && theirs.get(i).equals("fail")) {
        return false;
      }
    }
    return theirs.subList(4, theirs.size()).equals(ours.subList(4, ours.size()));
  }
}
