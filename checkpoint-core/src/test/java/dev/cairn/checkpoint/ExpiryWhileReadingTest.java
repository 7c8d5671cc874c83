package dev.cairn.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.checkpoint.model.CheckpointException;
import dev.cairn.checkpoint.model.CheckpointException.Conflict;
import dev.cairn.checkpoint.model.CheckpointException.NotFound;
import dev.cairn.checkpoint.store.CheckpointStore;
import dev.cairn.checkpoint.store.CheckpointStores;
import dev.cairn.checkpoint.store.StoreInput;
import dev.cairn.checkpoint.store.StoredFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A writer keeps one checkpoint and lets it expire while others read (S46). Nothing pins what
 * another program reads: a reader is told in so many words, and whoever asks for the newest one
 * always gets one. Within a program a pin keeps what is read.
 */
class ExpiryWhileReadingTest {

  private static final int SHARDS = 2;

  @TempDir Path folder;
  private String directory;
  private CheckpointStore raw;
  private long step;
  private CommittedCheckpoint first;

  @BeforeEach
  void saveOne() throws Exception {
    directory = CheckpointStores.qualify(folder.toString(), new TreeMap<>());
    raw = CheckpointStores.open(directory, new TreeMap<>());
    first = saveNext();
  }

  /** Another program's save: it keeps one, so that the checkpoint before it goes. */
  private CommittedCheckpoint saveNext() throws IOException {
    FolderOptions options = TestCheckpoints.OPTIONS.withKeep(1);
    try (CheckpointFolder writer = CheckpointFolder.open(directory, options)) {
      CommittedCheckpoint saved = TestCheckpoints.save(writer, raw, ++step, SHARDS);
      assertEquals(List.of(), writer.drainWarnings());
      return saved;
    }
  }

  /** Lets the next save happen just before the first time that such a file is opened. */
  private final class SavesBeforeOpening extends ForwardingStore {
    private final String file;
    private boolean saved;

    SavesBeforeOpening(String file) {
      super(raw);
      this.file = file;
    }

    @Override
    public StoreInput open(String path) throws IOException {
      if (!saved && path.endsWith(file)) {
        saved = true;
        saveNext();
      }
      return super.open(path);
    }

    @Override
    public void close() {}
  }

  private static void expired(NotFound e, CommittedCheckpoint checkpoint) {
    String message = String.valueOf(e.getMessage());
    assertTrue(message.contains("expired while it was read"), message);
    assertTrue(message.contains(checkpoint.path()), message);
    assertTrue(message.contains("use the newest one"), message);
  }

  private static void restore(CheckpointReader reader, long step) throws IOException {
    float[] into = new float[37 * 5];
    reader.readRows(TestCheckpoints.WEIGHTS.key(), 0, 37, into, 0);
    assertArrayEquals(TestCheckpoints.values(TestCheckpoints.WEIGHTS, step), into);
    assertEquals(200, reader.readStrings(TestCheckpoints.NOTES.key()).get(1).length);
  }

  @Test
  void whatThisProgramHasPinnedStaysUntilNobodyReadsIt() throws Exception {
    CheckpointPins.Pin one = CheckpointPins.pin(first.path());
    CheckpointPins.Pin other = CheckpointPins.pin(first.path());
    saveNext();
    one.close();
    one.close(); // once more says nothing about the other
    CommittedCheckpoint third = saveNext();
    try (CheckpointReader reader = CheckpointReader.open(first.path(), TestCheckpoints.OPTIONS);
        CheckpointFolder checkpoints = CheckpointFolder.open(directory, TestCheckpoints.OPTIONS)) {
      restore(reader, 1);
      assertEquals(List.of(first, third), checkpoints.checkpoints(), "the second one has expired");
    }
    other.close();
    CommittedCheckpoint fourth = saveNext();
    try (CheckpointFolder checkpoints = CheckpointFolder.open(directory, TestCheckpoints.OPTIONS)) {
      assertEquals(List.of(fourth), checkpoints.checkpoints());
    }
  }

  @Test
  void betweenManifestAndIndex() throws Exception {
    CheckpointStore store = new SavesBeforeOpening("variables.index");
    expired(assertThrows(NotFound.class, () -> CheckpointReader.open(store, first.path())), first);
    try (CheckpointFolder checkpoints =
        CheckpointFolder.open(store, directory, TestCheckpoints.OPTIONS)) {
      CommittedCheckpoint newest = checkpoints.latest().orElseThrow();
      assertEquals(2, newest.step());
      restore(CheckpointReader.open(store, newest.path()), 2);
    }
  }

  @Test
  void beforeTheDataIsOpened() throws Exception {
    CheckpointStore store = new SavesBeforeOpening("-of-00002");
    CheckpointReader reader = CheckpointReader.open(store, first.path());
    expired(assertThrows(NotFound.class, () -> restore(reader, 1)), first);
    expired(
        assertThrows(NotFound.class, () -> reader.readStrings(TestCheckpoints.NOTES.key())), first);
  }

  /** Each look-up finds one checkpoint in its listing, and that one goes before it is read. */
  @Test
  void whoeverAsksForTheNewestGetsOne() throws Exception {
    for (String file : List.of("manifest.json", "variables.index", "data-00001-of-00002")) {
      try (CheckpointFolder checkpoints =
          CheckpointFolder.open(new SavesBeforeOpening(file), directory, TestCheckpoints.OPTIONS)) {
        CommittedCheckpoint good =
            checkpoints.newestGood(ExpiryWhileReadingTest::unexpected).orElseThrow();
        assertEquals(step, good.step(), file);
        long old = step - 1;
        assertThrows(Conflict.class, () -> checkpoints.begin(old, 1), "nothing counts as damaged");
      }
    }
    try (CheckpointFolder checkpoints =
        CheckpointFolder.open(
            new SavesBeforeOpening("manifest.json"), directory, TestCheckpoints.OPTIONS)) {
      assertEquals(step + 1, checkpoints.latest().orElseThrow().step());
    }
    try (CheckpointFolder checkpoints =
        CheckpointFolder.open(
            new SavesBeforeOpening("manifest.json"), directory, TestCheckpoints.OPTIONS)) {
      List<CommittedCheckpoint> listed =
          checkpoints.checkpoints(ExpiryWhileReadingTest::unexpected);
      assertEquals(List.of(step), listed.stream().map(CommittedCheckpoint::step).toList());
    }
  }

  /** A local listing is no snapshot: one name goes before it comes to it, another comes after. */
  private CheckpointFolder missing(CheckpointStore store, int missed) {
    CheckpointStore listing =
        new ForwardingStore(store) {
          private int listings;

          @Override
          public List<StoredFile> list(String path) throws IOException {
            boolean misses = ++listings == missed;
            return super.list(path).stream()
                .filter(file -> !misses || !file.name().startsWith("ckpt-"))
                .toList();
          }

          @Override
          public void close() {}
        };
    return CheckpointFolder.open(listing, directory, TestCheckpoints.OPTIONS);
  }

  @Test
  void aListingThatMissesTheOldAndTheNewOneIsReadAgain() throws Exception {
    assertEquals(1, missing(raw, 1).latest().orElseThrow().step());
    assertEquals(
        1, missing(raw, 1).newestGood(ExpiryWhileReadingTest::unexpected).orElseThrow().step());
    assertEquals(1, missing(raw, 1).checkpoints(ExpiryWhileReadingTest::unexpected).size());
    for (String file : List.of("manifest.json", "variables.index")) {
      CheckpointFolder expiring = missing(new SavesBeforeOpening(file), 2);
      assertEquals(
          step + 1,
          expiring.newestGood(ExpiryWhileReadingTest::unexpected).orElseThrow().step(),
          file);
    }
    CheckpointFolder expiring = missing(new SavesBeforeOpening("manifest.json"), 2);
    assertEquals(1, expiring.checkpoints(ExpiryWhileReadingTest::unexpected).size());
  }

  private static void unexpected(CheckpointException e) {
    throw new AssertionError("skipped as damaged", e);
  }

  /** One thread saves a hundred, keeping one, while another reads the newest again and again. */
  @Test
  void readersBesideAWriter() throws Exception {
    AtomicBoolean done = new AtomicBoolean();
    CompletableFuture<Void> writer =
        CompletableFuture.runAsync(
            () -> {
              try {
                for (int i = 0; i < 100; i++) {
                  saveNext();
                }
              } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
              } finally {
                done.set(true);
              }
            });
    List<NotFound> gone = new ArrayList<>();
    long last = 0;
    try (CheckpointFolder checkpoints = CheckpointFolder.open(directory, TestCheckpoints.OPTIONS)) {
      boolean again = true;
      while (again) {
        again = !done.get();
        CommittedCheckpoint newest =
            checkpoints.newestGood(ExpiryWhileReadingTest::unexpected).orElseThrow();
        assertTrue(newest.step() >= last, newest.step() + " after " + last);
        last = newest.step();
        try (CheckpointReader reader =
            CheckpointReader.open(newest.path(), TestCheckpoints.OPTIONS)) {
          restore(reader, last);
        } catch (NotFound e) {
          gone.add(e);
        }
        assertTrue(!checkpoints.checkpoints(ExpiryWhileReadingTest::unexpected).isEmpty());
      }
    }
    writer.get();
    assertEquals(101, last);
    for (NotFound e : gone) {
      assertTrue(String.valueOf(e.getMessage()).contains("Cannot"), e.getMessage());
    }
  }
}
