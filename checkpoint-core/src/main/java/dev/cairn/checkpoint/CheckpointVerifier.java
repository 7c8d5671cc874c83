package dev.cairn.checkpoint;

import dev.cairn.checkpoint.commit.SliceCoverage;
import dev.cairn.checkpoint.concurrent.Parallel;
import dev.cairn.checkpoint.io.FileVerifier;
import dev.cairn.checkpoint.io.OpenCheckpoint;
import dev.cairn.checkpoint.model.CheckpointException.Corrupt;
import dev.cairn.checkpoint.model.CheckpointException.NotFound;
import dev.cairn.checkpoint.model.DataFile;
import dev.cairn.checkpoint.model.StoredSlice;
import dev.cairn.checkpoint.model.VerifyReport;
import dev.cairn.checkpoint.model.VerifyReport.Damage;
import dev.cairn.checkpoint.store.CheckpointFileNames;
import dev.cairn.checkpoint.store.CheckpointStore;
import dev.cairn.checkpoint.store.CheckpointStores;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;

/**
 * Reads every byte of a checkpoint and lists everything that differs from what was written.
 * Stateless.
 */
public final class CheckpointVerifier {

  private static final int THREADS = 4;

  private CheckpointVerifier() {}

  /**
   * Verifies a checkpoint.
   *
   * @param path a checkpoint's directory, or a TensorFlow prefix
   * @param threads the number of files that are read at a time
   * @param progress receives the number of bytes read since its last call, from several threads
   * @return all damages; where manifest or index are damaged, those of the files of which they
   *     still tell
   * @throws NotFound if there is no checkpoint
   */
  public static VerifyReport verify(
      String path, FolderOptions options, int threads, LongConsumer progress) throws IOException {
    String full = CheckpointStores.qualify(path, options.hadoopProperties());
    try (CheckpointStore store = CheckpointStores.open(full, options.hadoopProperties())) {
      return verify(store, full, threads, progress);
    }
  }

  /** Does the same with a store that is open, and a path with its scheme. */
  public static VerifyReport verify(
      CheckpointStore store, String path, int threads, LongConsumer progress) throws IOException {
    List<Damage> damages = Collections.synchronizedList(new ArrayList<>());
    OpenCheckpoint checkpoint;
    String[] reading = {CheckpointFileNames.MANIFEST};
    try {
      checkpoint = CheckpointOpener.open(store, path, file -> reading[0] = file);
    } catch (Corrupt e) {
      Optional<OpenCheckpoint> good = DamagedCheckpoint.open(store, path, reading[0], e, damages);
      if (good.isEmpty()) {
        return new VerifyReport(path, 0, 0, damages);
      }
      checkpoint = good.get();
    }
    return verify(store, path, checkpoint, damages, threads, progress);
  }

  private static VerifyReport verify(
      CheckpointStore store,
      String path,
      OpenCheckpoint checkpoint,
      List<Damage> damages,
      int threads,
      LongConsumer progress)
      throws IOException {
    List<List<StoredSlice>> byShard = new ArrayList<>();
    for (int shard = 0; shard < checkpoint.index().shards(); shard++) {
      byShard.add(new ArrayList<>());
    }
    checkpoint
        .index()
        .slices()
        .values()
        .forEach(slices -> slices.forEach(slice -> byShard.get(slice.shard()).add(slice)));
    Map<String, DataFile> files = checkpoint.files();
    checkpoint.index().slices().values().forEach(slices -> cover(checkpoint, slices, damages));
    List<Parallel.Task> tasks = new ArrayList<>();
    AtomicLong bytes = new AtomicLong();
    LongConsumer counted =
        n -> {
          bytes.addAndGet(n);
          progress.accept(n);
        };
    int read = 0;
    for (int shard = 0; shard < byShard.size(); shard++) {
      String data = checkpoint.dataPath(shard);
      DataFile said = files.get(checkpoint.dataName(shard));
      if (said == null && byShard.get(shard).isEmpty()) {
        // TensorFlow allows numbers of data files that nothing refers to.
        continue;
      }
      FileVerifier verifier =
          new FileVerifier(
              store,
              data,
              said,
              byShard.get(shard),
              checkpoint.index().bigEndian(),
              damages::add,
              counted);
      tasks.add(verifier::run);
      read++;
    }
    Parallel.run("cairn-verify", threads, tasks);
    List<Damage> sorted = new ArrayList<>(damages);
    sorted.sort(Comparator.comparing(Damage::file).thenComparingLong(Damage::offset));
    return new VerifyReport(path, read, bytes.get(), sorted);
  }

  /**
   * Checks that slices cover their variables: TensorFlow merges slices with holes and overlaps, and
   * notices only when they are read.
   */
  private static void cover(
      OpenCheckpoint checkpoint, List<StoredSlice> slices, List<Damage> damages) {
    String problem =
        slices.size() == 1 && slices.get(0).unsliced() ? "" : SliceCoverage.problem(slices);
    if (!problem.isEmpty()) {
      String index = CheckpointFileNames.lastPart(checkpoint.indexPath());
      String key = slices.get(0).variable().key();
      damages.add(
          new Damage(
              index, key, "", 0, "expected slices that cover it exactly once, found " + problem));
    }
  }

  /**
   * Verifies a checkpoint.
   *
   * @throws Corrupt naming the first damage, if there are any
   */
  public static void check(CheckpointStore store, String path) throws IOException {
    VerifyReport report = verify(store, path, THREADS, n -> {});
    if (!report.good()) {
      List<Damage> damages = report.damages();
      // What is wrong with manifest or index explains the rest.
      Damage first =
          damages.stream()
              .filter(damage -> !damage.file().contains(".data-"))
              .findFirst()
              .orElse(damages.get(0));
      throw new Corrupt(
          "Cannot use checkpoint: "
              + first
              + (damages.size() > 1 ? "; and " + (damages.size() - 1) + " more" : "")
              + " (path="
              + path
              + ")");
    }
  }
}
