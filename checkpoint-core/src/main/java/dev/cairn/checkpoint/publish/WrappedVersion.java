package dev.cairn.checkpoint.publish;

import dev.cairn.checkpoint.FolderOptions;
import dev.cairn.checkpoint.Folders;
import dev.cairn.checkpoint.commit.CommittedCheckpoints;
import dev.cairn.checkpoint.commit.SessionIds;
import dev.cairn.checkpoint.commit.VersionJson;
import dev.cairn.checkpoint.model.CheckpointException.Conflict;
import dev.cairn.checkpoint.model.DataFile;
import dev.cairn.checkpoint.model.VersionRecord;
import dev.cairn.checkpoint.store.CheckpointFileNames;
import dev.cairn.checkpoint.store.CheckpointStore;
import dev.cairn.checkpoint.store.CheckpointStores;
import dev.cairn.checkpoint.store.ReplacementNames.Hidden;
import dev.cairn.checkpoint.store.ReplacementNames.Role;
import java.io.IOException;
import java.util.Map;
import java.util.SortedMap;

/**
 * A version within a folder of another program's layout, beside files of that program's. It appears
 * whole, by one rename. Stateless.
 */
public final class WrappedVersion {
  private WrappedVersion() {}

  /**
   * Writes such a folder. The version's files are linked where storage has links, else copied.
   *
   * @param version which the caller has verified, or just published
   * @param place the version's folder within the new one, such as {@code data/saved_model}
   * @param files the other files' bytes, by path within the folder
   * @param target a folder that does not exist; its parents are made
   * @return the full path
   * @throws Conflict if there is something at the target
   */
  public static String write(
      ModelVersion version,
      String place,
      SortedMap<String, byte[]> files,
      String target,
      FolderOptions options)
      throws IOException {
    String full = Folders.qualify(target, options);
    try (CheckpointStore from =
            CheckpointStores.open(version.folder(), options.hadoopProperties());
        CheckpointStore to = CheckpointStores.open(full, options.hadoopProperties())) {
      write(from, version, place, files, to, full);
    }
    return full;
  }

  static void write(
      CheckpointStore from,
      ModelVersion version,
      String place,
      SortedMap<String, byte[]> files,
      CheckpointStore to,
      String target)
      throws IOException {
    requireNothing(to, target);
    String parent = CheckpointFileNames.parent(target);
    to.makeDirectories(parent);
    Hidden writing =
        new Hidden(CheckpointFileNames.lastPart(target), Role.WRITING, SessionIds.next());
    String hidden = CheckpointFileNames.child(parent, writing.name());
    to.makeDirectory(hidden);
    HiddenVersions.sweepBeside(to, hidden);
    boolean done = false;
    try {
      for (Map.Entry<String, byte[]> file : files.entrySet()) {
        String path = CheckpointFileNames.child(hidden, file.getKey());
        to.makeDirectories(CheckpointFileNames.parent(path));
        DataFile unused = VersionFiles.write(to, path, file.getValue());
      }
      String inside = CheckpointFileNames.child(hidden, place);
      to.makeDirectories(CheckpointFileNames.parent(inside));
      boolean unused = VersionFiles.copyTree(from, version.folder(), to, inside);
      to.rename(hidden, target);
      done = true;
    } finally {
      if (!done) {
        HiddenVersions.delete(to, hidden);
      }
    }
  }

  /** The record of the version in such a folder. */
  public static VersionRecord record(String inside, FolderOptions options) throws IOException {
    String full = Folders.qualify(inside, options);
    try (CheckpointStore store = CheckpointStores.open(full, options.hadoopProperties())) {
      String path =
          CheckpointFileNames.child(
              CheckpointFileNames.child(full, CheckpointFileNames.EXTRA),
              CheckpointFileNames.VERSION);
      return VersionJson.decode(CommittedCheckpoints.readAll(store, path), path);
    }
  }

  private static void requireNothing(CheckpointStore store, String full) throws IOException {
    if (store.stat(full).isPresent()) {
      throw new Conflict(
          "Cannot write a model's folder: expected nothing at its place, found something (path="
              + full
              + "); name another folder, or delete this one first");
    }
  }
}
