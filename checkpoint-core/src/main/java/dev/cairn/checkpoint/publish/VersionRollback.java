package dev.cairn.checkpoint.publish;

import dev.cairn.checkpoint.model.CheckpointException.Conflict;
import dev.cairn.checkpoint.model.VersionRecord;
import dev.cairn.checkpoint.model.VersionRecord.Origin;
import java.io.IOException;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Goes back to an older version. The one in use may be damaged; a rollback that was interrupted, or
 * whose answer was lost, is found and finished, not done twice. Not thread-safe.
 */
final class VersionRollback {
  private final ModelFolder model;
  private final VersionRecords records;

  VersionRollback(ModelFolder model) {
    this.model = model;
    this.records = model.records();
  }

  ModelVersion run(OptionalLong wanted) throws IOException {
    long current = model.requireCurrent();
    Optional<VersionRecord> now = records.readable(current);
    Optional<Long> repeats = now.flatMap(VersionRollback::repeats);
    boolean done =
        wanted.isEmpty()
            ? repeats.isPresent()
            : wanted.getAsLong() == current || repeats.equals(Optional.of(wanted.getAsLong()));
    if (done) {
      // The same command again changes nothing, unless the version has been damaged since.
      Optional<ModelVersion> good = records.good(current);
      if (good.isPresent()) {
        return good.get();
      }
    }
    long to = wanted.isPresent() ? wanted.getAsLong() : target(current, now);
    Optional<ModelVersion> unfinished = unfinished(current, to);
    if (unfinished.isPresent()) {
      model.use(unfinished.get(), current);
      return unfinished.get();
    }
    try (VersionLease lease = VersionLease.hold(model, OptionalLong.of(to))) {
      ModelVersion old = lease.version().orElseThrow();
      model.verify(old);
      return repeat(old);
    }
  }

  private ModelVersion repeat(ModelVersion old) throws IOException {
    try (VersionDraft draft = model.begin()) {
      draft.repeat(old);
      return draft.commit(
          new Lineage(
              Origin.ROLLBACK,
              Optional.of(old.number()),
              Optional.empty(),
              old.record().figures(),
              old.record().before(),
              old.record().gate()));
    }
  }

  /** The version that a rollback repeats. */
  private static Optional<Long> repeats(VersionRecord of) {
    return of.origin() == Origin.ROLLBACK ? of.parent() : Optional.empty();
  }

  /** The version to go back to where nobody has said which. */
  private long target(long current, Optional<VersionRecord> now) throws IOException {
    if (now.isPresent()) {
      Optional<Long> repeated = repeats(now.get());
      return repeated.isPresent() ? repeated.get() : now.get().previous().orElseThrow(this::first);
    }
    long before = 0;
    for (long number : records.folders().keySet()) {
      if (number < current && records.readable(number).isPresent()) {
        before = number;
      }
    }
    if (before == 0) {
      throw first();
    }
    return before;
  }

  private Conflict first() {
    return new Conflict(
        "Cannot roll back model "
            + model.name()
            + ": expected a version before the one in use, found none (path="
            + model.path()
            + ")");
  }

  /** A rollback to this version that is in place, and which models.config does not name yet. */
  private Optional<ModelVersion> unfinished(long current, long to) throws IOException {
    long newest = model.newest();
    Optional<VersionRecord> record = records.readable(newest);
    boolean ours =
        newest > current
            && record.flatMap(VersionRollback::repeats).equals(Optional.of(to))
            && record.flatMap(VersionRecord::previous).equals(Optional.of(current));
    return ours ? records.good(newest) : Optional.empty();
  }
}
