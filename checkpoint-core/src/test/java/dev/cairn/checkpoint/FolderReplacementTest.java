package dev.cairn.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.checkpoint.FaultyStore.Fault;
import dev.cairn.checkpoint.commit.CommittedCheckpoints;
import dev.cairn.checkpoint.model.CheckpointException;
import dev.cairn.checkpoint.model.CheckpointException.Conflict;
import dev.cairn.checkpoint.model.CheckpointException.Failed;
import dev.cairn.checkpoint.model.CheckpointException.NotFound;
import dev.cairn.checkpoint.model.CheckpointException.StateUnknown;
import dev.cairn.checkpoint.retention.FolderTree;
import dev.cairn.checkpoint.store.CheckpointFileNames;
import dev.cairn.checkpoint.store.CheckpointStore;
import dev.cairn.checkpoint.store.CheckpointStores;
import dev.cairn.checkpoint.store.MiniHdfs;
import dev.cairn.checkpoint.store.StoreOutput;
import dev.cairn.checkpoint.store.StoredFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Every call to storage of a replacement, and of whoever settles an interrupted one, fails or
 * crashes in turn: a reader finds the old folder or the new one, with all its files.
 */
class FolderReplacementTest {

  private static final long DAY = 24L * 60 * 60 * 1000;
  private static final String MODEL = "/models/m";

  private long millis = 1_000;
  private final MemoryStore memory = new MemoryStore(() -> millis);
  private final CheckpointStore raw = memory.view(new MemoryStore.Hook() {});

  private static void write(CheckpointStore store, String path, String text) throws IOException {
    try (StoreOutput out = store.create(path)) {
      out.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
      out.sync();
    }
  }

  private static String read(CheckpointStore store, String path) throws IOException {
    return new String(CommittedCheckpoints.readAll(store, path), StandardCharsets.UTF_8);
  }

  /** A folder of two files, one of them deeper, which must always be of the same version. */
  private static void fill(CheckpointStore store, String folder, String version)
      throws IOException {
    write(store, folder + "/metadata", version);
    store.makeDirectory(folder + "/model");
    write(store, folder + "/model/weights", version);
  }

  private static String version(CheckpointStore store, String folder) throws IOException {
    String version = read(store, folder + "/metadata");
    assertEquals(version, read(store, folder + "/model/weights"));
    return version;
  }

  private static void replace(CheckpointStore store, String target, String version)
      throws IOException {
    try (FolderReplacement replacement = FolderReplacement.begin(store, target)) {
      fill(store, replacement.folder(), version);
      replacement.commit();
    }
  }

  private static List<String> names(CheckpointStore store, String target) throws IOException {
    return store.list(CheckpointFileNames.parent(target)).stream().map(StoredFile::name).toList();
  }

  private void onlyTheModel(String hit) {
    assertEquals(List.of("m"), memory.names("/models"), hit);
  }

  private void reset() throws IOException {
    for (String name : memory.names("/models")) {
      FolderTree.delete(raw, "/models/" + name);
    }
  }

  @Test
  void theFirstVersionNeedsNoFolderAndALaterOneReplacesAllOfIt() throws Exception {
    replace(raw, MODEL, "a");
    write(raw, MODEL + "/model/only-in-the-old", "x");
    replace(raw, MODEL, "b");
    assertEquals("b", version(raw, MODEL));
    assertTrue(raw.stat(MODEL + "/model/only-in-the-old").isEmpty());
    onlyTheModel("");
  }

  @Test
  void withoutCommitTheOldOneStays() throws Exception {
    replace(raw, MODEL, "a");
    try (FolderReplacement replacement = FolderReplacement.begin(raw, MODEL)) {
      fill(raw, replacement.folder(), "b");
    }
    assertEquals("a", version(raw, MODEL));
    onlyTheModel("");
  }

  @Test
  void aFileInItsPlaceIsReplacedToo() throws Exception {
    raw.makeDirectories("/models");
    write(raw, MODEL, "a file");
    replace(raw, MODEL, "b");
    assertEquals("b", version(raw, MODEL));
    onlyTheModel("");
  }

  @ParameterizedTest
  @EnumSource
  void oldOrNewWhateverFails(Fault fault) throws Exception {
    for (boolean first : List.of(false, true)) {
      for (long call = 1; ; call++) {
        reset();
        if (!first) {
          replace(raw, MODEL, "old");
        }
        FaultyStore faulty = new FaultyStore(raw);
        faulty.arm(fault, call);
        boolean committed = false;
        boolean unknown = false;
        try {
          replace(faulty, MODEL, "new");
          committed = true;
        } catch (StateUnknown e) {
          unknown = true;
        } catch (IOException e) {
          // The old one, then.
        }
        if (faulty.calls() < call) {
          assertTrue(call > 15, "a replacement makes more calls than " + call);
          break;
        }
        String hit = faulty.hit() + (first ? " first" : "");
        String now = FolderReplacement.settle(raw, MODEL);
        assertEquals(MODEL, now);
        if (committed) {
          assertEquals("new", version(raw, now), hit);
        } else if (!unknown && !first) {
          assertEquals("old", version(raw, now), hit);
        } else if (!unknown) {
          assertTrue(raw.stat(MODEL).isEmpty(), hit);
        } else if (raw.stat(MODEL).isPresent()) {
          assertTrue(List.of("old", "new").contains(version(raw, now)), hit);
        } else {
          assertTrue(first, hit);
        }
        replace(raw, MODEL, "newer");
        assertEquals("newer", version(raw, MODEL), hit);
        // What a crash left as writing or new is kept for a day, in case its writer lives.
        millis += 2 * DAY;
        FolderReplacement.begin(raw, MODEL).close();
        onlyTheModel(hit);
      }
    }
  }

  /** Here the storage's clock is far behind this machine's. */
  @Test
  void whoIsAliveIsSaidByTheStoragesClock() throws Exception {
    replace(raw, MODEL, "old");
    try (FolderReplacement slow = FolderReplacement.begin(raw, MODEL)) {
      millis += DAY;
      FolderReplacement.begin(raw, MODEL).close();
      fill(raw, slow.folder(), "new");
      slow.commit();
    }
    assertEquals("new", version(raw, MODEL));
  }

  /** All states in which a crash can leave a replacement, and then all in which a reader can. */
  @ParameterizedTest
  @EnumSource
  void whoeverSettlesMayFailToo(Fault fault) throws Exception {
    int interrupted = 0;
    for (long crash = 1; ; crash++) {
      for (long call = 1; ; call++) {
        reset();
        replace(raw, MODEL, "old");
        FaultyStore crashing = new FaultyStore(raw);
        crashing.arm(Fault.CRASH_BEFORE, crash);
        try {
          replace(crashing, MODEL, "new");
        } catch (IOException e) {
          // It crashed.
        }
        if (crashing.calls() < crash) {
          assertTrue(interrupted > 1, "the place was empty in " + interrupted + " cases");
          return;
        }
        interrupted += raw.stat(MODEL).isEmpty() ? 1 : 0;
        FaultyStore faulty = new FaultyStore(raw);
        faulty.arm(fault, call);
        try {
          String unused = FolderReplacement.settle(faulty, MODEL);
        } catch (IOException e) {
          // The next one settles it.
        }
        String hit = crashing.hit() + ", then " + faulty.hit();
        String now = FolderReplacement.settle(raw, MODEL);
        assertTrue(List.of("old", "new").contains(version(raw, now)), hit);
        if (faulty.calls() < call) {
          break;
        }
      }
    }
  }

  /** Readers and another writer come in before each call of a replacement. */
  @Test
  void othersComeInAtAnyCall() throws Exception {
    for (long call = 1; ; call++) {
      reset();
      replace(raw, MODEL, "old");
      FaultyStore watched = new FaultyStore(raw);
      List<String> seen = new ArrayList<>();
      AtomicInteger other = new AtomicInteger();
      boolean writes = call % 2 == 0;
      watched.interrupt(
          (call + 1) / 2,
          () -> {
            seen.add(version(raw, FolderReplacement.settle(raw, MODEL)));
            if (writes) {
              replace(raw, MODEL, "other");
              other.incrementAndGet();
            }
          });
      replace(watched, MODEL, "new");
      if (watched.calls() < (call + 1) / 2) {
        assertTrue(call > 30, "more calls than " + call);
        return;
      }
      assertTrue(List.of("old", "new").contains(seen.get(0)), "call " + call + ": " + seen);
      String last = version(raw, FolderReplacement.settle(raw, MODEL));
      assertTrue(last.equals("new") || (other.get() > 0 && last.equals("other")), last);
    }
  }

  @Test
  void aFailedRenameIntoPlacePutsTheOldOneBack() throws Exception {
    replace(raw, MODEL, "old");
    CheckpointStore refusing =
        new SharedStore(raw) {
          @Override
          public void rename(String from, String to) throws IOException {
            if (from.contains("-new-") && to.equals(MODEL)) {
              throw new Failed("no", null);
            }
            super.rename(from, to);
          }
        };
    Failed failed = assertThrows(Failed.class, () -> replace(refusing, MODEL, "new"));
    assertEquals("no", failed.getMessage());
    assertEquals("old", version(raw, MODEL));
    onlyTheModel("");
  }

  /** A reader that may not write finds the version that belongs there. */
  @Test
  void aReaderWithoutPermissionReadsTheHiddenOne() throws Exception {
    replace(raw, MODEL, "old");
    try (FolderReplacement replacement = FolderReplacement.begin(raw, MODEL)) {
      fill(raw, replacement.folder(), "new");
      raw.rename(replacement.folder(), replacement.folder().replace("writing", "new"));
      raw.rename(MODEL, replacement.folder().replace("writing", "old"));
    }
    CheckpointStore readOnly =
        new SharedStore(raw) {
          @Override
          public void rename(String from, String to) throws IOException {
            throw new Failed("no permission", null);
          }
        };
    assertEquals("new", version(raw, FolderReplacement.settle(readOnly, MODEL)));
    assertTrue(raw.stat(MODEL).isEmpty());
    assertEquals(MODEL, FolderReplacement.settle(raw, MODEL));
    assertEquals("new", version(raw, MODEL));
  }

  /** A first version that was never put in place, or a deleted folder's rest, does not rise. */
  @Test
  void whatWasNeverThereStaysAway() throws Exception {
    raw.makeDirectories("/models/.m.cairn-new-0123456789abcdef");
    raw.makeDirectories("/models/.m.cairn-gone-0123456789abcdef");
    raw.makeDirectories("/models/.n.cairn-old-0123456789abcdef");
    assertEquals(MODEL, FolderReplacement.settle(raw, MODEL));
    assertTrue(raw.stat(MODEL).isEmpty());
    raw.makeDirectories("/models/.m.cairn-old-0123456789abcde1");
    raw.makeDirectories("/models/.m.cairn-old-0123456789abcde2");
    Conflict two = assertThrows(Conflict.class, () -> FolderReplacement.settle(raw, MODEL));
    assertTrue(two.getMessage().contains(".m.cairn-old-0123456789abcde1"), two.getMessage());
  }

  @Test
  void aRootHasNoPlaceBesideIt() {
    CheckpointException refused =
        assertThrows(CheckpointException.class, () -> FolderReplacement.begin(raw, "hdfs://nn/"));
    assertTrue(refused.getMessage().contains("found the root"), refused.getMessage());
    assertEquals("hdfs://nn/", CheckpointFileNames.parent("hdfs://nn/m"));
    assertEquals("file:///", CheckpointFileNames.parent("file:///m"));
    assertEquals("hdfs://nn/a", CheckpointFileNames.parent("hdfs://nn/a/m"));
  }

  /**
   * A replacement on a real disk and on a real HDFS, through the public classes, and after an
   * interruption.
   */
  @Test
  void onHdfsAndOnDisk(@TempDir Path folder) throws Exception {
    MiniHdfs hdfs = MiniHdfs.shared();
    FolderOptions onHdfs = TestCheckpoints.OPTIONS.withHadoopProperties(hdfs.clientProperties());
    through(hdfs.uri("/replaced-in-the-root"), onHdfs);
    through(hdfs.uri("/replaced/m"), onHdfs);
    through(folder.resolve("ein Modell").toString(), TestCheckpoints.OPTIONS);
  }

  private static void through(String target, FolderOptions options) throws IOException {
    String full = CheckpointStores.qualify(target, new TreeMap<>(options.hadoopProperties()));
    CheckpointStore store = CheckpointStores.open(full, options.hadoopProperties());
    for (String version : List.of("a", "b")) {
      try (FolderReplacement replacement = FolderReplacement.begin(target, options)) {
        fill(store, replacement.folder(), version);
        replacement.commit();
      }
      assertEquals(version, version(store, FolderReplacement.current(target, options)));
    }
    String parent = CheckpointFileNames.parent(full);
    String name = CheckpointFileNames.lastPart(full);
    assertFalse(names(store, full).stream().anyMatch(n -> n.contains(".cairn-")));
    // Interrupted between the two renames.
    String made = CheckpointFileNames.child(parent, "." + name + ".cairn-new-0123456789abcdef");
    store.makeDirectory(made);
    fill(store, made, "c");
    store.rename(
        full, CheckpointFileNames.child(parent, "." + name + ".cairn-old-0123456789abcdef"));
    assertEquals("c", version(store, FolderReplacement.current(target, options)));
    assertEquals("c", version(store, full));
    try (FolderReplacement replacement = FolderReplacement.begin(target, options)) {
      fill(store, replacement.folder(), "d");
      replacement.commit();
      assertEquals(full, replacement.target());
    }
    assertEquals("d", version(store, full));
    assertFalse(names(store, full).stream().anyMatch(n -> n.contains(".cairn-")));
    assertThrows(NotFound.class, () -> read(store, full + "/nothing"));
  }
}
