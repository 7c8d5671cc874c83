package dev.cairn.checkpoint.commit;

import dev.cairn.checkpoint.bundle.CheckpointState;
import dev.cairn.checkpoint.store.CheckpointFileNames;
import dev.cairn.checkpoint.store.CheckpointStore;
import dev.cairn.checkpoint.store.StoreOutput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

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
    if (oldestFirst.isEmpty()) {
      return "# No checkpoint is left here.\n";
    }
    List<String> paths = new ArrayList<>();
    List<Double> times = new ArrayList<>();
    for (CommittedCheckpoints.Entry entry : oldestFirst) {
      paths.add(entry.name().name() + '/' + CheckpointFileNames.VARIABLES);
      times.add(entry.modifiedMillis() / 1000.0);
    }
    String latest = paths.get(paths.size() - 1);
    return new CheckpointState(latest, paths, times, Collections.min(times) - 1).print();
  }

  /** Writes the file beside its place, then puts it there in one step. */
  static void write(
      CheckpointStore store,
      String directory,
      List<CommittedCheckpoints.Entry> oldestFirst,
      String id)
      throws IOException {
    String temporary = CheckpointFileNames.child(directory, CheckpointFileNames.stateTemporary(id));
    try (StoreOutput out = store.create(temporary)) {
      out.write(ByteBuffer.wrap(text(oldestFirst).getBytes(StandardCharsets.UTF_8)));
      out.finish();
    }
    store.replace(temporary, CheckpointFileNames.child(directory, CheckpointFileNames.STATE));
  }
}
