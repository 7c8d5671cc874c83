package dev.cairn.checkpoint.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.cairn.checkpoint.graph.Trackable;
import dev.cairn.checkpoint.model.CheckpointException.Mismatch;
import dev.cairn.checkpoint.model.VariableSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What TensorFlow's own tests of checkpoints promise, so far as no other test of ours holds it;
 * docs/tensorflow-tests.md says which is which.
 */
class TensorFlowPromisesTest {

  @TempDir Path folder;

  /** An object of a program that grows. */
  private static final class Part extends AutoTrackable {
    <T extends Trackable> T with(String name, T child) {
      return track(name, child);
    }
  }

  private static ArrayVariable floats(float... values) {
    return ArrayVariable.of(values, values.length);
  }

  private String prefix() {
    return folder + "/ckpt";
  }

  /** Two restores of two programs that share an object: the later one has the last word. */
  @Test
  void overlappingRestores() throws IOException {
    Part saved = new Part();
    ArrayVariable value = saved.with("dep", new Part()).with("var", floats(12));
    String first = new Checkpoint(saved).save(folder + "/first");
    value.floats()[0] = 13;
    String second = new Checkpoint(saved).save(folder + "/second");
    for (boolean firstIsLater : new boolean[] {false, true}) {
      Part one = new Part();
      Part other = new Part();
      Checkpoint oneRoot = new Checkpoint(one);
      Checkpoint otherRoot = new Checkpoint(other);
      LoadStatus oneStatus = oneRoot.restore(firstIsLater ? second : first);
      LoadStatus otherStatus = otherRoot.restore(firstIsLater ? first : second);
      Part dep = new Part();
      ArrayVariable shared = dep.with("var", floats(0));
      one.with("dep", dep);
      oneStatus.assertConsumed();
      other.with("dep", dep);
      otherStatus.assertConsumed();
      assertEquals(firstIsLater ? 12 : 13, shared.floats()[0]);
    }
  }

  /** One object with state became two: no way to tell which it was. */
  @Test
  void oneObjectBecameTwo() throws IOException {
    Part saved = new Part();
    Part three = new Part();
    three.with("var", floats(1));
    saved.with("one", new Part()).with("three", three);
    saved.with("two", new Part()).with("three", three);
    String path = new Checkpoint(saved).save(prefix());
    Part later = new Part();
    later.with("one", new Part()).with("three", new Part()).with("var", floats(0));
    later.with("two", new Part()).with("three", new Part()).with("var", floats(0));
    LoadStatus status = new Checkpoint(later).restore(path);
    assertThrows(Mismatch.class, status::assertConsumed);
    assertThrows(Mismatch.class, status::assertExistingObjectsMatched);
  }

  /** Two objects became one: TensorFlow gives it the state of both, we say what is not matched. */
  @Test
  void twoObjectsBecameOne() throws IOException {
    Part saved = new Part();
    saved.with("one", new Part()).with("var1", floats(32));
    saved.with("two", new Part()).with("var2", floats(64));
    String path = new Checkpoint(saved).save(prefix());
    Part both = new Part();
    ArrayVariable first = both.with("var1", floats(0));
    ArrayVariable second = both.with("var2", floats(0));
    Part later = new Part();
    later.with("one", both);
    later.with("two", both);
    LoadStatus status = new Checkpoint(later).restore(path);
    Mismatch e = assertThrows(Mismatch.class, status::assertConsumed);
    assertTrue(String.valueOf(e.getMessage()).contains("two/var2"), e.getMessage());
    assertEquals(32, first.floats()[0]);
    assertEquals(0, second.floats()[0]);
  }

  /** Containers without anything in them are no difference. */
  @Test
  void emptyContainersAreNoDifference() throws IOException {
    Part saved = new Part();
    saved.with("a", new TrackableList<>());
    saved.with("v", floats(3));
    String path = new Checkpoint(saved).save(prefix());
    Part later = new Part();
    later.with("b", new TrackableList<>());
    later.with("c", new TrackableMap<>());
    later.with("v", floats(0));
    LoadStatus status = new Checkpoint(later).restore(path);
    status.assertConsumed().assertExistingObjectsMatched().assertNontrivialMatch();
    later.with("dep", new TrackableList<>()).add(new TrackableList<>());
    status.assertConsumed().assertExistingObjectsMatched();
  }

  /** Objects that lead to each other, restored as they come and when they are there. */
  @Test
  void objectsInACircle() throws IOException {
    Part first = new Part();
    Part second = new Part();
    first.with("second", second).with("first", first);
    first.with("v", floats(3, 1, 4));
    second.with("v", floats(1, 1, 2, 3));
    String path = new Checkpoint(first).save(prefix());
    Part firstLater = new Part();
    Part secondLater = new Part();
    Checkpoint checkpoint = new Checkpoint(firstLater);
    LoadStatus status = checkpoint.restore(path);
    firstLater.with("second", secondLater).with("first", firstLater);
    assertThrows(Mismatch.class, status::assertConsumed);
    ArrayVariable three = firstLater.with("v", floats(0, 0, 0));
    ArrayVariable four = secondLater.with("v", floats(0, 0, 0, 0));
    status.assertConsumed();
    assertArrayEquals(new float[] {3, 1, 4}, three.floats());
    assertArrayEquals(new float[] {1, 1, 2, 3}, four.floats());
    three.floats()[0] = 9;
    four.floats()[0] = 9;
    checkpoint.restore(path).assertConsumed();
    assertArrayEquals(new float[] {3, 1, 4}, three.floats());
    assertArrayEquals(new float[] {1, 1, 2, 3}, four.floats());
  }

  /** A program that grows between saves: each has what there was, and none is deleted. */
  @Test
  void programsThatGrowBetweenSaves() throws IOException {
    Part program = new Part();
    Checkpoint checkpoint = new Checkpoint(program);
    List<ArrayVariable> variables = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      variables.add(program.with("var_" + i, floats(i)));
      checkpoint.save(prefix());
    }
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(
          10, files.filter(file -> file.toString().endsWith(".index")).count(), "all are there");
    }
    assertEquals(prefix() + "-10", Checkpoints.latestCheckpoint(folder.toString()));
    assertEquals(
        List.of(prefix() + "-10"),
        Checkpoints.getCheckpointState(folder.toString()).orElseThrow().all());
    variables.forEach(variable -> variable.floats()[0] = 314);
    checkpoint.restore(prefix() + "-6").expectPartial();
    for (int i = 0; i < 10; i++) {
      assertEquals(i < 6 ? i : 314, variables.get(i).floats()[0]);
    }
    checkpoint.restore(prefix() + "-10").assertConsumed();
    for (int i = 0; i < 10; i++) {
      assertEquals(i, variables.get(i).floats()[0]);
    }
  }

  /** Containers that came later and have nothing in them miss nothing. */
  @Test
  void emptyContainersThatCameLater() throws IOException {
    Part saved = new Part();
    saved.with("v", floats(1));
    String path = new Checkpoint(Map.of("model", saved)).save(prefix());
    Part later = new Part();
    later.with("v", floats(0));
    later.with("map", new TrackableMap<>());
    later.with("list", new TrackableList<>());
    new Checkpoint(Map.of("model", later)).restore(path).assertExistingObjectsMatched();
  }

  /** A name means the same whether the root leads there itself or it was named beside it. */
  @Test
  void namedAndOwnChildrenAreTheSame() throws IOException {
    Part own = new Part();
    ArrayVariable v = own.with("v", floats(1));
    ArrayVariable w = floats(2);
    ArrayVariable y = floats(3);
    Checkpoint one = new Checkpoint(own, Map.of("w", w, "y", y));
    Part other = new Part();
    ArrayVariable otherW = other.with("w", floats(4));
    ArrayVariable otherV = floats(5);
    ArrayVariable z = floats(6);
    Checkpoint two = new Checkpoint(other, Map.of("v", otherV, "z", z));
    String onePath = one.save(folder + "/one");
    String twoPath = two.save(folder + "/two");
    one.restore(twoPath).expectPartial();
    two.restore(onePath).expectPartial();
    assertEquals(
        List.of(5f, 4f, 3f, 2f, 1f, 6f),
        Stream.of(v, w, y, otherW, otherV, z).map(one1 -> one1.floats()[0]).toList());
  }

  /** After a restore no file of the checkpoint is open. */
  @Test
  void filesAreClosedAfterARestore() throws IOException {
    Part saved = new Part();
    saved.with("v", floats(1));
    String path = new Checkpoint(saved).save(prefix());
    Checkpoint reader = new Checkpoint(new Part());
    reader.restore(path).expectPartial();
    Path open = Path.of("/proc/self/fd");
    assumeTrue(Files.exists(open), "nobody says here which files are open");
    try (Stream<Path> files = Files.list(open)) {
      for (Path file : files.filter(Files::isSymbolicLink).toList()) {
        String target = Files.readSymbolicLink(file).toString();
        assertFalse(target.startsWith(folder.toRealPath().toString()), target);
      }
    }
  }

  /** The stored graph is walked without the program, and laid over another one. */
  @Test
  void viewOfTheStoredGraph() throws IOException {
    Part saved = new Part();
    Part inner = saved.with("a", new Part());
    inner.with("kernel", floats(1, 2));
    inner.with("back", saved);
    saved.with("b", floats(5));
    String path = new Checkpoint(saved).save(prefix());
    CheckpointView view = CheckpointView.open(path);
    int a = view.children(CheckpointView.ROOT).get("a");
    int b = view.children(CheckpointView.ROOT).get("b");
    int kernel = view.children(a).get("kernel");
    assertEquals(CheckpointView.ROOT, view.children(a).get("back"));
    assertEquals(CheckpointView.ROOT, view.descendants().get(0));
    assertEquals(view.nodes(), view.descendants().size());
    VariableSpec spec = view.variable(kernel).orElseThrow();
    assertEquals("a/kernel/.ATTRIBUTES/VARIABLE_VALUE", spec.key());
    assertEquals("[2]", spec.shape().toString());
    assertTrue(view.variable(a).isEmpty());
    assertEquals(Map.of(), view.slots(CheckpointView.ROOT));

    Part program = new Part();
    Part other = program.with("a", new Part());
    ArrayVariable bias = other.with("bias", floats(0));
    ArrayVariable more = program.with("more", floats(0));
    CheckpointView.Diff diff = view.diff(program);
    assertEquals(
        Map.of(CheckpointView.ROOT, program, a, other), diff.matched(), "by edges of one name");
    assertTrue(diff.onlyStored().containsAll(List.of(kernel, b)), "" + diff.onlyStored());
    assertEquals(Map.of("a/bias", bias, "more", more), diff.onlyInProgram());
  }
}
