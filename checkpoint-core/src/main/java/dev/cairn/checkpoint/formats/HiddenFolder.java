package dev.cairn.checkpoint.formats;

import dev.cairn.checkpoint.FolderOptions;
import dev.cairn.checkpoint.Folders;
import dev.cairn.checkpoint.commit.SessionIds;
import dev.cairn.checkpoint.store.CheckpointFileNames;
import dev.cairn.checkpoint.store.CheckpointStore;
import java.io.Closeable;
import java.io.IOException;

/**
 * A folder beside a path under a name that nobody else has, in which files are written before they
 * get their names; deleted when it is closed, with what is still in it.
 *
 * @param path the folder
 */
record HiddenFolder(String path, FolderOptions options) implements Closeable {

  /** Makes one on the storage of {@code beside}, whose own folder is made if it does not exist. */
  static HiddenFolder make(CheckpointStore store, String beside, FolderOptions options)
      throws IOException {
    String folder = CheckpointFileNames.parent(beside);
    store.makeDirectories(folder);
    String name = "." + CheckpointFileNames.lastPart(beside) + "-" + SessionIds.next();
    String path = CheckpointFileNames.child(folder, name);
    store.makeDirectory(path);
    return new HiddenFolder(path, options);
  }

  String child(String name) {
    return CheckpointFileNames.child(path, name);
  }

  @Override
  public void close() throws IOException {
    Folders.delete(path, options);
  }
}
