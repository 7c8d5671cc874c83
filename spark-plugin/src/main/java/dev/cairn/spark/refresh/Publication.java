package dev.cairn.spark.refresh;

import dev.cairn.checkpoint.CheckpointReader;
import dev.cairn.checkpoint.FolderOptions;
import dev.cairn.checkpoint.Folders;
import dev.cairn.checkpoint.model.CheckpointException.Conflict;
import dev.cairn.checkpoint.model.Manifest;
import dev.cairn.checkpoint.model.TestFigures;
import dev.cairn.checkpoint.model.VersionRecord;
import dev.cairn.checkpoint.model.VersionRecord.Origin;
import dev.cairn.checkpoint.model.VersionRecord.Range;
import dev.cairn.checkpoint.model.VersionRecord.UsedData;
import dev.cairn.checkpoint.publish.Lineage;
import dev.cairn.checkpoint.publish.ModelFolder;
import dev.cairn.checkpoint.publish.ModelVersion;
import dev.cairn.spark.ml.ModelComparison;
import dev.cairn.spark.refresh.RefreshResult.Outcome;
import dev.cairn.spark.serving.Publisher;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * The end of a refresh: the model is judged and published, then its labels are moved, then the
 * report says so. Whichever of these is the last that is done, the same refresh again finds what is
 * there and does the rest. Needs no Spark.
 */
final class Publication {
  private final ModelFolder folder;
  private final Optional<ModelVersion> parent;
  private final List<String> labels;
  private final Publisher.Check check;
  private final Consumer<String> progress;
  private final FolderOptions options;
  private final List<String> warnings = new ArrayList<>();

  /**
   * Makes one.
   *
   * @param parent the version that was in use when the refresh began
   * @param labels that are moved to the new version
   * @param check a look at it before others see it
   */
  Publication(
      ModelFolder folder,
      Optional<ModelVersion> parent,
      List<String> labels,
      Publisher.Check check,
      Consumer<String> progress,
      FolderOptions options) {
    this.folder = folder;
    this.parent = parent;
    this.labels = labels;
    this.check = check;
    this.progress = progress;
    this.options = options;
  }

  /** Judges the model. */
  interface Judging {
    Judged judge() throws IOException;
  }

  /** What judges say. */
  record Judged(ModelComparison compared, GateReport verdict) {}

  /**
   * Whether the version in use is that of the same refresh, which was cut short after it had moved
   * the labels.
   *
   * @param fingerprint of the rows to train on
   */
  boolean isInUse(String fingerprint) throws IOException {
    if (parent.isEmpty()) {
      return false;
    }
    VersionRecord current = parent.get().record();
    return current.origin() == Origin.REFRESH
        && current.data().map(UsedData::fingerprint).equals(Optional.of(fingerprint))
        && !isOver(current);
  }

  /**
   * Passes for rows that neither the version in use nor one that it came from was trained on.
   *
   * @return what cannot be told, since one of these versions does not say its range
   * @throws Conflict naming the version that was
   */
  Optional<String> requireUnused(UsedData data) throws IOException {
    if (parent.isEmpty()) {
      return Optional.empty();
    }
    Optional<VersionRecord> user = folder.user(parent.get().record(), data);
    if (user.isPresent()) {
      throw used(user.get(), data);
    }
    Optional<String> warning =
        data.range().isPresent() ? unknown(data.range().get().column()) : Optional.empty();
    warning.ifPresent(warnings::add);
    return warning;
  }

  /** In words, that rows of a version are recognised by their fingerprint alone. */
  private Optional<String> unknown(String column) throws IOException {
    if (parent.isEmpty()) {
      return Optional.empty();
    }
    for (VersionRecord version : folder.wholeHistory().ancestors(parent.get().record())) {
      Optional<String> known = version.data().flatMap(UsedData::range).map(Range::column);
      // A rollback was trained on nothing but what the version that it repeats was.
      if (version.origin() != Origin.ROLLBACK && !known.equals(Optional.of(column))) {
        return Optional.of(
            "version "
                + version.number()
                + " says nothing of its range of "
                + column
                + ", so only exactly the same rows are recognised as used; make sure that these"
                + " ones are new");
      }
    }
    return Optional.empty();
  }

  private Conflict used(VersionRecord user, UsedData found) {
    UsedData before = user.data().orElseThrow();
    boolean same = before.fingerprint().equals(found.fingerprint());
    return new Conflict(
        "Cannot refresh model "
            + folder.name()
            + " with data that was used already: version "
            + user.number()
            + " was trained on "
            + (same ? "the same " : "")
            + before.rows()
            + " rows"
            + before.range().map(of -> ", " + of).orElse("")
            + ", found "
            + found.rows()
            + " rows"
            + found.range().map(of -> ", " + of).orElse("")
            + " (path="
            + folder.path()
            + "); give newer rows, or set refresh.accept-used=true (setAcceptUsed) to train on"
            + " them again");
  }

  /**
   * Judges a trained model, and publishes it or not. If the same refresh has put it in place before
   * it was cut short, the rest is done.
   */
  RefreshResult of(String checkpoint, Optional<UsedData> data, Judging judging) throws IOException {
    Optional<ModelVersion> there = inPlace(checkpoint);
    if (there.isPresent()) {
      return finish(there.get());
    }
    progress.accept("Judging on held-out rows ...");
    Judged judged = judging.judge();
    Optional<ModelVersion> version = parent;
    boolean passed = judged.verdict().passed();
    if (passed) {
      progress.accept("Publishing ...");
      version = Optional.of(publish(checkpoint, data, judged));
    }
    return reported(
        new RefreshResult(
            passed ? Outcome.PUBLISHED : Outcome.REFUSED,
            parent,
            version,
            checkpoint,
            data,
            Optional.of(judged.compared()),
            Optional.of(judged.verdict()),
            warnings,
            Optional.of(reportOf(checkpoint))));
  }

  /** Does the rest for a version that is in place. */
  RefreshResult finish(ModelVersion version) throws IOException {
    folder.finish(version, labels);
    VersionRecord record = version.record();
    return reported(
        new RefreshResult(
            Outcome.FINISHED,
            before(version),
            Optional.of(version),
            record.checkpoint(),
            record.data(),
            Optional.empty(),
            Optional.empty(),
            warnings,
            Optional.of(reportOf(record.checkpoint()))));
  }

  /**
   * The version of a trained model, where the same refresh was cut short after it had put that in
   * place: with labels it may be in use or not. One that was rolled back later is not meant.
   */
  private Optional<ModelVersion> inPlace(String checkpoint) throws IOException {
    String attempt;
    try (CheckpointReader reader = CheckpointReader.open(checkpoint, options)) {
      attempt = reader.manifest().map(Manifest::attempt).orElse("");
    }
    Optional<VersionRecord> newest =
        folder.history().values().stream()
            .filter(one -> one.origin() == Origin.REFRESH && one.attempt().equals(attempt))
            .filter(one -> one.parent().equals(parent.map(ModelVersion::number)))
            .reduce((one, later) -> later);
    return newest.isEmpty() || isOver(newest.get())
        ? Optional.empty()
        : folder.good(newest.get().number()); // a damaged one is no answer: it is published again
  }

  private Optional<ModelVersion> before(ModelVersion version) throws IOException {
    Optional<Long> number = version.record().parent();
    return number.isPresent() && folder.numbers().contains(number.get())
        ? Optional.of(folder.version(number.get()))
        : Optional.empty();
  }

  private ModelVersion publish(String checkpoint, Optional<UsedData> data, Judged judged)
      throws IOException {
    ModelComparison compared = judged.compared();
    Lineage lineage =
        new Lineage(
            Origin.REFRESH,
            parent.map(ModelVersion::number),
            data,
            compared.after().numbers(),
            compared.before().map(TestFigures::numbers).orElseGet(TreeMap::new),
            judged.verdict().kept());
    return Publisher.publish(checkpoint, folder, lineage, labels, this::look, options);
  }

  /** Makes sure that the new version is made of the one in use; committing looks once more. */
  private void look(String draft) throws IOException {
    Optional<Long> now = folder.current().map(ModelVersion::number);
    if (!now.equals(parent.map(ModelVersion::number))) {
      throw new Conflict(
          "Cannot publish the refresh of model "
              + folder.name()
              + ": it was trained from "
              + parent.map(of -> "version " + of.number()).orElse("nothing")
              + ", and in use is "
              + now.map(of -> "version " + of).orElse("none")
              + " now, since somebody else has published or rolled back meanwhile (path="
              + folder.path()
              + "); look at the history, then refresh again");
    }
    check.check(draft);
  }

  private RefreshResult reported(RefreshResult result) throws IOException {
    RefreshReport.write(result, result.report().orElseThrow(), options);
    return result;
  }

  /** Whether the refresh that published a version came to its end: its report is written last. */
  private boolean isOver(VersionRecord version) throws IOException {
    return RefreshReport.isFinal(reportOf(version.checkpoint()), version, options);
  }

  private static String reportOf(String checkpoint) {
    return Folders.child(Folders.parent(checkpoint).orElse(checkpoint), ModelRefresh.REPORT);
  }
}
