package dev.cairn.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.checkpoint.CountingStore.Counts;
import dev.cairn.checkpoint.commit.ManifestJson;
import dev.cairn.checkpoint.model.Manifest;
import dev.cairn.checkpoint.store.CheckpointFileNames;
import dev.cairn.checkpoint.store.CheckpointStore;
import dev.cairn.checkpoint.store.CheckpointStores;
import dev.cairn.checkpoint.store.StoreInput;
import dev.cairn.checkpoint.store.StoredFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A folder of 5,000 steps, then of 10,000 (S66): what is asked of storage stays the same for the
 * newest one and for a save, and doubles at most for a listing of all.
 */
class ManyStepsTest {

  private static final int MANY = 5_000;

  /** Room for what a call asks for whatever the number of steps. */
  private static final int FEW = 40;

  @TempDir Path folder;
  private OldSteps old;
  private CountingStore store;

  /** The cost of one look at the folder. */
  private record Cost(
      Counts open,
      Counts latest,
      Counts all,
      Counts good,
      Counts save,
      Counts keeping,
      Counts expiring) {}

  @Test
  void onlyWhatIsAskedForIsRead() throws Exception {
    String directory = CheckpointStores.qualify(folder.toString(), new TreeMap<>());
    old = new OldSteps(CheckpointStores.open(directory, new TreeMap<>()), directory);
    store = new CountingStore(old);
    try (CheckpointFolder checkpoints =
        CheckpointFolder.open(store, directory, TestCheckpoints.OPTIONS)) {
      old.like = TestCheckpoints.save(checkpoints, store, 0, 2).manifest();
    }
    Cost once = cost(directory, 1, 1, MANY);
    Cost twice = cost(directory, 2, 10 * MANY, 2 * MANY);

    for (Cost cost : List.of(once, twice)) {
      assertEquals(new Counts(0, 0, List.of(), 0, 0), cost.open(), "opening asks nothing");
      assertEquals(1, cost.latest().lists());
      assertEquals(0, cost.latest().stats());
      assertEquals(1, cost.latest().opened().size(), "the newest manifest alone");
      assertEquals(1, cost.all().lists());
      assertEquals(0, cost.all().stats());
      assertEquals(5, cost.good().opened().size(), "manifest twice, index, two data files");
      // Its own owner file, and whether the few that TensorFlow's state file names are whole.
      assertTrue(cost.save().stats() < FEW, cost.save().toString());
      assertTrue(
          cost.save().opened().stream().allMatch(ManyStepsTest::isOfTheFolder),
          "a save reads no checkpoint");
      assertTrue(cost.save().lists() + cost.save().changes() < FEW, cost.save().toString());
      assertTrue(
          cost.keeping().opened().stream().allMatch(ManyStepsTest::isOfTheFolder),
          "retention reads no checkpoint");
    }
    assertEquals(once.save().lists(), twice.save().lists());
    assertEquals(once.save().changes(), twice.save().changes());
    assertEquals(once.all().opened().size() + MANY + 1, twice.all().opened().size());
    assertTrue(twice.all().bytesRead() <= 2.1 * once.all().bytesRead());
    assertTrue(twice.latest().bytesRead() <= once.latest().bytesRead() + 100);
    // Retention looks once at each that it may keep, and reads none.
    assertTrue(once.keeping().stats() <= MANY + FEW, once.keeping().toString());
    assertTrue(twice.keeping().stats() <= 2 * MANY + FEW, twice.keeping().toString());
    assertEquals(once.keeping().changes(), twice.keeping().changes());
    // And when all but two go at once, each goes by itself: hidden, listed, deleted.
    assertTrue(once.expiring().changes() >= MANY, once.expiring().toString());
    assertTrue(once.expiring().changes() <= 2 * MANY + FEW, once.expiring().toString());
    assertTrue(twice.expiring().changes() <= 2.1 * once.expiring().changes());
    assertTrue(twice.expiring().stats() <= 2 * MANY + FEW, twice.expiring().toString());
  }

  /** Whether a file is that of the folder's owner, or TensorFlow's. */
  private static boolean isOfTheFolder(String path) {
    return path.contains("/.owner-") || path.endsWith("/checkpoint");
  }

  /**
   * Everything that a program asks of a folder with {@code many} steps from {@code first} on.
   *
   * @param real how many older ones are in it
   */
  private Cost cost(String directory, int real, long first, int many) throws Exception {
    long newest = first + many - 1;
    Counts open;
    Counts latest;
    Counts all;
    Counts good;
    Counts save;
    for (long step = first; step <= newest; step++) {
      old.steps.add(step);
    }
    store.drain();
    try (CheckpointFolder checkpoints =
        CheckpointFolder.open(store, directory, TestCheckpoints.OPTIONS)) {
      open = store.drain();
      assertEquals(newest, checkpoints.latest().orElseThrow().step());
      latest = store.drain();
      List<CommittedCheckpoint> listed = checkpoints.checkpoints();
      assertEquals(many + real, listed.size());
      assertEquals(newest, listed.get(listed.size() - 1).step());
      all = store.drain();
      CommittedCheckpoint saved = TestCheckpoints.save(checkpoints, store, newest + 1, 2);
      save = store.drain();
      assertEquals(saved, checkpoints.newestGood(e -> {}).orElseThrow());
      good = store.drain();
    }
    // As many as there are with the next one: nothing expires, everything is looked at.
    Counts keeping = saved(directory, newest + 2, many + real + 2);
    assertEquals(many, old.steps.size());
    Counts expiring = saved(directory, newest + 3, 2);
    assertEquals(0, old.steps.size());
    return new Cost(open, latest, all, good, save, keeping, expiring);
  }

  /** The cost of one save in a folder that keeps so many. */
  private Counts saved(String directory, long step, int keep) throws Exception {
    FolderOptions options = TestCheckpoints.OPTIONS.withKeep(keep);
    try (CheckpointFolder checkpoints = CheckpointFolder.open(store, directory, options)) {
      store.drain();
      TestCheckpoints.save(checkpoints, store, step, 2);
      assertEquals(List.of(), checkpoints.drainWarnings());
      return store.drain();
    }
  }

  /**
   * The real folder and, beside what is in it, more steps: commit records as a long run leaves
   * them, made when they are asked for. Nobody is to look for their data.
   */
  private static final class OldSteps extends ForwardingStore {
    private final String directory;
    private Manifest like;
    private final Set<Long> steps = new HashSet<>();

    OldSteps(CheckpointStore store, String directory) {
      super(store);
      this.directory = directory;
    }

    @Override
    public List<StoredFile> list(String path) throws IOException {
      List<StoredFile> entries = new ArrayList<>(super.list(path));
      if (path.equals(directory)) {
        steps.forEach(
            step ->
                entries.add(new StoredFile("ckpt-" + step, 0, StoredFile.Kind.DIRECTORY, step)));
      }
      return entries;
    }

    /** The step of one of these commit records; -1 for another path. */
    private long recordOf(String path) {
      String parent = CheckpointFileNames.parent(path);
      return path.endsWith("/" + CheckpointFileNames.MANIFEST) ? stepOf(parent) : -1;
    }

    private long stepOf(String path) {
      return CheckpointFileNames.parseCommitted(CheckpointFileNames.lastPart(path))
          .map(name -> name.step())
          .filter(steps::contains)
          .orElse(-1L);
    }

    @Override
    public void rename(String from, String to) throws IOException {
      if (!steps.remove(stepOf(from))) {
        super.rename(from, to);
      }
    }

    @Override
    public Optional<StoredFile> stat(String path) throws IOException {
      return recordOf(path) < 0
          ? super.stat(path)
          : Optional.of(
              new StoredFile(
                  CheckpointFileNames.MANIFEST, 1, StoredFile.Kind.FILE, recordOf(path)));
    }

    @Override
    public StoreInput open(String path) throws IOException {
      if (recordOf(path) < 0) {
        return super.open(path);
      }
      byte[] bytes = ManifestJson.encode(manifest(recordOf(path)));
      return new StoreInput() {
        @Override
        public long length() {
          return bytes.length;
        }

        @Override
        public void readFully(long position, ByteBuffer into) {
          into.put(bytes, (int) position, into.remaining());
        }

        @Override
        public void close() {}
      };
    }

    private Manifest manifest(long step) {
      return new Manifest(
          like.formatVersion(),
          like.attempt(),
          step,
          like.wallTime(),
          like.index(),
          like.files(),
          like.variables(),
          like.slices(),
          like.training(),
          like.parent(),
          like.applicationId(),
          like.phaseMillis());
    }
  }
}
