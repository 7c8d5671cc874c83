package dev.cairn.checkpoint.train;

import dev.cairn.checkpoint.bundle.CheckpointState;
import dev.cairn.checkpoint.model.CheckpointException;
import dev.cairn.checkpoint.model.CheckpointException.Conflict;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What a new manager finds in its folder.
 *
 * @param known the checkpoints that it manages from now on
 * @param listed all paths that the state file names
 * @param noted whether there are notes
 * @param warnings what is odd, and what follows from that
 */
record ManagerRecovery(
    ManagedCheckpoints known,
    Set<String> listed,
    boolean noted,
    List<CheckpointException> warnings) {

  static ManagerRecovery of(ManagerFolder folder, ManagerSettings settings, double now)
      throws IOException {
    List<CheckpointException> warnings = new ArrayList<>();
    Optional<StateFolder.Read> read = folder.readState();
    ManagedCheckpoints known;
    Set<String> listed = new HashSet<>();
    if (read.isPresent()) {
      CheckpointState state = read.get().state();
      known = ManagedCheckpoints.recover(settings.rules(), state, now);
      listed.addAll(state.all());
      tell(folder, read.get(), known, now, warnings);
    } else {
      known = unlisted(folder, settings, now, warnings);
    }
    Optional<ManagerNotes> notes = folder.readNotes();
    if (notes.isPresent()) {
      for (ManagedCheckpoint one : notes.get().known()) {
        known.note(one, notes.get().held().contains(one.path()));
      }
    }
    if (settings.rules().bytes() < Long.MAX_VALUE) {
      for (ManagedCheckpoint one : known.all()) {
        known.weigh(one.path(), folder.bytes(one.path()));
      }
    }
    return new ManagerRecovery(known, listed, notes.isPresent(), warnings);
  }

  /** TensorFlow passes over all of this without a word, or with one that does not say so. */
  private static void tell(
      ManagerFolder folder,
      StateFolder.Read read,
      ManagedCheckpoints known,
      double now,
      List<CheckpointException> warnings) {
    if (!read.elsewhere().isEmpty()) {
      warnings.add(
          odd(
              folder,
              "it names checkpoints of other folders, which stay as they are",
              read.elsewhere()));
    }
    List<String> left = new ArrayList<>(read.state().all());
    known.active().forEach(one -> left.remove(one.path()));
    if (left.isEmpty()) {
      return;
    }
    String why;
    if (read.state().timestamps().isEmpty()) {
      why = "it has no times, as no manager wrote it";
    } else if (read.state().lastPreserved() > now) {
      why = "the clock has gone back to before the last one that was kept for good";
    } else {
      why = "these are not younger than the last one that was kept for good";
    }
    warnings.add(odd(folder, why + "; they stay until you delete them", left));
  }

  /** A folder that has lost its state file: what lies there is not overwritten, and not deleted. */
  private static ManagedCheckpoints unlisted(
      ManagerFolder folder,
      ManagerSettings settings,
      double now,
      List<CheckpointException> warnings)
      throws IOException {
    List<ManagedCheckpoint> lying = folder.lyingThere(settings.name());
    if (lying.isEmpty()) {
      return ManagedCheckpoints.none(settings.rules(), now);
    }
    List<String> paths = lying.stream().map(ManagedCheckpoint::path).toList();
    String newest = paths.get(paths.size() - 1);
    warnings.add(
        odd(
            folder,
            "it is missing, but checkpoints are there; "
                + newest
                + " counts as the newest, and"
                + " all stay until you delete them",
            paths));
    return ManagedCheckpoints.recover(
        settings.rules(), new CheckpointState(newest, List.of(), List.of(), now), now);
  }

  private static Conflict odd(ManagerFolder folder, String what, List<String> paths) {
    return new Conflict(
        "The state file is not as a manager leaves it: "
            + what
            + ": "
            + String.join(", ", paths)
            + " (path="
            + folder.directory()
            + "/checkpoint)");
  }
}
