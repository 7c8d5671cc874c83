package dev.cairn.checkpoint.publish;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.checkpoint.FolderOptions;
import dev.cairn.checkpoint.ForwardingStore;
import dev.cairn.checkpoint.MemoryStore;
import dev.cairn.checkpoint.ServingConfig;
import dev.cairn.checkpoint.model.CheckpointException.Conflict;
import dev.cairn.checkpoint.model.CheckpointException.Corrupt;
import dev.cairn.checkpoint.model.CheckpointException.Failed;
import dev.cairn.checkpoint.model.CheckpointException.Mismatch;
import dev.cairn.checkpoint.model.CheckpointException.NotFound;
import dev.cairn.checkpoint.model.VersionRecord.Origin;
import dev.cairn.checkpoint.store.CheckpointStore;
import dev.cairn.checkpoint.store.CheckpointStores;
import dev.cairn.checkpoint.store.StoreOutput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Folders and versions that are not as they should be: each is told, and nothing is lost. */
class BadModelFoldersTest {
  private static final FolderOptions OPTIONS = FolderOptions.defaults();
  private static final List<String> STABLE = List.of(ServingConfig.STABLE);

  @TempDir private Path temp = Path.of("");
  private final List<String> checkpoints = new ArrayList<>();
  private Path folder = Path.of("");
  private CheckpointStore store = new MemoryStore(() -> 0).view(new MemoryStore.Hook() {});

  @BeforeEach
  void publishThree() throws IOException {
    folder = temp.resolve("flights");
    store = CheckpointStores.open(temp.toUri().toString(), new TreeMap<>());
    for (long step = 1; step <= 4; step++) {
      checkpoints.add(Published.checkpoint(store, "file://" + temp + "/run", step));
    }
    try (ModelFolder model = ModelFolder.open(folder.toString(), OPTIONS)) {
      for (int i = 0; i < 3; i++) {
        ModelVersion unused = Published.publish(store, checkpoints.get(i), model, STABLE);
      }
    }
  }

  @AfterEach
  void close() throws IOException {
    store.close();
  }

  private interface Use {
    void run(ModelFolder model) throws IOException;
  }

  private <T extends IOException> void refused(Class<T> type, Path at, Use use, String... parts)
      throws IOException {
    try (ModelFolder model = ModelFolder.open(at.toString(), OPTIONS)) {
      T e = assertThrows(type, () -> use.run(model));
      for (String part : parts) {
        assertTrue(e.getMessage().contains(part), e.getMessage());
      }
      assertTrue(e.getMessage().indexOf('\n') < 0, e.getMessage());
    }
  }

  private Use publishing(int index) {
    return model -> {
      ModelVersion unused = Published.publish(store, checkpoints.get(index), model, STABLE);
    };
  }

  private static void reading(ModelFolder model) throws IOException {
    try (VersionLease lease = model.read(OptionalLong.empty())) {
      model.verify(lease.version().orElseThrow());
    }
  }

  private void good(long current, long... numbers) throws IOException {
    try (ModelFolder model = ModelFolder.open(folder.toString(), OPTIONS)) {
      assertEquals(current, model.current().orElseThrow().number());
      reading(model);
      List<Long> expected = new ArrayList<>();
      for (long number : numbers) {
        expected.add(number);
      }
      assertEquals(expected, model.numbers());
    }
  }

  /** Writes a byte of a file anew: a file of its own, since the others may share the bytes. */
  static void damage(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length / 2] ^= 1;
    Files.delete(file);
    Files.write(file, bytes);
  }

  static Path data(Path version) throws IOException {
    try (Stream<Path> files = Files.list(version.resolve("variables"))) {
      return files
          .filter(file -> file.toString().contains(".data-00000"))
          .findFirst()
          .orElseThrow();
    }
  }

  static void remove(Path tree) throws IOException {
    try (Stream<Path> files = Files.walk(tree)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  @Test
  void foldersOfSomethingElse() throws Exception {
    refused(Conflict.class, temp.resolve("run"), publishing(0), "a run's folder", "NAME");
    refused(Conflict.class, folder.resolve("3"), publishing(0), "a SavedModel");
    Path other = Files.createDirectory(temp.resolve("other"));
    Files.writeString(other.resolve("thesis.tex"), "x");
    refused(Conflict.class, other, publishing(0), "thesis.tex", "something else");
    try (Stream<Path> left = Files.list(other)) {
      assertEquals(List.of(other.resolve("thesis.tex")), left.toList());
    }
    Path file = Files.writeString(temp.resolve("file"), "x");
    refused(Failed.class, file, publishing(0), "expected a folder", file.toString());
    good(3, 1, 2, 3);
  }

  @Test
  void twoNamesOfOneNumber() throws Exception {
    Files.createDirectory(folder.resolve("0002"));
    for (Use use :
        List.<Use>of(BadModelFoldersTest::reading, publishing(3), ModelFolder::history)) {
      refused(Conflict.class, folder, use, "found 0002 and 2", "rename or remove one");
    }
    Files.delete(folder.resolve("0002"));
    good(3, 1, 2, 3);
  }

  @Test
  void aVersionWithoutItsProgram() throws Exception {
    Files.delete(folder.resolve("3/saved_model.pb"));
    refused(
        Corrupt.class,
        folder,
        ModelFolder::current,
        "saved_model.pb",
        "version 2 is good",
        "--to 2");
    fallBack(2);
  }

  /** The command that the messages name: the version in use is damaged, and 4 repeats another. */
  private void fallBack(long to) throws IOException {
    try (ModelFolder model = ModelFolder.open(folder.toString(), OPTIONS)) {
      ModelVersion back = model.rollback(OptionalLong.of(to));
      assertEquals(4, back.number());
      assertEquals(Origin.ROLLBACK, back.record().origin());
      assertEquals(to, back.record().step());
    }
    good(4, 1, 2, 3, 4);
  }

  @Test
  void aRecordEditedByHand() throws Exception {
    Path record = folder.resolve("3/assets.extra/cairn-version.json");
    Files.writeString(
        record, Files.readString(record).replaceAll("\"step\"\\s*:\\s*3", "\"step\" : 2"));
    refused(Corrupt.class, folder, ModelFolder::current, "version 2 is good");
    refused(Corrupt.class, folder, BadModelFoldersTest::reading, "version 2 is good");
    // Without a number, too: nobody can say any more which version was in use before.
    try (ModelFolder model = ModelFolder.open(folder.toString(), OPTIONS)) {
      assertEquals(2, model.rollback(OptionalLong.empty()).record().step());
    }
    good(4, 1, 2, 3, 4);
  }

  @Test
  void damagedParametersOfTheVersionInUse() throws Exception {
    damage(data(folder.resolve("3")));
    damage(folder.resolve("2/saved_model.pb"));
    refused(Corrupt.class, folder, BadModelFoldersTest::reading, "version 1 is good", "--to 1");
    refused(
        Corrupt.class,
        folder,
        model -> {
          ModelVersion unused = model.rollback(OptionalLong.of(2));
        },
        "version 2",
        "version 1 is good");
    try (ModelFolder model = ModelFolder.open(folder.toString(), OPTIONS);
        VersionLease lease = model.read(OptionalLong.empty())) {
      Corrupt found = new Corrupt("Cannot read w");
      assertTrue(lease.advised(found).getMessage().contains("--to 1"));
    }
    fallBack(1);
  }

  /** The same rollback again does not count as done once its version is damaged. */
  @Test
  void aDamagedRollback() throws Exception {
    try (ModelFolder model = ModelFolder.open(folder.toString(), OPTIONS)) {
      assertEquals(4, model.rollback(OptionalLong.of(1)).number());
      assertEquals(4, model.rollback(OptionalLong.of(1)).number());
      damage(data(folder.resolve("4")));
      assertEquals(5, model.rollback(OptionalLong.of(1)).number());
    }
    good(5, 1, 2, 3, 4, 5);
  }

  @Test
  void noVersionIsGood() throws Exception {
    for (int i = 1; i <= 3; i++) {
      damage(folder.resolve(i + "/saved_model.pb"));
    }
    refused(Corrupt.class, folder, BadModelFoldersTest::reading, "no other version is good");
    try (ModelFolder model = ModelFolder.open(folder.toString(), OPTIONS)) {
      ModelVersion unused = Published.publish(store, checkpoints.get(3), model, STABLE);
    }
    good(4, 1, 2, 3, 4);
  }

  @Test
  void aFolderCopiedByHand() throws Exception {
    try (Stream<Path> files = Files.walk(folder.resolve("1"))) {
      for (Path file : files.toList()) {
        Files.copy(file, folder.resolve("7").resolve(folder.resolve("1").relativize(file)));
      }
    }
    refused(Corrupt.class, folder, ModelFolder::current, "that of version 1", "version 3 is good");
    remove(folder.resolve("7"));
    good(3, 1, 2, 3);
  }

  /** Servers would load it, so it counts; but only Cairn's own are gone back to. */
  @Test
  void aVersionOfAnotherProgram() throws Exception {
    Files.createDirectories(folder.resolve("9/variables"));
    Files.writeString(folder.resolve("9/saved_model.pb"), "x");
    refused(NotFound.class, folder, ModelFolder::current, "another program", "version 3 is good");
    try (ModelFolder model = ModelFolder.open(folder.toString(), OPTIONS)) {
      ModelFolder.Collection done = model.collect(1, Duration.ZERO);
      assertEquals(List.of(1L, 2L, 3L), done.collected());
    }
    assertTrue(Files.exists(folder.resolve("9")));
  }

  @Test
  void aVersionThatWasCollected() throws Exception {
    try (ModelFolder model = ModelFolder.open(folder.toString(), OPTIONS)) {
      assertEquals(List.of(1L), model.collect(2, Duration.ZERO).collected());
    }
    refused(
        NotFound.class,
        folder,
        model -> {
          ModelVersion unused = model.rollback(OptionalLong.of(1));
        },
        "expected one of [2, 3]",
        "collected");
    refused(
        NotFound.class,
        folder,
        model -> {
          ServingConfig unused = model.label(new TreeMap<>(Map.of("champion", 1L)));
        },
        "expected one of [2, 3]");
    good(3, 2, 3);
  }

  @Test
  void aConfigurationOfAVersionThatIsGone() throws Exception {
    try (ModelFolder model = ModelFolder.open(folder.toString(), OPTIONS)) {
      ServingConfig unused = model.label(new TreeMap<>(Map.of(ServingConfig.STABLE, 2L)));
    }
    remove(folder.resolve("2"));
    refused(NotFound.class, folder, ModelFolder::current, "version 2", "[1, 3]", "models.config");
    try (ModelFolder model = ModelFolder.open(folder.toString(), OPTIONS)) {
      ServingConfig unused = model.label(new TreeMap<>(Map.of(ServingConfig.STABLE, 3L)));
    }
    good(3, 1, 3);
  }

  @Test
  void checkpointsThatAreNotGood() throws Exception {
    Path run = temp.resolve("run");
    damage(data3(run.resolve("ckpt-4")));
    refused(Corrupt.class, folder, publishing(3), "checksum");
    Files.delete(run.resolve("ckpt-3/manifest.json"));
    refused(
        Mismatch.class,
        folder,
        model -> {
          try (VersionDraft draft = model.begin()) {
            var unused = draft.putCheckpoint(store, "file://" + run + "/ckpt-3");
          }
        },
        "manifest",
        "found none");
    good(3, 1, 2, 3);
    try (Stream<Path> left = Files.list(folder)) {
      assertEquals(3, left.count());
    }
  }

  private static Path data3(Path checkpoint) throws IOException {
    try (Stream<Path> files = Files.list(checkpoint)) {
      return files.filter(f -> f.toString().contains(".data-00001")).findFirst().orElseThrow();
    }
  }

  /** Each write in turn finds the disk full: nothing is published, and nothing is left. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aDiskThatIsFull(boolean links) throws Exception {
    int[] room = new int[1];
    CheckpointStore full =
        new ForwardingStore(store) {
          @Override
          public boolean link(String file, String name) throws IOException {
            return links && super.link(file, name);
          }

          @Override
          public StoreOutput create(String path) throws IOException {
            StoreOutput out = super.create(path);
            return new StoreOutput() {
              @Override
              public void write(ByteBuffer bytes) throws IOException {
                if (room[0]-- <= 0) {
                  throw new Failed("Cannot write " + path + ": the disk is full", null);
                }
                out.write(bytes);
              }

              @Override
              public void sync() throws IOException {
                out.sync();
              }

              @Override
              public void close() throws IOException {
                out.close();
              }
            };
          }

          @Override
          public void close() {}
        };
    String path = "file://" + folder;
    for (int writes = 0; ; writes++) {
      room[0] = writes;
      try (ModelFolder model =
          new ModelFolder(full, path, OPTIONS, Clock.systemUTC(), millis -> {})) {
        ModelVersion unused = Published.publish(store, checkpoints.get(3), model, STABLE);
        assertTrue(writes > 4, "a publication writes more than " + writes + " times");
        break;
      } catch (Failed e) {
        assertTrue(e.getMessage().contains("the disk is full"), e::getMessage);
      }
      good(3, 1, 2, 3);
      try (Stream<Path> left = Files.list(folder)) {
        assertEquals(
            List.of("1", "2", "3"),
            left.map(file -> file.getFileName().toString())
                .filter(name -> !name.startsWith(".owner-"))
                .sorted()
                .toList());
      }
    }
    good(4, 1, 2, 3, 4);
  }

  @Test
  void copiesForServers() throws Exception {
    try (ModelFolder model = ModelFolder.open(folder.toString(), OPTIONS)) {
      ServingConfig unused =
          model.label(new TreeMap<>(Map.of(ServingConfig.STABLE, 3L, "canary", 1L)));
    }
    Path server = temp.resolve("server");
    List<VersionCopy.Copied> copied =
        VersionCopy.copy(folder.toString(), server.toString(), OPTIONS);
    assertEquals(List.of(1L, 3L), copied.stream().map(VersionCopy.Copied::number).toList());
    assertTrue(copied.stream().allMatch(VersionCopy.Copied::anew));
    String config = Files.readString(server.resolve("flights/models.config"));
    assertTrue(config.contains("base_path: \"" + server.resolve("flights") + "\""), config);
    try (VersionLease lease = VersionLease.take(server.resolve("flights") + "@canary", OPTIONS)) {
      assertEquals(1, lease.version().orElseThrow().number());
      assertTrue(lease.checkpoint().contains("/server/flights/1/"), lease.checkpoint());
    }
    copied = VersionCopy.copy(folder.toString(), server.toString(), OPTIONS);
    assertTrue(copied.stream().noneMatch(VersionCopy.Copied::anew));
    damage(server.resolve("flights/3/saved_model.pb"));
    Corrupt e =
        assertThrows(
            Corrupt.class, () -> VersionCopy.copy(folder.toString(), server.toString(), OPTIONS));
    assertTrue(e.getMessage().contains("server"), e::getMessage);
    damage(data(folder.resolve("1")));
    Path other = temp.resolve("other");
    assertThrows(
        Corrupt.class, () -> VersionCopy.copy(folder.toString(), other.toString(), OPTIONS));
    // The version in use came first; nothing of the damaged one is seen.
    try (Stream<Path> left = Files.list(other.resolve("flights"))) {
      assertEquals(
          List.of("3", "models.config"),
          left.map(file -> file.getFileName().toString()).sorted().toList());
    }
  }
}
