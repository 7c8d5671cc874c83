package dev.cairn.checkpoint.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.checkpoint.graph.Tree.Leaf;
import dev.cairn.checkpoint.graph.Tree.Memory;
import dev.cairn.checkpoint.model.CheckpointException.Mismatch;
import dev.cairn.checkpoint.model.DType;
import dev.cairn.checkpoint.model.Shape;
import dev.cairn.checkpoint.model.VariableSpec;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Tests that two graphs are matched at once, before anything is read. */
class RestorationTest {
  private static final String VALUE = "/.ATTRIBUTES/VARIABLE_VALUE";

  /** A model with an optimizer, as one program has it. */
  private static Tree model() {
    Leaf kernel = Leaf.of(4, 2);
    return new Tree()
        .with("dense", new Tree().with("kernel", kernel).with("bias", Leaf.of(2)))
        .with("save_counter", HeldVariable.of(3L))
        .with("position", new Memory((byte) 1))
        .with(
            "optimizer",
            new Tree()
                .with("iterations", HeldVariable.of(5L))
                .slot(kernel, "momentum", Leaf.of(4, 2)));
  }

  /** Lays a program over what another one has saved. */
  private static Restoration restoration(Tree program, Tree saved) throws Exception {
    ObjectGraph stored = ObjectGraph.of(saved);
    return Restoration.of(
        ObjectGraph.of(program),
        Optional.of(ObjectGraph.parse(stored.encode(), "saved")),
        tensors(stored),
        "path=p");
  }

  private static Map<String, VariableSpec> tensors(ObjectGraph graph) {
    Map<String, VariableSpec> tensors = new HashMap<>();
    graph.keys().keySet().forEach(one -> tensors.put(graph.spec(one).key(), graph.spec(one)));
    graph
        .states()
        .values()
        .forEach(key -> tensors.put(key, new VariableSpec(key, DType.STRING, Shape.scalar())));
    tensors.put(ObjectGraph.KEY, ObjectGraph.SPEC);
    return tensors;
  }

  private static Tree tree(Tree of, String edge) {
    return (Tree) of.children().get(edge);
  }

  private static String refused(Executable check) {
    return assertThrows(Mismatch.class, check).getMessage();
  }

  @Test
  void theSameStructureIsConsumed() throws Exception {
    Restoration all = restoration(model(), model());
    all.assertConsumed().assertExistingObjectsMatched().assertNontrivialMatch();
    assertEquals(5, all.matches().size());
    assertEquals(1, all.states().size());
    assertEquals("6 matched", all.report().toString());
    for (Restoration.Match match : all.matches()) {
      assertEquals(match.path(), match.stored().key());
    }
  }

  /** Edges bind, not keys: the same tensor lies under another key. */
  @Test
  void bindsByEdges() throws Exception {
    Tree program = model();
    Tree saved = model();
    saved.with("a", tree(saved, "dense").children().get("kernel")); // now that is the shortest path
    Restoration restoration = restoration(program, saved);
    restoration.assertConsumed();
    assertTrue(
        restoration.matches().stream()
            .anyMatch(
                match ->
                    match.path().equals("dense/kernel" + VALUE)
                        && match.stored().key().equals("a" + VALUE)));
  }

  /** More in the checkpoint is no error unless one asks; less is, unless one expects it. */
  @Test
  void extraIsNoErrorAndMissingIs() throws Exception {
    Tree small = model();
    small.children().remove("optimizer");
    Restoration less = restoration(small, model());
    assertEquals(3, less.matches().size());
    less.assertExistingObjectsMatched();
    String said = refused(less::assertConsumed);
    assertTrue(said.contains("unexpected optimizer/iterations" + VALUE), said);
    assertTrue(
        said.contains("unexpected dense/kernel/.OPTIMIZER_SLOT/optimizer/momentum" + VALUE), said);

    Restoration more = restoration(model(), small);
    String missing = refused(more::matches);
    assertTrue(missing.contains("missing optimizer/iterations" + VALUE + " INT64[]"), missing);
    assertTrue(missing.contains("missing dense/kernel/.OPTIMIZER_SLOT/optimizer/"), missing);
    refused(more::states);
    refused(more::assertConsumed);
    assertEquals(3, more.expectPartial().matches().size());
  }

  /** Going on with an optimizer that keeps less loses state; what is nobody's slot may be extra. */
  @Test
  void slotsOfASharedOptimizerMustBeWanted() throws Exception {
    Tree plain = model();
    tree(plain, "optimizer").slots.clear();
    plain.children().remove("position");
    String said = refused(restoration(plain, model())::assertSlotsConsumed);
    assertTrue(
        said.contains("unexpected dense/kernel/.OPTIMIZER_SLOT/optimizer/momentum" + VALUE), said);
    assertFalse(said.contains("position"), said);
    Tree reader = model();
    reader.children().remove("optimizer");
    restoration(reader, model()).assertSlotsConsumed();
  }

  /** All that is wrong at once, with what may have been meant. */
  @Test
  void everyDifferenceIsListed() throws Exception {
    Tree program = model();
    tree(program, "dense").with("bias", Leaf.of(3));
    tree(program, "dense").with("kernels", Leaf.of(1));
    program.with("position2", new Memory());
    Tree saved = model();
    saved.with("save_counter", Leaf.of());
    String said = refused(restoration(program, saved).expectPartial()::matches);
    assertTrue(said.contains("expected dense/bias" + VALUE + " FLOAT[3], found"), said);
    assertTrue(said.contains("expected save_counter" + VALUE + " INT64[], found"), said);
    assertTrue(said.contains("(path=p)"), said);
    String strict = refused(restoration(program, saved)::matches);
    assertTrue(strict.contains("missing dense/kernels" + VALUE + " FLOAT[1]"), strict);
    assertTrue(strict.contains("missing position2/.ATTRIBUTES/py_state"), strict);
    Tree renamed = model();
    tree(renamed, "dense").with("kernal", tree(renamed, "dense").children().remove("kernel"));
    String hint = refused(restoration(renamed, model())::matches);
    assertTrue(hint.contains("(there is dense/kernel" + VALUE + ")"), hint);
  }

  /** One object where there were two would silently lose one of them. */
  @Test
  void sharingThatDiffersIsRefused() throws Exception {
    Leaf one = Leaf.of(2);
    Tree shared = new Tree().with("a", one).with("b", one);
    Tree apart = new Tree().with("a", Leaf.of(2)).with("b", Leaf.of(2));
    restoration(shared, shared).assertConsumed();
    String two = refused(restoration(apart, shared)::matches);
    assertTrue(two.contains("two objects, a" + VALUE + " and b" + VALUE), two);
    assertTrue(refused(restoration(shared, apart)::matches).contains("one object a" + VALUE));
  }

  /** The counter of saves is in every checkpoint: it is no sign that anything fits. */
  @Test
  void nontrivialMatchIsNotVacuous() throws Exception {
    Tree other = new Tree().with("save_counter", HeldVariable.of(1L)).with("x", Leaf.of(1));
    Restoration trivial = restoration(other, model()).expectPartial();
    assertEquals(1, trivial.matches().size());
    assertTrue(refused(trivial::assertNontrivialMatch).contains("nothing of the program"));
  }

  /** An attribute whose tensor is not in the index, as lookup tables have them, is left over. */
  @Test
  void graphsMayNameTensorsThatAreElsewhere() throws Exception {
    ObjectGraph stored = ObjectGraph.of(model());
    Map<String, VariableSpec> tensors = tensors(stored);
    tensors.remove("dense/bias" + VALUE);
    Restoration restoration =
        Restoration.of(
            ObjectGraph.of(model()),
            Optional.of(ObjectGraph.parse(stored.encode(), "saved")),
            tensors,
            "path=p");
    assertTrue(refused(restoration::matches).contains("missing dense/bias"));
  }

  /** A file without a graph is matched by the keys that the program would use. */
  @Test
  void withoutGraphKeysAreMatched() throws Exception {
    ObjectGraph program = ObjectGraph.of(model());
    Map<String, VariableSpec> tensors = tensors(program);
    tensors.remove(ObjectGraph.KEY);
    Restoration all = Restoration.of(program, Optional.empty(), tensors, "path=p");
    all.assertConsumed();
    assertEquals(5, all.matches().size());
    tensors.put("more", new VariableSpec("more", DType.FLOAT, Shape.scalar()));
    Restoration more = Restoration.of(program, Optional.empty(), tensors, "path=p");
    assertEquals(List.of("more"), more.report().leftOver());
  }

  /** Linear: a hundred thousand variables and their slots. */
  @Tag("long")
  @Test
  void largeGraphs() throws Exception {
    Tree program = new Tree();
    Tree optimizer = new Tree();
    for (int i = 0; i < 50_000; i++) {
      Leaf leaf = Leaf.of(i, 2);
      program.with("v" + i, leaf);
      optimizer.slot(leaf, "momentum", Leaf.of(i, 2));
    }
    program.with("optimizer", optimizer);
    Restoration restoration = restoration(program, program);
    restoration.assertConsumed();
    assertEquals(100_000, restoration.matches().size());
  }
}
