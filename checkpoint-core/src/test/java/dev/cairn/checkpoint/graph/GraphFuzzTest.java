package dev.cairn.checkpoint.graph;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.cairn.checkpoint.model.CheckpointException;
import java.util.Map;
import java.util.Optional;

/** Any bytes as a graph: they are refused, or can be walked and written again. */
class GraphFuzzTest {

  @FuzzTest(maxDuration = "10s")
  void anyBytes(byte[] data) throws CheckpointException {
    ObjectGraph graph;
    try {
      graph = ObjectGraph.parse(data, "fuzz");
    } catch (CheckpointException expected) {
      return;
    }
    ObjectGraph again = ObjectGraph.parse(graph.encode(), "again");
    if (!again.storedKeys().equals(graph.storedKeys())) {
      throw new AssertionError("read " + graph.storedKeys() + ", wrote " + again.storedKeys());
    }
    if (graph.outline().size() > 2 * graph.storedKeys().size() + data.length) {
      throw new AssertionError("more lines than objects: " + graph.outline());
    }
    Tree.Leaf weights = Tree.Leaf.of(1);
    Tree optimizer = new Tree().slot(weights, "m", Tree.Leaf.of(1));
    Tree program = new Tree().with("w", weights).with("o", optimizer);
    Restoration found =
        Restoration.of(ObjectGraph.of(program), Optional.of(graph), Map.of(), "fuzz");
    if (!found.report().matched().isEmpty()) {
      throw new AssertionError("matched without tensors: " + found.report());
    }
  }
}
