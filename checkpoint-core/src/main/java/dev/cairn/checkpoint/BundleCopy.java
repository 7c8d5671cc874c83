package dev.cairn.checkpoint;

import dev.cairn.checkpoint.concurrent.Parallel;
import dev.cairn.checkpoint.io.FileCopy;
import dev.cairn.checkpoint.io.OpenCheckpoint;
import dev.cairn.checkpoint.model.CheckpointException.Conflict;
import dev.cairn.checkpoint.model.CheckpointException.Corrupt;
import dev.cairn.checkpoint.model.DataFile;
import dev.cairn.checkpoint.store.CheckpointFileNames;
import dev.cairn.checkpoint.store.CheckpointStore;
import dev.cairn.checkpoint.store.CheckpointStores;
import dev.cairn.checkpoint.store.StoredFile;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Gives TensorFlow a checkpoint's files in another folder, as they are and without a manifest: the
 * data files of one local folder are linked into the other, which takes neither time nor room; all
 * others are copied, their bytes compared with the manifest's checksums on the way, large ones
 * several at a time. Memory: 1 MiB for each of them. Stateless.
 */
public final class BundleCopy {
  /**
   * What was made.
   *
   * @param prefix that TensorFlow takes, with scheme
   * @param bytes of all files
   * @param linked whether the data files are the checkpoint's own, under a second name
   */
  public record Copied(String prefix, long bytes, boolean linked) {}

  private static final int THREADS = 4;

  /** Less than that is not worth a thread. */
  private static final long LARGE_BYTES = 16 << 20;

  private BundleCopy() {}

  /**
   * Puts a checkpoint's files into a folder, which is made if it is not there. The index comes
   * last, so that there is no checkpoint before it is whole.
   *
   * @param path a checkpoint's folder or prefix
   * @param folder which must not have files of these names
   * @throws Conflict if it has, before anything is written
   * @throws Corrupt if a file is not the one of the manifest
   */
  public static Copied into(String path, String folder, FolderOptions options) throws IOException {
    Map<String, String> properties = options.hadoopProperties();
    String source = CheckpointStores.qualify(path, properties);
    String target = CheckpointStores.qualify(folder, properties);
    try (CheckpointStore from = CheckpointStores.open(source, properties);
        CheckpointStore to = CheckpointStores.open(target, properties)) {
      return into(from, source, to, target);
    }
  }

  /**
   * Does the same with stores that are open.
   *
   * @param path a checkpoint's folder or prefix, with scheme
   * @param folder with scheme
   */
  public static Copied into(CheckpointStore from, String path, CheckpointStore to, String folder)
      throws IOException {
    OpenCheckpoint checkpoint = CheckpointOpener.open(from, path);
    return new Copying(from, to, checkpoint, folder).run();
  }

  /** One copy; not thread-safe. */
  private static final class Copying {
    private final CheckpointStore from;
    private final CheckpointStore to;
    private final OpenCheckpoint checkpoint;
    private final String folder;
    private final Map<String, DataFile> said;
    private final AtomicLong bytes = new AtomicLong();

    Copying(CheckpointStore from, CheckpointStore to, OpenCheckpoint checkpoint, String folder) {
      this.from = from;
      this.to = to;
      this.checkpoint = checkpoint;
      this.folder = folder;
      this.said = new TreeMap<>(checkpoint.files());
      checkpoint.manifest().ifPresent(of -> said.put(of.index().name(), of.index()));
    }

    Copied run() throws IOException {
      List<String> files = files();
      for (String file : files) {
        String place = place(file);
        if (to.stat(place).isPresent()) {
          throw new Conflict(
              "Cannot copy a checkpoint: expected no file of this name (path="
                  + place
                  + "); name another folder, or remove what is there");
        }
      }
      to.makeDirectories(folder);
      boolean linked;
      try {
        linked = data(files.subList(0, files.size() - 1));
        copy(checkpoint.indexPath());
      } catch (IOException e) {
        throw checkpoint.expiredElse(from, e);
      }
      return new Copied(
          CheckpointFileNames.child(folder, CheckpointFileNames.lastPart(checkpoint.prefix())),
          bytes.get(),
          linked);
    }

    /** Links or copies data files; returns whether all are links. */
    private boolean data(List<String> files) throws IOException {
      boolean linked = true;
      List<Parallel.Task> large = new ArrayList<>();
      for (String file : files) {
        if (to.link(file, place(file))) {
          bytes.addAndGet(from.stat(file).map(StoredFile::length).orElse(0L));
          continue;
        }
        linked = false;
        DataFile known = said.get(CheckpointFileNames.lastPart(file));
        if (known != null && known.length() >= LARGE_BYTES) {
          large.add(() -> copy(file));
        } else {
          copy(file);
        }
      }
      Parallel.run("cairn-copy", THREADS, large);
      return linked;
    }

    /** The index is the last one. Numbers to which nothing refers need have no file. */
    private List<String> files() throws IOException {
      List<String> files = new ArrayList<>();
      for (int shard = 0; shard < checkpoint.index().shards(); shard++) {
        String file = checkpoint.dataPath(shard);
        if (said.containsKey(checkpoint.dataName(shard)) || from.stat(file).isPresent()) {
          files.add(file);
        }
      }
      files.add(checkpoint.indexPath());
      return files;
    }

    private String place(String file) {
      return CheckpointFileNames.child(folder, CheckpointFileNames.lastPart(file));
    }

    private void copy(String file) throws IOException {
      Optional<DataFile> expected =
          Optional.ofNullable(said.get(CheckpointFileNames.lastPart(file)));
      bytes.addAndGet(FileCopy.copy(from, file, to, place(file), expected).length());
    }
  }
}
