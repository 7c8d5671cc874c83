package dev.cairn.checkpoint.retention;

import dev.cairn.checkpoint.model.CheckpointException.NotFound;
import dev.cairn.checkpoint.store.CheckpointFileNames;
import dev.cairn.checkpoint.store.CheckpointStore;
import dev.cairn.checkpoint.store.StoredFile;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * The files of a checkpoint that has no folder of its own: {@code PREFIX.index} and {@code
 * PREFIX.data-00000-of-00001} and so on, with five digits or more. Nothing else that begins with
 * the prefix is a part of it. Thread-safe.
 */
public final class PrefixFiles {
  private static final Pattern DATA = Pattern.compile("\\.data-[0-9]{5,}-of-[0-9]{5,}");
  private static final String INDEX = ".index";

  private final CheckpointStore store;

  /** For any number of prefixes of one store. */
  public PrefixFiles(CheckpointStore store) {
    this.store = store;
  }

  /** What its files take, by one listing; 0 if there are none. */
  public long bytes(String prefix) throws IOException {
    long bytes = 0;
    for (StoredFile file : files(prefix)) {
      bytes += file.length();
    }
    return bytes;
  }

  /**
   * Deletes a checkpoint: its index first, so that nobody takes for whole what is not; files that
   * are gone already are fine. One of a run's folder ({@code ckpt-STEP/variables}) goes as that
   * folder's own do, manifest first.
   */
  public void delete(String prefix) throws IOException {
    String folder = CheckpointFileNames.parent(prefix);
    if (isOfRun(prefix)) {
      new CheckpointCleaner(store, CheckpointFileNames.parent(folder))
          .expire(CheckpointFileNames.lastPart(folder));
      return;
    }
    List<StoredFile> files = files(prefix);
    for (boolean index : new boolean[] {true, false}) {
      for (StoredFile file : files) {
        if (file.name().endsWith(INDEX) == index) {
          boolean unused = store.delete(CheckpointFileNames.child(folder, file.name()));
        }
      }
    }
  }

  private boolean isOfRun(String prefix) throws IOException {
    String folder = CheckpointFileNames.parent(prefix);
    return CheckpointFileNames.lastPart(prefix).equals(CheckpointFileNames.VARIABLES)
        && CheckpointFileNames.parseCommitted(CheckpointFileNames.lastPart(folder)).isPresent()
        && store.stat(CheckpointFileNames.child(folder, CheckpointFileNames.MANIFEST)).isPresent();
  }

  private List<StoredFile> files(String prefix) throws IOException {
    String name = CheckpointFileNames.lastPart(prefix);
    List<StoredFile> files = new ArrayList<>();
    try {
      for (StoredFile file : store.list(CheckpointFileNames.parent(prefix))) {
        if (file.isFile() && file.name().startsWith(name) && isPart(file.name(), name)) {
          files.add(file);
        }
      }
    } catch (NotFound gone) {
      return List.of();
    }
    return files;
  }

  private static boolean isPart(String file, String prefix) {
    String end = file.substring(prefix.length());
    return end.equals(INDEX) || DATA.matcher(end).matches();
  }
}
