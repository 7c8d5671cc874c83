package dev.cairn.checkpoint.publish;

import dev.cairn.checkpoint.BundleCopy;
import dev.cairn.checkpoint.CheckpointVerifier;
import dev.cairn.checkpoint.Folders;
import dev.cairn.checkpoint.ModelVersions;
import dev.cairn.checkpoint.ServingConfig;
import dev.cairn.checkpoint.commit.CommittedCheckpoints;
import dev.cairn.checkpoint.commit.SessionIds;
import dev.cairn.checkpoint.commit.VersionJson;
import dev.cairn.checkpoint.io.FileCopy;
import dev.cairn.checkpoint.model.CheckpointException.Conflict;
import dev.cairn.checkpoint.model.CheckpointException.NotFound;
import dev.cairn.checkpoint.model.CheckpointException.StateUnknown;
import dev.cairn.checkpoint.model.DataFile;
import dev.cairn.checkpoint.model.Manifest;
import dev.cairn.checkpoint.model.ModelDefinition;
import dev.cairn.checkpoint.model.TrainingState;
import dev.cairn.checkpoint.model.VersionRecord;
import dev.cairn.checkpoint.savedmodel.SavedModelProgram;
import dev.cairn.checkpoint.store.CheckpointFileNames;
import dev.cairn.checkpoint.store.CheckpointStore;
import dev.cairn.checkpoint.store.CheckpointStores;
import dev.cairn.checkpoint.store.ReplacementNames.Hidden;
import dev.cairn.checkpoint.store.ReplacementNames.Role;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * A version that is being made, in a hidden folder whose name is no number; {@link #commit} puts it
 * in place by one rename. Without that, {@link #close} throws it away. Not thread-safe.
 */
public final class VersionDraft implements Closeable {
  private final ModelFolder model;
  private final CheckpointStore store;
  private final OptionalLong previous;
  private final long number;
  private final Hidden writing;
  private final List<DataFile> files = new ArrayList<>();
  private String source = "";
  private @Nullable Manifest manifest;
  private boolean over;

  private VersionDraft(ModelFolder model, OptionalLong previous, long number) {
    this.model = model;
    this.store = model.store();
    this.previous = previous;
    this.number = number;
    this.writing = new Hidden(Long.toString(number), Role.WRITING, SessionIds.next());
  }

  static VersionDraft begin(ModelFolder model, OptionalLong previous, long number)
      throws IOException {
    VersionDraft draft = new VersionDraft(model, previous, number);
    FolderContents.requireVersions(draft.store, model.path());
    draft.store.makeDirectories(model.path());
    draft.store.makeDirectory(draft.folder());
    HiddenVersions.sweepBeside(draft.store, draft.folder());
    return draft;
  }

  /** The number that it will have. */
  public long number() {
    return number;
  }

  /** The hidden folder, with scheme. */
  public String folder() {
    return CheckpointFileNames.child(model.path(), writing.name());
  }

  /** The version in use when this one was begun. */
  public OptionalLong previous() {
    return previous;
  }

  private String variables() {
    return CheckpointFileNames.child(folder(), CheckpointFileNames.VARIABLES);
  }

  /**
   * Takes a checkpoint in, with the optimizer's state: by links to its files where the storage has
   * them, else by copies. Every byte is compared with its checksum.
   *
   * @param checkpoint its folder
   * @return its manifest
   * @throws dev.cairn.checkpoint.model.CheckpointException.Corrupt if it is damaged
   */
  public Manifest putCheckpoint(String checkpoint) throws IOException {
    String full = Folders.qualify(checkpoint, model.options());
    try (CheckpointStore from = CheckpointStores.open(full, model.options().hadoopProperties())) {
      return putCheckpoint(from, full);
    }
  }

  Manifest putCheckpoint(CheckpointStore from, String checkpoint) throws IOException {
    Manifest found =
        CommittedCheckpoints.manifest(from, checkpoint)
            .orElseThrow(() -> ModelFolder.noManifest(checkpoint));
    BundleCopy.Copied copied = BundleCopy.into(from, checkpoint, store, variables());
    String name = CheckpointFileNames.MANIFEST;
    DataFile unused =
        FileCopy.copy(
            from,
            CheckpointFileNames.child(checkpoint, name),
            store,
            CheckpointFileNames.child(variables(), name),
            Optional.empty());
    if (copied.linked()) {
      CheckpointVerifier.check(store, variables());
    }
    source = checkpoint;
    manifest = found;
    return found;
  }

  /** Adds the program by which servers compute; the checkpoint comes first. */
  public void putProgram(SavedModelProgram program) throws IOException {
    byte[] index =
        CommittedCheckpoints.readAll(
            store, CheckpointFileNames.child(variables(), CheckpointFileNames.INDEX));
    put(CheckpointFileNames.SAVED_MODEL, program.bytes());
    put(CheckpointFileNames.FINGERPRINT, program.fingerprint(index));
  }

  void put(String name, byte[] bytes) throws IOException {
    files.add(VersionFiles.write(store, CheckpointFileNames.child(folder(), name), bytes));
  }

  /** Takes all files of a version in, but its record; the caller has verified them. */
  void repeat(ModelVersion version) throws IOException {
    String from = version.checkpoint();
    boolean linked = VersionFiles.copyTree(store, from, store, variables());
    for (DataFile file : version.record().files()) {
      String place = CheckpointFileNames.child(folder(), file.name());
      String old = CheckpointFileNames.child(version.folder(), file.name());
      if (!store.link(old, place)) {
        DataFile unused = FileCopy.copy(store, old, store, place, Optional.of(file));
      }
      files.add(file);
    }
    if (!linked) {
      CheckpointVerifier.check(store, variables());
    }
    source = version.record().checkpoint();
    manifest = CommittedCheckpoints.manifest(store, variables()).orElseThrow();
  }

  /**
   * Puts the version in place, and at once in use, unless labels say otherwise: where {@code
   * models.config} has the label {@code stable}, that is moved to it.
   *
   * @throws Conflict if somebody else has published meanwhile; nothing has changed then
   * @throws StateUnknown if it is not known whether the version is in place
   */
  public ModelVersion commit(Lineage lineage) throws IOException {
    return commit(lineage, List.of(ServingConfig.STABLE));
  }

  /**
   * Puts the version in place.
   *
   * @param labels that are moved to it; {@code models.config} is made if there is another one than
   *     {@code stable}, and with it the version is in use only if {@code stable} is among them
   */
  public ModelVersion commit(Lineage lineage, List<String> labels) throws IOException {
    VersionRecord record = record(lineage);
    return commit(record, VersionJson.encode(record), labels);
  }

  /** Puts a version in place whose record was made elsewhere. */
  ModelVersion commit(VersionRecord record, byte[] bytes, List<String> labels) throws IOException {
    labels.forEach(ServingConfig::checkLabel);
    String extra = CheckpointFileNames.child(folder(), CheckpointFileNames.EXTRA);
    store.makeDirectory(extra);
    DataFile unused =
        VersionFiles.write(
            store, CheckpointFileNames.child(extra, CheckpointFileNames.VERSION), bytes);
    String place = CheckpointFileNames.child(model.path(), Long.toString(number));
    try (FolderLock lock = model.lock()) {
      requireUnchanged();
      lock.check();
      rename(place, bytes);
      over = true;
      move(record.previous(), labels);
    }
    return new ModelVersion(place, record);
  }

  /** Moves the labels; the version is in place by now, and stays there. */
  private void move(Optional<Long> before, List<String> labels) throws IOException {
    try {
      model.move(number, before, labels);
    } catch (IOException e) {
      throw new StateUnknown(
          "Version "
              + number
              + " of model "
              + model.name()
              + " is in place, but its labels are not: "
              + e.getMessage()
              + "; the same command again moves them (path="
              + model.path()
              + ")",
          e);
    }
  }

  private VersionRecord record(Lineage lineage) throws IOException {
    Manifest of = Objects.requireNonNull(manifest, "a version has a checkpoint");
    return new VersionRecord(
        number,
        model.clock().instant(),
        who(),
        lineage.origin(),
        lineage.parent(),
        previous.isPresent() ? Optional.of(previous.getAsLong()) : Optional.empty(),
        source,
        of.attempt(),
        of.step(),
        of.training().flatMap(TrainingState::model).map(ModelDefinition::kind).orElse(""),
        lineage.data(),
        lineage.figures(),
        lineage.before(),
        lineage.gate(),
        files);
  }

  /** Who does it: user and machine. */
  static String who() {
    return System.getProperty("user.name", "") + "@" + host();
  }

  private static String host() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (IOException e) {
      return "localhost";
    }
  }

  private void requireUnchanged() throws IOException {
    OptionalLong now = ModelVersions.current(store, model.path());
    if (!now.equals(previous)) {
      throw taken(now.isPresent() ? "version " + now.getAsLong() : "none");
    }
  }

  private Conflict taken(String found) {
    return new Conflict(
        "Cannot publish version "
            + number
            + " of model "
            + model.name()
            + ": expected "
            + (previous.isPresent() ? "version " + previous.getAsLong() : "none")
            + " to be in use still, found "
            + found
            + ": somebody else has published or rolled back meanwhile (path="
            + model.path()
            + "); look at the history, and begin again from there");
  }

  private void rename(String place, byte[] record) throws IOException {
    try {
      store.rename(folder(), place);
    } catch (IOException e) {
      // The answer may be that of a second try of the storage's own, so look whoever is there.
      if (isOurs(place, record, e)) {
        return;
      }
      over = true;
      Optional<String> gone = retire(e);
      if (gone.isEmpty() && isOurs(place, record, e)) {
        return;
      }
      gone.ifPresent(hidden -> HiddenVersions.delete(store, hidden));
      throw e instanceof Conflict ? taken("version " + number) : e;
    }
  }

  /** Sees to it that a rename which is done late finds nothing to rename. */
  private Optional<String> retire(IOException failure) throws StateUnknown {
    try {
      return HiddenVersions.retire(store, folder(), number);
    } catch (IOException e) {
      throw unknown(failure, e);
    }
  }

  /** Whether the version is in place, although the answer says otherwise. */
  private boolean isOurs(String place, byte[] record, IOException failure) throws StateUnknown {
    try {
      return Arrays.equals(
          record, CommittedCheckpoints.readAll(store, VersionRecords.recordPath(place)));
    } catch (NotFound e) {
      return false;
    } catch (IOException e) {
      throw unknown(failure, e);
    }
  }

  private StateUnknown unknown(IOException failure, IOException also) {
    failure.addSuppressed(also);
    over = true;
    return new StateUnknown(
        "Cannot say whether version "
            + number
            + " of model "
            + model.name()
            + " is published: "
            + failure.getMessage()
            + "; it is whole or not there at all: look at the history, then publish again",
        failure);
  }

  /** Throws an unfinished version away; nothing if it was committed. */
  @Override
  public void close() throws IOException {
    if (!over) {
      over = true;
      HiddenVersions.retire(store, folder(), number)
          .ifPresent(gone -> HiddenVersions.delete(store, gone));
    }
  }
}
