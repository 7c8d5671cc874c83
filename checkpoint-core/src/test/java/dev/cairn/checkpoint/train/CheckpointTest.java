package dev.cairn.checkpoint.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.checkpoint.BundleWriter;
import dev.cairn.checkpoint.CheckpointReader;
import dev.cairn.checkpoint.FolderOptions;
import dev.cairn.checkpoint.graph.MutableVariable;
import dev.cairn.checkpoint.graph.Restoration;
import dev.cairn.checkpoint.graph.Slot;
import dev.cairn.checkpoint.graph.SlotOwner;
import dev.cairn.checkpoint.graph.Trackable;
import dev.cairn.checkpoint.model.CheckpointException.Corrupt;
import dev.cairn.checkpoint.model.CheckpointException.Mismatch;
import dev.cairn.checkpoint.model.CheckpointException.NotFound;
import dev.cairn.checkpoint.model.DType;
import dev.cairn.checkpoint.model.Shape;
import dev.cairn.checkpoint.model.VariableSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code tf.train.Checkpoint} without TensorFlow: what a program sees of it. */
class CheckpointTest {

  @TempDir Path folder;

  private String at(String name) {
    return folder.resolve(name).toString();
  }

  private List<String> files() throws IOException {
    try (Stream<Path> all = Files.list(folder)) {
      return all.map(path -> path.getFileName().toString()).sorted().toList();
    }
  }

  private static String message(Throwable e) {
    return String.valueOf(e.getMessage());
  }

  @Test
  void whatSaveWritesRestoreReads() throws Exception {
    ArrayVariable saved = Net.floats(1, 2, 3);
    Checkpoint first = new Checkpoint(Map.of("v", saved, "step", new Counter(7)));
    assertEquals(at("model-1"), first.save(at("model")));
    assertEquals(at("model-2"), first.save(at("model")));
    assertEquals(2, first.saveCounter().get());
    assertEquals(
        """
        model_checkpoint_path: "model-2"
        all_model_checkpoint_paths: "model-2"
        """,
        Files.readString(folder.resolve("checkpoint")));

    float[] own = new float[3];
    Counter step = new Counter(0);
    Checkpoint second = new Checkpoint(Map.of("v", ArrayVariable.of(own, 3), "step", step));
    second.restore(at("model-2")).assertConsumed().assertNontrivialMatch();
    assertArrayEquals(new float[] {1, 2, 3}, own, "into the program's own array");
    assertEquals(7, step.get());
    assertEquals(at("model-3"), second.save(at("model")), "it goes on counting");
  }

  @Test
  void whatWriteWritesReadReads() throws Exception {
    Checkpoint checkpoint = new Checkpoint(Map.of("v", Net.floats(1)));
    assertEquals(at("best"), checkpoint.write(at("best")));
    assertEquals(List.of("best.data-00000-of-00001", "best.index"), files());
    new Checkpoint(Map.of("v", Net.zeros(1))).read(at("best")).assertConsumed();
    Checkpoint other = new Checkpoint(Map.of("v", Net.zeros(1)));
    LoadStatus status = other.restore(at("best"));
    assertTrue(
        message(assertThrows(Mismatch.class, status::assertConsumed)).contains("save_counter"));
    assertThrows(Mismatch.class, status::assertExistingObjectsMatched);

    checkpoint.save(at("saved"));
    LoadStatus read = new Checkpoint(Map.of("v", Net.zeros(1))).read(at("saved-1"));
    read.assertExistingObjectsMatched();
    assertTrue(
        message(assertThrows(Mismatch.class, read::assertConsumed)).contains("save_counter"));
  }

  /** The old one stays whole until the new one is; nothing is left over. */
  @Test
  void aPrefixIsWrittenOver() throws Exception {
    ArrayVariable value = Net.floats(1);
    Checkpoint checkpoint = new Checkpoint(Map.of("v", value));
    for (int i = 0; i < 3; i++) {
      value.floats()[0] = i;
      checkpoint.write(at("best"));
      assertEquals(2, files().size(), files().toString());
    }
    ArrayVariable read = Net.zeros(1);
    new Checkpoint(Map.of("v", read)).read(at("best")).assertConsumed();
    assertEquals(2, read.floats()[0]);
  }

  /** Of every type, over every kind of array. */
  @Test
  void everyTypeComesBack() throws Exception {
    Map<String, Trackable> saved = new TreeMap<>();
    Map<String, Trackable> fresh = new TreeMap<>();
    for (DType dtype : DType.values()) {
      if (dtype.elementBytes() > 0) {
        ArrayVariable zeros = ArrayVariable.zeros(dtype, Shape.of(3, 2));
        ArrayVariable values = ArrayVariable.zeros(dtype, Shape.of(3, 2));
        MutableBytes.fill(values, dtype.number());
        saved.put(dtype.name(), values);
        fresh.put(dtype.name(), zeros);
      }
    }
    saved.put("text", new StringVariable(Shape.of(2), List.of(new byte[] {1}, new byte[0])));
    fresh.put("text", new StringVariable(Shape.of(2), List.of(new byte[0], new byte[] {2, 3})));
    saved.put("state", new Net.Memory(1, 2));
    Net.Memory state = new Net.Memory(0, 0);
    fresh.put("state", state);
    new Checkpoint(saved).write(at("all"), CheckpointOptions.defaults().withShardBytes(40));
    assertTrue(files().size() > 5, "several data files");
    new Checkpoint(fresh).read(at("all")).assertConsumed();
    saved.forEach(
        (name, one) -> {
          if (one instanceof ArrayVariable variable) {
            assertEquals(
                MutableBytes.of(variable), MutableBytes.of((ArrayVariable) fresh.get(name)), name);
          }
        });
    assertArrayEquals(new byte[] {1}, ((StringVariable) fresh.get("text")).elements().get(0));
    assertArrayEquals(new byte[] {1, 2}, state.bytes);
  }

  /** Values wait for objects that come later, however deep. */
  @Test
  void valuesWaitForObjectsThatComeLater() throws Exception {
    Net saved = new Net();
    Net layer = saved.with("layers", TrackableList.of(new Net())).get(0);
    layer.with("kernel", Net.floats(1, 2));
    saved.with("bias", Net.floats(3));
    String path = new Checkpoint(saved).save(at("m"));

    Net later = new Net();
    LoadStatus status = new Checkpoint(later).restore(path);
    assertThrows(Mismatch.class, status::assertConsumed);
    status.assertExistingObjectsMatched();
    assertEquals(3, later.with("bias", Net.zeros(1)).floats()[0]);
    Net inner = new Net();
    TrackableList<Net> layers = later.with("layers", new TrackableList<>());
    layers.add(inner);
    assertEquals(2, inner.with("kernel", Net.zeros(2)).floats()[1]);
    status.assertConsumed();
  }

  /** What comes later and does not fit does not stay, and what fits may come then. */
  @Test
  void whatComesLaterMustFit() throws Exception {
    Net saved = new Net();
    saved.with("kernel", Net.floats(1, 2));
    String path = new Checkpoint(saved).save(at("m"));
    Net later = new Net();
    LoadStatus status = new Checkpoint(later).restore(path);
    UncheckedIOException e =
        assertThrows(UncheckedIOException.class, () -> later.with("kernel", Net.zeros(3)));
    assertTrue(message(e).contains("expected kernel") || message(e).contains("[3]"), message(e));
    assertTrue(later.children().isEmpty());
    assertEquals(2, later.with("kernel", Net.zeros(2)).floats()[1]);
    status.assertConsumed();
  }

  @Test
  void theLaterRestoreWins() throws Exception {
    Net saved = new Net();
    ArrayVariable value = saved.with("v", Net.floats(1));
    Checkpoint checkpoint = new Checkpoint(saved);
    String first = checkpoint.save(at("m"));
    value.floats()[0] = 2;
    String second = checkpoint.save(at("m"));
    Net later = new Net();
    Checkpoint reader = new Checkpoint(later);
    reader.restore(first).expectPartial();
    reader.restore(second).expectPartial();
    assertEquals(2, later.with("v", Net.zeros(1)).floats()[0]);
    assertEquals(2, reader.saveCounter().get());
  }

  /** A plain object that grows tells nobody: the next question finds what has come. */
  @Test
  void objectsThatDoNotTellAreFoundByTheNextQuestion() throws Exception {
    String path =
        new Checkpoint(Map.of("m", new Checkpoint(Map.of("v", Net.floats(5))))).save(at("m"));
    Map<String, Trackable> children = new TreeMap<>();
    Trackable plain =
        new Trackable() {
          @Override
          public Map<String, Trackable> children() {
            return children;
          }
        };
    LoadStatus status = new Checkpoint(Map.of("m", plain)).restore(path);
    ArrayVariable late = Net.zeros(1);
    children.put("v", late);
    assertEquals(0, late.floats()[0]);
    status.assertConsumed();
    assertEquals(5, late.floats()[0]);
  }

  @Test
  void aFirstRunRestoresNothing() throws Exception {
    Checkpoint checkpoint = new Checkpoint(Map.of("v", Net.zeros(1)));
    LoadStatus status = checkpoint.restore(null);
    assertInstanceOf(InitializationOnlyStatus.class, status);
    assertSame(status, status.expectPartial());
    for (var question : questions(status)) {
      assertThrows(Mismatch.class, question);
    }
  }

  private static List<org.junit.jupiter.api.function.Executable> questions(LoadStatus status) {
    return List.of(
        status::assertConsumed,
        status::assertExistingObjectsMatched,
        status::assertNontrivialMatch);
  }

  /** All differences at once, before anything changes. */
  @Test
  void anotherShapeOrTypeChangesNothing() throws Exception {
    String path =
        new Checkpoint(Map.of("a", Net.floats(1, 2), "b", Net.floats(3), "c", Net.floats(4)))
            .save(at("m"));
    ArrayVariable good = Net.zeros(2);
    Checkpoint other =
        new Checkpoint(
            Map.of("a", good, "b", Net.zeros(2), "c", ArrayVariable.of(new double[1], 1)));
    Restoration.Report report = other.match(path).report();
    assertEquals(2, report.mismatched().size());
    assertEquals(8, report.bytes());
    Mismatch e = assertThrows(Mismatch.class, () -> other.restore(path));
    assertTrue(message(e).contains("b/.ATTRIBUTES"), message(e));
    assertTrue(message(e).contains("DOUBLE[1]"), message(e));
    assertArrayEquals(new float[2], good.floats());
    assertEquals(0, other.saveCounter().get());
  }

  /** A flipped byte in the last variable: the first one keeps its value. */
  @Test
  void damageChangesNothing() throws Exception {
    String path = new Checkpoint(Map.of("a", Net.floats(1, 2), "z", Net.floats(3))).write(at("m"));
    Path data = folder.resolve("m.data-00000-of-00001");
    byte[] bytes = Files.readAllBytes(data);
    bytes[bytes.length - 1] ^= 1;
    Files.write(data, bytes);
    ArrayVariable first = Net.zeros(2);
    Net.Memory state = new Net.Memory(9);
    Checkpoint reader = new Checkpoint(Map.of("a", first, "z", Net.zeros(1), "s", state));
    Corrupt e = assertThrows(Corrupt.class, () -> reader.read(path));
    assertTrue(message(e).contains("z/.ATTRIBUTES/VARIABLE_VALUE"), message(e));
    assertArrayEquals(new float[2], first.floats());
  }

  /** A state that refuses: those before it and all variables keep what they had. */
  @Test
  void aStateThatRefusesChangesNothing() throws Exception {
    String path =
        new Checkpoint(Map.of("a", new Net.Memory(1), "b", new Net.Memory(2), "v", Net.floats(3)))
            .write(at("m"));
    Net.Memory first = new Net.Memory(0);
    ArrayVariable value = Net.zeros(1);
    Checkpoint reader = new Checkpoint(Map.of("a", first, "b", new Net.Memory(0, 0), "v", value));
    assertThrows(IllegalArgumentException.class, () -> reader.read(path));
    assertArrayEquals(new byte[] {0}, first.bytes);
    assertEquals(0, value.floats()[0]);
  }

  @Test
  void aPathWithoutItsNumberNamesTheCandidates() throws Exception {
    Checkpoint checkpoint = new Checkpoint(Map.of("v", Net.floats(1)));
    checkpoint.save(at("model"));
    checkpoint.save(at("model"));
    for (String wrong : List.of(at("model"), at("model-2.index"), folder.toString())) {
      NotFound e = assertThrows(NotFound.class, () -> checkpoint.restore(wrong));
      assertTrue(message(e).contains("model-2"), message(e));
    }
    assertThrows(IllegalArgumentException.class, () -> checkpoint.save(folder + "/"));
    assertEquals(2, checkpoint.saveCounter().get());
  }

  @Test
  void theRootLeadsToItsOwnAndToNamedOnes() throws Exception {
    Net root = new Net();
    root.with("v", Net.floats(1));
    String path = new Checkpoint(root, Map.of("step", new Counter(4))).save(at("m"));
    try (CheckpointReader reader = CheckpointReader.open(path, FolderOptions.defaults())) {
      assertEquals(
          List.of(
              "_CHECKPOINTABLE_OBJECT_GRAPH",
              "save_counter/.ATTRIBUTES/VARIABLE_VALUE",
              "step/.ATTRIBUTES/VARIABLE_VALUE",
              "v/.ATTRIBUTES/VARIABLE_VALUE"),
          reader.variables().stream().map(one -> one.key()).toList());
    }
    Map<String, Counter> taken = Map.of("v", new Counter(1));
    assertThrows(IllegalArgumentException.class, () -> new Checkpoint(root, taken));
  }

  /** Values are those of the moment of the call; a failure is told by the next call, then over. */
  @Test
  void asynchronousSavesTellOfFailures() throws Exception {
    ArrayVariable value = Net.floats(1);
    Checkpoint checkpoint = new Checkpoint(Map.of("v", value));
    CountDownLatch written = new CountDownLatch(1);
    List<String> told = new ArrayList<>();
    CheckpointOptions async =
        CheckpointOptions.defaults()
            .withAsync(true)
            .withWriteCallback(
                path -> {
                  told.add(path);
                  try {
                    written.await();
                  } catch (InterruptedException e) {
                    throw new IOException(e);
                  }
                });
    String path = checkpoint.save(at("m"), async);
    value.floats()[0] = 2;
    assertEquals(1, checkpoint.saveCounter().get());
    assertFalse(Files.exists(folder.resolve("checkpoint")), "not named before it is complete");
    written.countDown();
    checkpoint.sync();
    assertEquals(List.of(path), told);
    ArrayVariable read = Net.zeros(1);
    Checkpoint reader = new Checkpoint(Map.of("v", read));
    reader.restore(path).assertConsumed();
    assertEquals(1, read.floats()[0]);
    assertEquals(1, reader.saveCounter().get());

    CheckpointOptions failing =
        CheckpointOptions.defaults()
            .withAsync(true)
            .withWriteCallback(
                failed -> {
                  throw new IOException("no such luck");
                });
    checkpoint.save(at("m"), failing);
    IOException e = assertThrows(IOException.class, () -> checkpoint.save(at("m")));
    assertTrue(message(e).contains("no such luck") && message(e).contains("m-2"), message(e));
    assertEquals(at("m-3"), checkpoint.save(at("m")));
  }

  /** Files of {@code tf.compat.v1.train.Saver}: by path, or by the name that is given. */
  @Test
  void filesWithoutAGraphAreReadByNames() throws Exception {
    try (BundleWriter writer = BundleWriter.create(at("v1"), Map.of(), Long.MAX_VALUE)) {
      for (String name : List.of("dense/kernel", "unused")) {
        writer.write(new VariableSpec(name, DType.FLOAT, Shape.of(2)), Net.floats(1, 2)::get);
      }
      writer.finish();
    }
    Net dense = new Net();
    ArrayVariable kernel = dense.with("kernel", Net.zeros(2));
    LoadStatus status = new Checkpoint(Map.of("dense", dense)).restore(at("v1"));
    assertInstanceOf(NameBasedSaverStatus.class, status.assertConsumed().assertNontrivialMatch());
    assertArrayEquals(new float[] {1, 2}, kernel.floats());

    ArrayVariable weight = Net.zeros(2);
    Checkpoint renamed = new Checkpoint(Map.of("weight", weight));
    LoadStatus none = renamed.restore(at("v1"));
    assertThrows(Mismatch.class, none::assertExistingObjectsMatched);
    CheckpointOptions named =
        CheckpointOptions.defaults().withNames(Map.of("weight", "dense/kernel"));
    renamed.restore(at("v1"), named).assertConsumed();
    assertArrayEquals(new float[] {1, 2}, weight.floats());
  }

  @Test
  void theFolderOfASavedModelMeansItsVariables() throws Exception {
    new Checkpoint(Map.of("v", Net.floats(1))).write(at("served/variables/variables"));
    Files.createFile(folder.resolve("served/saved_model.pb"));
    ArrayVariable value = Net.zeros(1);
    new Checkpoint(Map.of("v", value)).read(at("served")).assertConsumed();
    assertEquals(1, value.floats()[0]);
  }

  /** An optimizer of the kind before Keras 3. */
  private static final class Keeper implements SlotOwner {
    final List<Slot> slots = new ArrayList<>();

    @Override
    public List<Slot> slots() {
      return slots;
    }
  }

  private static Checkpoint kept(ArrayVariable variable, ArrayVariable slot) {
    Keeper keeper = new Keeper();
    keeper.slots.add(new Slot(variable, "momentum", slot));
    return new Checkpoint(Map.of("v", variable, "optimizer", keeper));
  }

  @Test
  void slotsAreLeftAloneOnDemand() throws Exception {
    String path = kept(Net.floats(1), Net.floats(2)).save(at("m"));
    ArrayVariable slot = Net.zeros(1);
    Checkpoint reader = kept(Net.zeros(1), slot);
    CheckpointOptions skip = CheckpointOptions.defaults().withSkipSlotVariables(true);
    reader.restore(path, skip).assertConsumed();
    assertEquals(0, slot.floats()[0]);
    reader.restore(path).assertConsumed();
    assertEquals(2, slot.floats()[0]);
    new Checkpoint(Map.of("v", Net.zeros(1), "optimizer", new Net()))
        .restore(path, skip)
        .assertConsumed();
  }

  /** A failed write leaves nothing, and the one before stays. */
  @Test
  void aFailedWriteLeavesTheOneBefore() throws Exception {
    Checkpoint good = new Checkpoint(Map.of("v", Net.floats(1)));
    good.write(at("best"));
    Checkpoint bad =
        new Checkpoint(
            Map.of(
                "v",
                new MutableVariable() {
                  @Override
                  public DType dtype() {
                    return DType.FLOAT;
                  }

                  @Override
                  public Shape shape() {
                    return Shape.of(1);
                  }

                  @Override
                  public void get(long first, ByteBuffer into) {
                    throw new IllegalStateException("no value");
                  }

                  @Override
                  public Incoming incoming() {
                    throw new IllegalStateException("no value");
                  }
                }));
    assertThrows(IllegalStateException.class, () -> bad.write(at("best")));
    assertEquals(List.of("best.data-00000-of-00001", "best.index"), files());
    good.read(at("best")).assertConsumed();
  }

  @Test
  void optionsAreChecked() {
    assertThrows(
        IllegalArgumentException.class, () -> CheckpointOptions.defaults().withShardBytes(0));
    assertThrows(IllegalArgumentException.class, () -> ArrayVariable.of(new float[2], 3));
    assertThrows(
        IllegalArgumentException.class,
        () -> ArrayVariable.of(DType.FLOAT, Shape.of(1), new int[1]));
    assertThrows(
        IllegalArgumentException.class, () -> new Checkpoint(Map.of("root", new Counter(1))));
  }
}
