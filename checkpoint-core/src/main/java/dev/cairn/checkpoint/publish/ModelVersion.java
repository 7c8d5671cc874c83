package dev.cairn.checkpoint.publish;

import dev.cairn.checkpoint.Folders;
import dev.cairn.checkpoint.model.VersionRecord;
import dev.cairn.checkpoint.store.CheckpointFileNames;

/**
 * A published version of a model.
 *
 * @param folder full path
 * @param record what is known of it
 */
public record ModelVersion(String folder, VersionRecord record) {
  /** Its number. */
  public long number() {
    return record.number();
  }

  /** The checkpoint in it: parameters and the optimizer's state, as they were published. */
  public String checkpoint() {
    return Folders.child(folder, CheckpointFileNames.VARIABLES);
  }
}
