package dev.cairn.checkpoint.commit;

import dev.cairn.checkpoint.store.CheckpointFileNames;
import dev.cairn.checkpoint.store.CheckpointStore;
import dev.cairn.checkpoint.store.StoreOutput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;

/**
 * TensorFlow's {@code checkpoint} file: a CheckpointState in text form, four fields only (any other
 * makes TensorFlow ignore the file). Paths are relative, so that a folder can be moved. The
 * timestamps lie after {@code last_preserved_timestamp}: only then does TensorFlow's
 * CheckpointManager adopt the checkpoints.
 */
final class StateFile {

  private StateFile() {}

  /** The file's text; the last entry is the newest checkpoint. */
  static String text(List<CommittedCheckpoints.Entry> oldestFirst) {
    StringBuilder text = new StringBuilder();
    if (oldestFirst.isEmpty()) {
      return "# No checkpoint is left here.\n";
    }
    text.append("model_checkpoint_path: ").append(path(oldestFirst.get(oldestFirst.size() - 1)));
    for (CommittedCheckpoints.Entry entry : oldestFirst) {
      text.append("all_model_checkpoint_paths: ").append(path(entry));
    }
    long oldest = Long.MAX_VALUE;
    for (CommittedCheckpoints.Entry entry : oldestFirst) {
      oldest = Math.min(oldest, entry.modifiedMillis());
      text.append("all_model_checkpoint_timestamps: ").append(seconds(entry.modifiedMillis()));
    }
    text.append("last_preserved_timestamp: ").append(seconds(oldest - 1000));
    return text.toString();
  }

  private static String path(CommittedCheckpoints.Entry entry) {
    return '"' + entry.name().name() + '/' + CheckpointFileNames.VARIABLES + "\"\n";
  }

  private static String seconds(long millis) {
    return String.format(Locale.ROOT, "%d.%03d", millis / 1000, millis % 1000) + "\n";
  }

  /** Writes the file beside its place, then puts it there in one step. */
  static void write(
      CheckpointStore store,
      String directory,
      List<CommittedCheckpoints.Entry> oldestFirst,
      String id)
      throws IOException {
    String temporary =
        CheckpointFileNames.child(directory, CheckpointFileNames.stateTemporary(id));
    try (StoreOutput out = store.create(temporary)) {
      out.write(ByteBuffer.wrap(text(oldestFirst).getBytes(StandardCharsets.UTF_8)));
      out.sync();
    }
    store.replace(
        temporary, CheckpointFileNames.child(directory, CheckpointFileNames.STATE));
  }
}
