package dev.cairn.checkpoint;

import dev.cairn.checkpoint.commit.SessionIds;
import dev.cairn.checkpoint.model.CheckpointException.Conflict;
import dev.cairn.checkpoint.model.CheckpointException.Failed;
import dev.cairn.checkpoint.model.CheckpointException.NotFound;
import dev.cairn.checkpoint.model.CheckpointException.StateUnknown;
import dev.cairn.checkpoint.retention.FolderTree;
import dev.cairn.checkpoint.store.CheckpointFileNames;
import dev.cairn.checkpoint.store.CheckpointStore;
import dev.cairn.checkpoint.store.CheckpointStores;
import dev.cairn.checkpoint.store.ReplacementNames;
import dev.cairn.checkpoint.store.ReplacementNames.Hidden;
import dev.cairn.checkpoint.store.ReplacementNames.Role;
import dev.cairn.checkpoint.store.StoredFile;
import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Replaces a folder, such as a saved model, as a whole: whatever fails and whenever the process
 * ends, a reader finds the old one or the new one, each in all its parts. This holds on local disks
 * and HDFS, and not on a storage whose renames are not atomic.
 *
 * <pre>{@code
 * try (FolderReplacement replacement = FolderReplacement.begin("hdfs://nn/models/a", options)) {
 *   write(replacement.folder());      // a new, empty folder beside the old one
 *   verify(replacement.folder());     // the caller decides what makes it good
 *   replacement.commit();             // without this, close() throws the new one away
 * }
 *
 * read(FolderReplacement.current("hdfs://nn/models/a", options));
 * }</pre>
 *
 * <h2>The protocol</h2>
 *
 * <p>No file system of Hadoop's puts a folder in the place of another one that is not empty, so it
 * takes two renames, and between them the place is empty. Names are those of {@link
 * ReplacementNames}, all in the folder's own parent:
 *
 * <ol>
 *   <li><i>writing</i> is filled and verified, then renamed to <i>new</i>: from now on it is whole;
 *   <li>the folder in place, if any, is renamed to <i>old</i>;
 *   <li><i>new</i> is renamed into place;
 *   <li><i>old</i> is renamed to <i>gone</i> and deleted. Nothing is ever deleted under another
 *       name, so whatever is called <i>new</i> or <i>old</i> is whole.
 * </ol>
 *
 * Where the place is empty and an <i>old</i> is there, a replacement was interrupted between its
 * two renames. The next reader or replacement settles it: with the <i>new</i> of the same id it
 * goes forward, without one it goes back. An empty place without an <i>old</i> is empty: a first
 * version that was never put in place is not resurrected. A rename whose answer was lost is looked
 * up; one that is done late finds its source gone or its place taken, and changes nothing, or else
 * leaves a state that the next reader settles.
 *
 * <p>Several processes may replace and read at the same time: each replacement is whole, and the
 * last one stays. A reader that has opened files of the old one finds them deleted, as after any
 * other replacement. The <i>writing</i> or <i>new</i> of a replacement that ended in the middle is
 * deleted by the first replacement of the same folder that begins a day later by the storage's
 * clock.
 *
 * <p>Not thread-safe; one thread a replacement.
 */
public final class FolderReplacement implements Closeable {

  private static final System.Logger LOG = System.getLogger(FolderReplacement.class.getName());

  /**
   * The number of times that a reader looks anew because somebody else replaces the same folder.
   */
  private static final int LOOKS = 20;

  /** How long a writer must have been silent to count as dead. */
  static final long DEAD_AFTER_MILLIS = 24L * 60 * 60 * 1000;

  private enum State {
    WRITING,
    UNKNOWN,
    ENDED
  }

  private final CheckpointStore store;
  private final String target;
  private final String parent;
  private final Hidden writing;
  private State state = State.WRITING;

  private FolderReplacement(CheckpointStore store, String target) {
    this.store = store;
    this.target = target;
    this.parent = CheckpointFileNames.parent(target);
    this.writing =
        new Hidden(CheckpointFileNames.lastPart(target), Role.WRITING, SessionIds.next());
  }

  /**
   * Begins a replacement: makes an empty folder beside the one to be replaced, which need not
   * exist.
   *
   * @param target a path or URI that Hadoop takes; its parents are made if they do not exist
   * @throws IOException if the parent cannot be written; nothing has changed then
   */
  public static FolderReplacement begin(String target, FolderOptions options) throws IOException {
    String full = CheckpointStores.qualify(target, options.hadoopProperties());
    CheckpointStore store = CheckpointStores.open(full, options.hadoopProperties());
    try {
      return begin(store, full);
    } catch (IOException | RuntimeException e) {
      try {
        store.close();
      } catch (IOException suppressed) {
        e.addSuppressed(suppressed);
      }
      throw e;
    }
  }

  static FolderReplacement begin(CheckpointStore store, String target) throws IOException {
    requireName(target);
    FolderReplacement replacement = new FolderReplacement(store, target);
    store.makeDirectories(replacement.parent);
    String unused = settle(store, target);
    store.makeDirectory(replacement.folder());
    replacement.quietly(replacement::clear);
    return replacement;
  }

  private static void requireName(String target) throws Failed {
    if (CheckpointFileNames.lastPart(target).isEmpty()) {
      throw new Failed(
          "Cannot replace " + target + ": expected a folder within another one, found the root",
          null);
    }
  }

  /** The empty folder to write the new one in, with its scheme. */
  public String folder() {
    return path(writing);
  }

  /** The folder that is replaced, with its scheme. */
  public String target() {
    return target;
  }

  /**
   * Puts the new one in place. Verify it first: this class does not check its contents.
   *
   * @throws StateUnknown if it is not known which of both is in place; nothing was deleted, and
   *     {@link #current} will find one of them whole
   * @throws IOException of any other kind: the old one is in place as before
   */
  public void commit() throws IOException {
    if (state != State.WRITING) {
      throw new IllegalStateException("Cannot replace " + target + ": this try is over already");
    }
    state = State.UNKNOWN;
    try {
      if (!move(folder(), path(writing.as(Role.NEW)))) {
        throw new NotFound(
            "Cannot replace " + target + ": the new folder is gone (path=" + folder() + ")");
      }
      swap();
    } catch (IOException e) {
      if (!undone(e)) {
        throw new StateUnknown(
            "Cannot say whether "
                + target
                + " is the old or the new one: "
                + e.getMessage()
                + "; nothing was deleted, and whoever opens it next finds one of them whole",
            e);
      }
      throw e;
    }
    state = State.ENDED;
    quietly(
        () -> {
          for (Hidden old : hidden(Role.OLD)) {
            discard(old);
          }
          for (Hidden gone : hidden(Role.GONE)) {
            FolderTree.delete(store, path(gone));
          }
        });
  }

  private void swap() throws IOException {
    for (int look = 1; look <= LOOKS; look++) {
      // Listed before the look at the place: what is in place came after these were moved aside.
      List<Hidden> superseded = hidden(Role.OLD);
      if (store.stat(target).isPresent()) {
        for (Hidden old : superseded) {
          boolean unused = retire(old).isPresent();
        }
        if (!move(target, path(writing.as(Role.OLD)))) {
          continue;
        }
      } else if (!superseded.isEmpty()) {
        String unused = settle(store, target);
        continue;
      }
      String made = path(writing.as(Role.NEW));
      if (move(made, target) || store.stat(made).isEmpty()) {
        // By us, or by a reader who came in between and did it for us.
        return;
      }
    }
    throw new Conflict(
        "Cannot replace "
            + target
            + ": others replace it all the time, expected it to stay for a moment; try again");
  }

  /** Whether, after a failure, the old one is certainly in place, and the new one never will be. */
  private boolean undone(IOException failure) {
    try {
      boolean unused = move(path(writing.as(Role.OLD)), target);
      // Under this name it cannot take the place any more, however late a rename is done.
      Optional<Hidden> gone = retire(writing.as(Role.NEW));
      Optional<Hidden> half = retire(writing);
      if (gone.isEmpty() && half.isEmpty()) {
        return false;
      }
      state = State.ENDED;
      quietly(
          () -> {
            for (Optional<Hidden> rest : List.of(gone, half)) {
              if (rest.isPresent()) {
                FolderTree.delete(store, path(rest.get()));
              }
            }
          });
      return true;
    } catch (IOException e) {
      failure.addSuppressed(e);
      return false;
    }
  }

  /**
   * Renames a folder, and looks again where the answer was lost. Returns false if there is nothing
   * to be renamed, or if something has the new name.
   */
  private boolean move(String from, String to) throws IOException {
    return move(store, from, to);
  }

  private static boolean move(CheckpointStore store, String from, String to) throws IOException {
    try {
      store.rename(from, to);
      return true;
    } catch (NotFound | Conflict e) {
      return false;
    } catch (IOException e) {
      if (store.stat(from).isEmpty() && store.stat(to).isPresent()) {
        return true;
      }
      throw e;
    }
  }

  /**
   * Takes away the name by which a folder could get into place; empty if there is no such folder.
   */
  private Optional<Hidden> retire(Hidden rest) throws IOException {
    Hidden gone = new Hidden(rest.folder(), Role.GONE, SessionIds.next());
    return move(path(rest), path(gone)) ? Optional.of(gone) : Optional.empty();
  }

  private void discard(Hidden rest) throws IOException {
    Optional<Hidden> gone = retire(rest);
    if (gone.isPresent()) {
      FolderTree.delete(store, path(gone.get()));
    }
  }

  /** Deletes the folders that earlier replacements of this one have left. */
  private void clear() throws IOException {
    // By the storage's clock: its present is the time of the folder that was just made.
    long now = store.stat(folder()).map(StoredFile::modifiedMillis).orElse(0L);
    boolean there = store.stat(target).isPresent();
    for (StoredFile file : store.list(parent)) {
      Optional<Hidden> rest = of(target, file);
      if (rest.isEmpty()) {
        continue;
      }
      boolean dead = now - file.modifiedMillis() > DEAD_AFTER_MILLIS;
      switch (rest.get().role()) {
        case GONE -> FolderTree.delete(store, path(rest.get()));
        case WRITING, NEW -> {
          if (dead && there) {
            discard(rest.get());
          }
        }
        case OLD -> {
          // swap() retires them once something is in place.
        }
      }
    }
  }

  /**
   * Finds the folder to read: the folder itself, put back into place if a replacement was
   * interrupted. If this user may not rename, it is the hidden folder that belongs there.
   *
   * @param target a path or URI that Hadoop takes
   * @return the full path; if there is nothing at all, that of {@code target}
   */
  public static String current(String target, FolderOptions options) throws IOException {
    String full = CheckpointStores.qualify(target, options.hadoopProperties());
    try (CheckpointStore store = CheckpointStores.open(full, options.hadoopProperties())) {
      return settle(store, full);
    }
  }

  static String settle(CheckpointStore store, String target) throws IOException {
    boolean empty = false;
    for (int look = 1; look <= LOOKS; look++) {
      if (store.stat(target).isPresent()) {
        return target;
      }
      Optional<Hidden> whole = interrupted(store, target);
      if (whole.isEmpty() && empty) {
        break;
      }
      // One look is not enough: a replacement may have ended between the two questions.
      empty = whole.isEmpty();
      if (whole.isPresent()) {
        String hidden =
            CheckpointFileNames.child(CheckpointFileNames.parent(target), whole.get().name());
        try {
          boolean unused = move(store, hidden, target);
        } catch (Failed e) {
          if (store.stat(hidden).isPresent()) {
            LOG.log(System.Logger.Level.WARNING, "Reading {0}: {1}", hidden, e.getMessage());
            return hidden;
          }
        }
      }
    }
    return target;
  }

  /**
   * The folder that belongs in the empty place: the new one that was about to go there, else the
   * old.
   */
  private static Optional<Hidden> interrupted(CheckpointStore store, String target)
      throws IOException {
    List<Hidden> old = hidden(store, target, Role.OLD);
    if (old.isEmpty()) {
      return Optional.empty();
    }
    List<Hidden> made = hidden(store, target, Role.NEW);
    for (Hidden one : old) {
      if (made.contains(one.as(Role.NEW))) {
        return Optional.of(one.as(Role.NEW));
      }
    }
    if (old.size() > 1) {
      throw new Conflict(
          "Cannot open "
              + target
              + ": expected one earlier version beside it, found "
              + String.join(", ", old.stream().map(Hidden::name).toList())
              + "; rename the right one to "
              + CheckpointFileNames.lastPart(target));
    }
    return Optional.of(old.get(0));
  }

  private List<Hidden> hidden(Role role) throws IOException {
    return hidden(store, target, role);
  }

  private static List<Hidden> hidden(CheckpointStore store, String target, Role role)
      throws IOException {
    List<Hidden> found = new ArrayList<>();
    try {
      for (StoredFile file : store.list(CheckpointFileNames.parent(target))) {
        of(target, file).filter(hidden -> hidden.role() == role).ifPresent(found::add);
      }
    } catch (NotFound e) {
      return List.of();
    }
    return found;
  }

  private static Optional<Hidden> of(String target, StoredFile file) {
    return ReplacementNames.parse(file.name())
        .filter(hidden -> hidden.folder().equals(CheckpointFileNames.lastPart(target)));
  }

  private String path(Hidden hidden) {
    return CheckpointFileNames.child(parent, hidden.name());
  }

  private interface Action {
    void run() throws IOException;
  }

  /** Does what may fail without harm: a later replacement deletes the rest. */
  private void quietly(Action action) {
    try {
      action.run();
    } catch (IOException e) {
      LOG.log(
          System.Logger.Level.WARNING,
          "Left beside {0} what was replaced: {1}",
          target,
          e.getMessage());
    }
  }

  /** Deletes the new one, unless it was committed or it is not known whether it was. */
  @Override
  public void close() throws IOException {
    try (store) {
      if (state == State.WRITING) {
        state = State.ENDED;
        quietly(() -> discard(writing));
      }
    }
  }
}
