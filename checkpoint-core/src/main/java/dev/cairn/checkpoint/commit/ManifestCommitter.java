package dev.cairn.checkpoint.commit;

import dev.cairn.checkpoint.bundle.BundleIndex;
import dev.cairn.checkpoint.model.CheckpointException;
import dev.cairn.checkpoint.model.CheckpointException.Corrupt;
import dev.cairn.checkpoint.model.CheckpointException.Failed;
import dev.cairn.checkpoint.model.CheckpointException.Mismatch;
import dev.cairn.checkpoint.model.CheckpointException.NotFound;
import dev.cairn.checkpoint.model.CheckpointException.StateUnknown;
import dev.cairn.checkpoint.model.DataFile;
import dev.cairn.checkpoint.model.Manifest;
import dev.cairn.checkpoint.model.ShardReport;
import dev.cairn.checkpoint.model.StoredSlice;
import dev.cairn.checkpoint.store.CheckpointFileNames;
import dev.cairn.checkpoint.store.CheckpointStore;
import dev.cairn.checkpoint.store.StoreOutput;
import dev.cairn.checkpoint.store.StoredFile;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.zip.CRC32C;

/**
 * Makes one attempt real: {@link #prepare} does all that can fail, {@link #commit} is one rename,
 * {@link #rollback} is total. Not thread-safe. There is one committer for each attempt.
 */
public final class ManifestCommitter {

  private final CheckpointStore store;
  private final String directory;
  private final String staging;
  private final String target;
  private final String attempt;

  /**
   * Makes the committer of one attempt.
   *
   * @param directory the run's folder
   * @param stagingName name of the attempt's directory
   * @param targetName name that the checkpoint is to have
   */
  public ManifestCommitter(
      CheckpointStore store,
      String directory,
      String stagingName,
      String targetName,
      String attempt) {
    this.store = store;
    this.directory = directory;
    this.staging = CheckpointFileNames.child(directory, stagingName);
    this.target = CheckpointFileNames.child(directory, targetName);
    this.attempt = attempt;
  }

  /** The parts of the manifest that only the committer has. */
  public record Contents(DataFile index, List<DataFile> files, long variables, long slices) {}

  /** The rest of the manifest, once its contents are known. */
  public interface ManifestMaker {
    /** The manifest of these contents. */
    Manifest make(Contents contents);
  }

  /**
   * Checks the reports against each other and against storage, then writes and syncs index and
   * manifest.
   *
   * @param reports one for each shard, in the order of the shards
   * @return the manifest as written
   */
  public Manifest prepare(Collection<ShardReport> reports, ManifestMaker maker) throws IOException {
    List<StoredSlice> slices = new ArrayList<>();
    List<DataFile> files = new ArrayList<>();
    for (ShardReport report : reports) {
      slices.addAll(report.slices());
      files.add(report.file());
    }
    if (slices.isEmpty()) {
      throw new Mismatch(
          "Cannot commit checkpoint: expected at least one variable, found none (path="
              + staging
              + "); a checkpoint of nothing cannot be restored");
    }
    SortedMap<String, List<StoredSlice>> byKey = SliceCoverage.check(slices);
    checkFiles(files);
    List<StoredSlice> ordered = new ArrayList<>(slices.size());
    byKey.values().forEach(ordered::addAll);
    ByteArrayOutputStream index = new ByteArrayOutputStream();
    BundleIndex.write(files.size(), ordered, index);
    byte[] bytes = index.toByteArray();
    write(CheckpointFileNames.INDEX, bytes);
    CRC32C crc = new CRC32C();
    crc.update(bytes);
    DataFile indexFile =
        new DataFile(CheckpointFileNames.INDEX, bytes.length, (int) crc.getValue());
    Manifest manifest = maker.make(new Contents(indexFile, files, byKey.size(), slices.size()));
    write(CheckpointFileNames.MANIFEST, ManifestJson.encode(manifest));
    return manifest;
  }

  private void checkFiles(List<DataFile> files) throws IOException {
    Map<String, StoredFile> found = new HashMap<>();
    for (StoredFile file : store.list(staging)) {
      found.put(file.name(), file);
    }
    for (DataFile file : files) {
      StoredFile stored = found.get(file.name());
      if (stored == null || !stored.isFile()) {
        throw new NotFound(
            "Cannot commit checkpoint: reported file "
                + file.name()
                + " is not there (path="
                + staging
                + "); save again");
      }
      if (stored.length() != file.length()) {
        throw new Corrupt(
            "Cannot commit checkpoint: file "
                + file.name()
                + " has another length, expected "
                + file.length()
                + ", found "
                + stored.length()
                + " (path="
                + staging
                + "); save again");
      }
    }
  }

  private void write(String name, byte[] bytes) throws IOException {
    try (StoreOutput out = store.create(CheckpointFileNames.child(staging, name))) {
      out.write(ByteBuffer.wrap(bytes));
      out.finish();
    }
  }

  /**
   * Makes the checkpoint appear: one rename. Called again after StateUnknown it looks first.
   *
   * @throws StateUnknown if it is not known whether it happened: nothing was deleted, call again
   * @throws CheckpointException of another kind if it certainly did not happen; then it never will
   */
  public void commit() throws IOException {
    IOException first;
    try {
      store.rename(staging, target);
      return;
    } catch (IOException e) {
      first = e;
    }
    if (!movedAside(first)) {
      return;
    }
    throw first instanceof CheckpointException clear
        ? clear
        : new Failed("Cannot commit checkpoint " + target + ": " + first.getMessage(), first);
  }

  /** Whether, after a failed rename, the attempt is certainly dead; false if it is committed. */
  private boolean movedAside(IOException first) throws StateUnknown {
    IOException cause = first;
    boolean gone = false;
    // The second look is for a rename that was still under way at the first one.
    for (int look = 0; look < 2; look++) {
      try {
        if (isThere()) {
          return false;
        }
        if (gone) {
          return true; // Somebody who took the folder over has moved it aside.
        }
        // Moved aside, the staging directory is out of reach of a rename that is still under way.
        store.rename(staging, expired());
        return true;
      } catch (IOException e) {
        if (e != first) {
          first.addSuppressed(e);
        }
        cause = e;
        gone = e instanceof NotFound;
      }
    }
    throw new StateUnknown(
        "Cannot tell whether checkpoint was committed: storage does not answer ("
            + cause.getMessage()
            + ") (path="
            + target
            + "); nothing was deleted, list the folder once it answers",
        first);
  }

  private boolean isThere() throws IOException {
    return CommittedCheckpoints.manifest(store, target)
        .map(manifest -> manifest.attempt().equals(attempt))
        .orElse(false);
  }

  private String expired() {
    return CheckpointFileNames.child(
        directory,
        CheckpointFileNames.expired(CheckpointFileNames.lastPart(staging), SessionIds.next()));
  }

  /**
   * Takes back everything of an attempt that is not committed.
   *
   * @return the hidden directory that is left to be deleted
   */
  public String rollback() throws IOException {
    String aside = expired();
    store.rename(staging, aside);
    return aside;
  }
}
