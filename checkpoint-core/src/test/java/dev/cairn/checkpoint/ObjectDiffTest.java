package dev.cairn.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.cairn.checkpoint.CheckpointDiff.Entry;
import dev.cairn.checkpoint.CheckpointDiff.Outcome;
import dev.cairn.checkpoint.graph.HeldVariable;
import dev.cairn.checkpoint.graph.ObjectGraph;
import dev.cairn.checkpoint.graph.Slot;
import dev.cairn.checkpoint.graph.SlotOwner;
import dev.cairn.checkpoint.graph.Trackable;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Checkpoints of programs whose objects have other keys are compared object by object. */
final class ObjectDiffTest {
  private static final String VALUE = "/.ATTRIBUTES/VARIABLE_VALUE";

  @TempDir private Path folder = Path.of("");

  private static final class Thing implements SlotOwner {
    private final SortedMap<String, Trackable> children = new TreeMap<>();
    private final List<Slot> slots = new ArrayList<>();

    Thing with(String name, Trackable child) {
      children.put(name, child);
      return this;
    }

    @Override
    public SortedMap<String, Trackable> children() {
      return children;
    }

    @Override
    public List<Slot> slots() {
      return slots;
    }
  }

  /** A model of two numbers whose second one has a slot; the optimizer's name is its edge. */
  private static Thing program(String optimizer, long first, long second, long slot) {
    HeldVariable bias = HeldVariable.of(second);
    Thing owner = new Thing();
    owner.slots.add(new Slot(bias, "m", HeldVariable.of(slot)));
    Thing layer = new Thing().with("kernel", HeldVariable.of(first)).with("bias", bias);
    return new Thing()
        .with("model", new Thing().with("layer", layer).with("head", layer))
        .with("optimizer", owner)
        .with(optimizer, owner);
  }

  private Path save(String name, Thing root) throws Exception {
    try (CheckpointFolder checkpoints =
        CheckpointFolder.open(folder.resolve(name).toString(), TestCheckpoints.OPTIONS)) {
      PendingCheckpoint pending = checkpoints.begin(1, 1);
      try (ShardWriter writer = pending.writer(0)) {
        writer.write(ObjectGraph.of(root));
        pending.report(writer.finish());
      }
      return Path.of(
          pending.commit(null, "", new TreeMap<>()).path().replaceFirst("^file:/+", "/"));
    }
  }

  private static Map<String, Entry> diff(Path a, Path b) throws Exception {
    try (CheckpointReader first = CheckpointReader.open(a.toString(), TestCheckpoints.OPTIONS);
        CheckpointReader second = CheckpointReader.open(b.toString(), TestCheckpoints.OPTIONS)) {
      return CheckpointDiff.compare(first, second).stream()
          .collect(Collectors.toMap(Entry::key, entry -> entry));
    }
  }

  private static Entry entry(Map<String, Entry> entries, String key) {
    Entry entry = entries.get(key);
    if (entry == null) {
      throw new AssertionError("no " + key + " in " + entries.keySet());
    }
    return entry;
  }

  @Test
  void objectsAreFoundUnderOtherKeys() throws Exception {
    Thing one = program("optimizer", 1, 2, 3);
    Thing other = program("optimizer", 1, 7, 3);
    // The same layer, to which a shorter path leads: all its keys are others.
    Thing model = (Thing) other.children.get("model");
    other.with("a", model.children.get("layer"));
    Map<String, Entry> entries = diff(save("one", one), save("other", other));
    assertEquals(4, entries.size(), entries.toString());
    Entry kernel = entry(entries, "model/head/kernel" + VALUE);
    assertEquals("a/kernel" + VALUE, kernel.secondKey());
    assertEquals(Outcome.EQUAL, kernel.outcome());
    Entry bias = entry(entries, "model/head/bias" + VALUE);
    assertEquals("a/bias" + VALUE, bias.secondKey());
    assertEquals(Outcome.DIFFERENT, bias.outcome());
    assertEquals(5, bias.maxAbsDifference().getAsDouble());
    Entry slot = entry(entries, "model/head/bias/.OPTIMIZER_SLOT/optimizer/m" + VALUE);
    assertEquals("a/bias/.OPTIMIZER_SLOT/optimizer/m" + VALUE, slot.secondKey());
    assertEquals(Outcome.EQUAL, slot.outcome());
    // The other graph has an edge more.
    assertEquals(Outcome.DIFFERENT, entry(entries, ObjectGraph.KEY).outcome());
  }

  /** A key that stands for another object is not the same variable. */
  @Test
  void theSameKeyMayBeAnotherObject() throws Exception {
    HeldVariable first = HeldVariable.of(1);
    HeldVariable second = HeldVariable.of(2);
    Thing one = new Thing().with("x", first).with("y", second).with("z", new Thing());
    // In the second program, y's object has the shorter name x1, and x is gone.
    Thing other = new Thing().with("x1", second).with("y", second).with("z", new Thing());
    Map<String, Entry> entries = diff(save("one", one), save("other", other));
    assertEquals(Outcome.ONLY_FIRST, entry(entries, "x" + VALUE).outcome());
    Entry y = entry(entries, "y" + VALUE);
    assertEquals("x1" + VALUE, y.secondKey());
    assertEquals(Outcome.EQUAL, y.outcome());
  }

  /** Numbers of nodes are no difference. */
  @Test
  void equalProgramsAreEqual() throws Exception {
    Path one = save("one", program("optimizer", 1, 2, 3));
    Map<String, Entry> entries = diff(one, save("other", program("optimizer", 1, 2, 3)));
    assertEquals(4, entries.size());
    entries.values().forEach(entry -> assertEquals(Outcome.EQUAL, entry.outcome()));
    Map<String, Entry> more = diff(one, save("third", program("extra", 1, 2, 3)));
    assertEquals(Outcome.DIFFERENT, entry(more, ObjectGraph.KEY).outcome());
    assertEquals(
        1, more.values().stream().filter(entry -> entry.outcome() != Outcome.EQUAL).count());
  }
}
