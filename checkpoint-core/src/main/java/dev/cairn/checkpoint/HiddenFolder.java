package dev.cairn.checkpoint;

import dev.cairn.checkpoint.commit.SessionIds;
import dev.cairn.checkpoint.store.CheckpointFileNames;
import dev.cairn.checkpoint.store.CheckpointStore;
import dev.cairn.checkpoint.store.ReplacementNames.Hidden;
import dev.cairn.checkpoint.store.ReplacementNames.Role;
import java.io.Closeable;
import java.io.IOException;

/**
 * A folder beside a path under a name that nobody else has, in which files are written before they
 * get their names; deleted when it is closed, with what is still in it.
 *
 * @param path the folder, with scheme
 * @param options how its storage is reached
 */
public record HiddenFolder(String path, FolderOptions options) implements Closeable {

  /** Makes one on the storage of {@code beside}, whose own folder is made if it does not exist. */
  public static HiddenFolder make(CheckpointStore store, String beside, FolderOptions options)
      throws IOException {
    String folder = CheckpointFileNames.parent(beside);
    store.makeDirectories(folder);
    String name = CheckpointFileNames.lastPart(beside);
    String path =
        CheckpointFileNames.child(folder, new Hidden(name, Role.WRITING, SessionIds.next()).name());
    store.makeDirectory(path);
    return new HiddenFolder(path, options);
  }

  /** The path of what has a name in it. */
  public String child(String name) {
    return CheckpointFileNames.child(path, name);
  }

  @Override
  public void close() throws IOException {
    Folders.delete(path, options);
  }
}
