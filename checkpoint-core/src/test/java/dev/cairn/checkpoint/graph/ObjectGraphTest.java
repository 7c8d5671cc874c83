package dev.cairn.checkpoint.graph;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.checkpoint.bundle.proto.ObjectGraphProto.TrackableObject;
import dev.cairn.checkpoint.bundle.proto.ObjectGraphProto.TrackableObjectGraph;
import dev.cairn.checkpoint.graph.Tree.Leaf;
import dev.cairn.checkpoint.graph.Tree.Memory;
import dev.cairn.checkpoint.model.CheckpointException.Corrupt;
import dev.cairn.checkpoint.model.ObjectLine;
import java.io.InputStream;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Keys and bytes of graphs, and graphs that are none. */
class ObjectGraphTest {
  private static final String VALUE = "/.ATTRIBUTES/VARIABLE_VALUE";

  private static String key(ObjectGraph graph, Variable variable) {
    return graph.spec(variable).key();
  }

  /** The graph of a file that TensorFlow restored with assert_consumed. */
  @Test
  void goldenGraphIsWrittenByteForByte() throws Exception {
    byte[] data;
    try (InputStream in =
        getClass()
            .getResourceAsStream("/golden/tensorflow/sliced-2-shards/ckpt-7.data-00000-of-00002")) {
      data = in.readAllBytes();
    }
    byte[] golden = Arrays.copyOfRange(data, data.length - 161, data.length);
    ObjectGraph ours =
        ObjectGraph.of(
            new Tree().with("emb", Leaf.of(4, 2)).with("save_counter", HeldVariable.of(7L)));
    assertArrayEquals(golden, ours.encode());
    ObjectGraph read = ObjectGraph.parse(golden, "golden");
    assertEquals(List.of("emb" + VALUE, "save_counter" + VALUE), read.storedKeys());
    assertArrayEquals(golden, read.encode());
  }

  @Test
  void keysAreShortestPathsAndNamesAreEscaped() {
    Leaf shared = Leaf.of(1);
    Leaf odd = Leaf.of(2);
    Memory position = new Memory();
    Tree inner = new Tree().with("deep", new Tree().with("w", shared)).with("a/b.c", odd);
    Tree root = new Tree().with("m", inner).with("z", shared).with("position", position);
    inner.with("back", root); // a circle
    ObjectGraph graph = ObjectGraph.of(root);
    assertEquals("z" + VALUE, key(graph, shared));
    assertEquals("m/a.Sb..c" + VALUE, key(graph, odd));
    assertEquals("position/.ATTRIBUTES/py_state", graph.states().get(position));
    assertEquals(List.of(root, inner, position, shared), graph.objects().subList(0, 4));
  }

  /** A slot's key tells whose it is, also where edges lead to it. */
  @Test
  void slotsAreNamedAfterTheirVariable() {
    Leaf weights = Leaf.of(3, 1);
    Leaf first = Leaf.of(3, 1);
    Leaf second = Leaf.of(3, 1);
    Tree optimizer =
        new Tree()
            .with("all", new Tree().with("0", first))
            .slot(weights, "momentum", first)
            .slot(weights, "velo.city", second);
    ObjectGraph graph =
        ObjectGraph.of(new Tree().with("weights", weights).with("optimizer", optimizer));
    assertEquals("weights/.OPTIMIZER_SLOT/optimizer/momentum" + VALUE, key(graph, first));
    assertEquals("weights/.OPTIMIZER_SLOT/optimizer/velo..city" + VALUE, key(graph, second));
    assertEquals(3, graph.keys().size());
  }

  /** Equal is not the same: two variables of one shape are two. */
  @Test
  void objectsAreToldApartByIdentity() {
    assertEquals(Leaf.of(2), Leaf.of(2));
    ObjectGraph graph = ObjectGraph.of(new Tree().with("a", Leaf.of(2)).with("b", Leaf.of(2)));
    assertEquals(
        List.of("a" + VALUE, "b" + VALUE), List.copyOf(new TreeSet<>(graph.keys().values())));
  }

  @Test
  void whatTensorFlowCannotRestoreIsRefused() {
    assertRefused("x/.ATTRIBUTES", new Tree().with("x/.ATTRIBUTES", Leaf.of()));
    assertRefused("rename", new Tree().with("\0x", Leaf.of()));
    Leaf stray = Leaf.of();
    assertRefused(
        "track the variable", new Tree().with("o", new Tree().slot(stray, "m", Leaf.of())));
    Leaf known = Leaf.of();
    assertRefused(
        "twice for variable v",
        new Tree()
            .with("v", known)
            .with("o", new Tree().slot(known, "m", Leaf.of()).slot(known, "m", Leaf.of())));
    ObjectGraph graph = ObjectGraph.of(new Tree());
    assertThrows(IllegalArgumentException.class, () -> graph.spec(stray));
  }

  private static void assertRefused(String part, Tree root) {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> ObjectGraph.of(root));
    assertTrue(e.getMessage().contains(part), e.getMessage());
  }

  /** Fields of later versions, and those that this program does not read. */
  @Test
  void unknownFieldsAreKept() throws Exception {
    byte[] bytes =
        HexFormat.of()
            .parseHex(
                "0a18"
                    + "0a050801120161"
                    + "22040a0273762a020801"
                    + "aa0604deadbeef"
                    + "12020800"
                    + "0a00");
    assertArrayEquals(
        sorted(bytes), sorted(ObjectGraph.parse(bytes, "test").encode()), "all bytes are there");
  }

  private static byte[] sorted(byte[] bytes) {
    byte[] copy = bytes.clone();
    Arrays.sort(copy);
    return copy;
  }

  @Test
  void damagedGraphsAreCorrupt() {
    assertCorrupt("no node at all", "");
    assertCorrupt("cut short", "0a0a0a");
    assertCorrupt(
        "edge a of node 0 leads to node 7, expected one from 0 to 0", "0a070a050807120161");
    assertCorrupt("leads to node -1", "0a10" + "0a0e08ffffffffffffffffff01120161");
    assertCorrupt("slot m of node 0 leads to node 3", "0a091a07080012016d1803");
  }

  private static void assertCorrupt(String part, String hex) {
    Corrupt e =
        assertThrows(
            Corrupt.class, () -> ObjectGraph.parse(HexFormat.of().parseHex(hex), "path=x"));
    assertTrue(e.getMessage().contains(part), e.getMessage());
    assertTrue(e.getMessage().contains("(path=x)"), e.getMessage());
  }

  private static String line(ObjectLine entry) {
    return "  ".repeat(entry.depth())
        + entry.name()
        + entry.key().map(key -> " @" + key.replace(VALUE, "")).orElse("")
        + (entry.elsewhere().isEmpty() ? "" : " " + entry.elsewhere())
        + (entry.others() == 0 ? "" : " +" + entry.others());
  }

  /** Each object once, slots beneath their variables, circles and lists as references. */
  @Test
  void outlineIsATreeForPeople() throws Corrupt {
    Leaf weights = Leaf.of(3, 1);
    Leaf bias = Leaf.of(1);
    Leaf first = Leaf.of(3, 1);
    Leaf second = Leaf.of(1);
    HeldVariable steps = HeldVariable.of(7L);
    Tree list = new Tree();
    List<Variable> all = List.of(steps, first, second, weights, bias);
    for (int i = 0; i < all.size(); i++) {
      list.with(Integer.toString(i), all.get(i));
    }
    Tree optimizer =
        new Tree()
            .with("iterations", steps)
            .with("_variables", list)
            .slot(weights, "m", first)
            .slot(bias, "m", second);
    Tree layer = new Tree().with("w", weights).with("b", bias).with("position", new Memory());
    Tree root = new Tree().with("layer", layer).with("optimizer", optimizer);
    layer.with("model", root);
    ObjectGraph graph = ObjectGraph.of(root);
    List<String> lines =
        ObjectGraph.parse(graph.encode(), "test").outline().stream()
            .map(ObjectGraphTest::line)
            .toList();
    assertEquals(
        List.of(
            "layer [model = the root]",
            "  b @layer/b",
            "    m (optimizer) @layer/b/.OPTIMIZER_SLOT/optimizer/m",
            "  position @layer/position/.ATTRIBUTES/py_state",
            "  w @layer/w",
            "    m (optimizer) @layer/w/.OPTIMIZER_SLOT/optimizer/m",
            "optimizer",
            "  _variables [0 = optimizer/iterations, 1 = m of layer/w, 2 = m of layer/b] +2",
            "  iterations @optimizer/iterations"),
        lines);
  }

  /** A graph as deep as it is long takes neither the stack nor the square of its size. */
  @Test
  void outlineOfADeepGraph() throws Corrupt {
    int depth = 20_000;
    TrackableObjectGraph.Builder proto = TrackableObjectGraph.newBuilder();
    for (int i = 0; i <= depth; i++) {
      TrackableObject.Builder node = proto.addNodesBuilder();
      if (i > 0) {
        node.addChildrenBuilder().setLocalName("up").setNodeId(i - 1);
      }
      if (i < depth) {
        node.addChildrenBuilder().setLocalName("down").setNodeId(i + 1);
      }
    }
    List<ObjectLine> lines = ObjectGraph.parse(proto.build().toByteArray(), "deep").outline();
    assertEquals(depth, lines.size());
    ObjectLine last = lines.get(depth - 1);
    assertEquals(depth - 1, last.depth());
    assertEquals(List.of("up = .." + "/down".repeat(16)), last.elsewhere());
  }
}
