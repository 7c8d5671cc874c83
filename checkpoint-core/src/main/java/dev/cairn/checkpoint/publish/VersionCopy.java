package dev.cairn.checkpoint.publish;

import dev.cairn.checkpoint.FolderOptions;
import dev.cairn.checkpoint.Folders;
import dev.cairn.checkpoint.ServingConfig;
import dev.cairn.checkpoint.commit.SessionIds;
import dev.cairn.checkpoint.model.CheckpointException.Conflict;
import dev.cairn.checkpoint.store.CheckpointFileNames;
import dev.cairn.checkpoint.store.CheckpointStore;
import dev.cairn.checkpoint.store.CheckpointStores;
import dev.cairn.checkpoint.store.ReplacementNames.Hidden;
import dev.cairn.checkpoint.store.ReplacementNames.Role;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Copies published versions to where a server reads them: from HDFS, say, to its local disk. Each
 * is copied whole under a hidden name, every byte of the copy is verified, and one rename puts it
 * in place under the same number: the version in use first, then those with other labels. {@code
 * models.config} comes last, with the server's own path; where the server has none, one of the
 * label {@code stable} alone comes before the others, which must not be taken for the version in
 * use. What is there already is verified, not copied. Stateless.
 */
public final class VersionCopy {
  /**
   * A version that is in place now.
   *
   * @param folder full path
   * @param number its number
   * @param anew false if it was there already
   */
  public record Copied(String folder, long number, boolean anew) {}

  private VersionCopy() {}

  /**
   * Copies the version in use, and those that have labels.
   *
   * @param model the model's folder
   * @param servers the folder in which the server has models: the copies are in {@code
   *     servers/name/NUMBER}
   * @throws dev.cairn.checkpoint.model.CheckpointException.Corrupt if a version is damaged, here or
   *     there; nothing of it is seen then
   * @throws Conflict if another version has its number there, or the folder holds something else
   */
  public static List<Copied> copy(String model, String servers, FolderOptions options)
      throws IOException {
    try (ModelFolder from = ModelFolder.open(model, options);
        ModelFolder to = ModelFolder.open(Folders.child(servers, from.name()), options)) {
      return copy(from, to);
    }
  }

  static List<Copied> copy(ModelFolder from, ModelFolder to) throws IOException {
    FolderContents.requireVersions(to.store(), to.path());
    Optional<ServingConfig> config = from.config();
    long current = from.requireCurrent();
    SortedSet<Long> numbers =
        new TreeSet<>(config.map(of -> of.labels().values()).orElse(List.of()));
    List<Copied> copied = new ArrayList<>();
    copied.add(copy(from, current, to));
    if (config.isPresent() && to.config().isEmpty()) {
      // Until now the highest number is in use there, and another label's may be a higher one.
      SortedMap<String, Long> first = new TreeMap<>(Map.of(ServingConfig.STABLE, current));
      write(to, new ServingConfig(config.get().name(), config.get().base(), first));
    }
    numbers.remove(current);
    for (long number : numbers) {
      copied.add(copy(from, number, to));
    }
    if (config.isPresent()) {
      write(to, config.get());
    } else {
      try (FolderLock lock = to.lock()) {
        lock.check();
        to.move(current, Optional.empty(), List.of(ServingConfig.STABLE));
      }
    }
    copied.sort(Comparator.comparingLong(Copied::number));
    return copied;
  }

  private static void write(ModelFolder to, ServingConfig config) throws IOException {
    try (FolderLock lock = to.lock()) {
      lock.check();
      ServingConfig local = config.at(CheckpointStores.localPart(to.path())).knowing(to.newest());
      if (!to.config().equals(Optional.of(local))) {
        to.write(local);
      }
    }
  }

  private static Copied copy(ModelFolder from, long number, ModelFolder to) throws IOException {
    try (VersionLease lease = VersionLease.hold(from, OptionalLong.of(number))) {
      return copy(from, lease.version().orElseThrow(), to);
    }
  }

  private static Copied copy(ModelFolder from, ModelVersion version, ModelFolder to)
      throws IOException {
    long number = version.number();
    CheckpointStore store = to.store();
    String place = CheckpointFileNames.child(to.path(), Long.toString(number));
    if (store.stat(place).isPresent()) {
      requireSame(version, to);
      return new Copied(place, number, false);
    }
    store.makeDirectories(to.path());
    Hidden writing = new Hidden(Long.toString(number), Role.WRITING, SessionIds.next());
    String hidden = CheckpointFileNames.child(to.path(), writing.name());
    try {
      store.makeDirectory(hidden);
      HiddenVersions.sweepBeside(store, hidden);
      boolean unused = VersionFiles.fill(from.store(), version.folder(), store, hidden);
      to.records().check(new ModelVersion(hidden, version.record()));
      store.rename(hidden, place);
    } catch (IOException e) {
      Optional<String> rest = HiddenVersions.retire(store, hidden, number);
      rest.ifPresent(gone -> HiddenVersions.delete(store, gone));
      if (rest.isPresent() && !(e instanceof Conflict)) {
        throw e;
      }
      requireSame(version, to); // done, though its answer was lost, or somebody else was first
    }
    return new Copied(place, number, true);
  }

  private static void requireSame(ModelVersion version, ModelFolder to) throws IOException {
    ModelVersion there = to.version(version.number());
    if (!there.record().equals(version.record())) {
      throw new Conflict(
          "Cannot copy version "
              + version.number()
              + ": expected the same one or none in the server's folder, found one of "
              + there.record().created()
              + " by "
              + there.record().by()
              + " (path="
              + there.folder()
              + "); copy to another folder, or remove that one");
    }
    to.records().check(there);
  }
}
