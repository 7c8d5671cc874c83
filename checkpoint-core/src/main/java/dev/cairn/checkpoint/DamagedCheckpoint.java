package dev.cairn.checkpoint;

import dev.cairn.checkpoint.bundle.BundleIndex;
import dev.cairn.checkpoint.commit.CommittedCheckpoints;
import dev.cairn.checkpoint.io.OpenCheckpoint;
import dev.cairn.checkpoint.model.CheckpointException.Corrupt;
import dev.cairn.checkpoint.model.CheckpointException.NotFound;
import dev.cairn.checkpoint.model.Manifest;
import dev.cairn.checkpoint.model.VerifyReport.Damage;
import dev.cairn.checkpoint.store.CheckpointFileNames;
import dev.cairn.checkpoint.store.CheckpointStore;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** What can still be said of a checkpoint whose manifest or index is damaged. Stateless. */
final class DamagedCheckpoint {

  private DamagedCheckpoint() {}

  /**
   * Opens what is good of it.
   *
   * @param reading the name of the file that could not be read
   * @param first why not
   * @param damages told of each damage of manifest and index
   * @return what its files can be verified by; empty if nothing of it can be read
   */
  static Optional<OpenCheckpoint> open(
      CheckpointStore store, String path, String reading, Corrupt first, List<Damage> damages)
      throws IOException {
    boolean manifestBad = reading.equals(CheckpointFileNames.MANIFEST);
    Optional<Manifest> manifest =
        manifestBad ? Optional.empty() : CommittedCheckpoints.manifest(store, path);
    boolean ofRun = manifestBad || manifest.isPresent();
    String prefix = ofRun ? CheckpointFileNames.child(path, CheckpointFileNames.VARIABLES) : path;
    String index = prefix + ".index";
    List<Corrupt> inIndex = new ArrayList<>();
    Optional<BundleIndex> good = index(store, index, inIndex::add);
    if (manifestBad || inIndex.isEmpty()) {
      // An index without damage is whole for itself, and not the one of its manifest; or missing.
      damages.add(damage(reading, first));
    }
    for (Corrupt one : inIndex) {
      damages.add(damage(CheckpointFileNames.lastPart(index), one));
    }
    if (good.isEmpty() && manifest.isEmpty()) {
      return Optional.empty();
    }
    int files = manifest.map(said -> said.files().size()).orElse(0);
    BundleIndex rest = good.orElseGet(BundleIndex::empty).withShards(files);
    return Optional.of(new OpenCheckpoint(prefix, manifest, rest));
  }

  private static Damage damage(String file, Corrupt e) {
    return new Damage(file, "", "", 0, String.valueOf(e.getMessage()));
  }

  private static Optional<BundleIndex> index(
      CheckpointStore store, String file, Consumer<Corrupt> damages) throws IOException {
    byte[] bytes;
    try {
      bytes = CommittedCheckpoints.readAll(store, file);
    } catch (NotFound gone) {
      return Optional.empty();
    }
    try {
      return Optional.of(BundleIndex.readGood(bytes, file, damages));
    } catch (Corrupt e) {
      damages.accept(e);
      return Optional.empty();
    }
  }
}
