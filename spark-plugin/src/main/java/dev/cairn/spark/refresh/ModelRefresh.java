package dev.cairn.spark.refresh;

import dev.cairn.checkpoint.FolderOptions;
import dev.cairn.checkpoint.Folders;
import dev.cairn.checkpoint.ServingConfig;
import dev.cairn.checkpoint.model.CheckpointException.Conflict;
import dev.cairn.checkpoint.model.TestFigures;
import dev.cairn.checkpoint.model.VersionRecord;
import dev.cairn.checkpoint.model.VersionRecord.Origin;
import dev.cairn.checkpoint.model.VersionRecord.Range;
import dev.cairn.checkpoint.model.VersionRecord.UsedData;
import dev.cairn.checkpoint.publish.Lineage;
import dev.cairn.checkpoint.publish.ModelFolder;
import dev.cairn.checkpoint.publish.ModelVersion;
import dev.cairn.checkpoint.publish.VersionLease;
import dev.cairn.spark.ml.CairnEstimator;
import dev.cairn.spark.ml.CairnModel;
import dev.cairn.spark.ml.Estimators;
import dev.cairn.spark.ml.ModelComparison;
import dev.cairn.spark.ml.TrainingFailedException;
import dev.cairn.spark.refresh.RefreshResult.Outcome;
import dev.cairn.spark.serving.Publisher;
import dev.cairn.spark.trainer.HadoopSettings;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Refreshes a published model: trains the version in use further on new rows alone, with its
 * parameters and, unless told otherwise, its optimizer's state; judges the old and the new model on
 * the same held-out rows; publishes the new one if the gate lets it through. Where nothing was
 * published, it trains a first model from nothing.
 *
 * <pre>{@code
 * RefreshResult result =
 *     new ModelRefresh("hdfs://nn/models/flights", Gate.of(List.of(), Threshold.parse("loss <= 0")))
 *         .setRangeColumn("date")
 *         .run(new LogisticRegression().setCheckpointDir("hdfs://nn/refreshes"), march, heldOut);
 * }</pre>
 *
 * <p>The same call again goes on where one was killed, and ends in the same state; of two at once
 * one is refused, and so is one whose parent is in use no more when it comes to its end. Rows that
 * the version in use, or an ancestor of it, was trained on are refused before training.
 *
 * <p>With {@code setInitialGrowth(true)} features may be more than those of the version in use,
 * which is judged by its own: held-out rows have the columns that these are made of, or a column of
 * vectors that its {@code featureEncoder} made. Not thread-safe.
 */
public final class ModelRefresh {
  /** The name of the report, beside the checkpoints of the training. */
  public static final String REPORT = "refresh.json";

  private static final Logger LOG = LoggerFactory.getLogger(ModelRefresh.class);

  private final String model;
  private final Gate gate;
  private @Nullable String rangeColumn;
  private String input = "";
  private boolean acceptUsed;
  private boolean optimizerState = true;
  private List<String> labels = List.of(ServingConfig.STABLE);
  private Publisher.Check check = folder -> {};
  private Consumer<String> progress = LOG::info;

  /**
   * Makes a refresh of a model.
   *
   * @param model the model's folder, made by the first version
   * @param gate decides what is published
   */
  public ModelRefresh(String model, Gate gate) {
    this.model = model;
    this.gate = gate;
  }

  /**
   * Sets the column of the rows to train on along which data arrives, such as a date: its range is
   * kept with the version, and rows whose range overlaps are taken for used ones.
   */
  public ModelRefresh setRangeColumn(String value) {
    rangeColumn = value;
    return this;
  }

  /** Sets the words for where the rows came from, kept with the version. */
  public ModelRefresh setInput(String value) {
    input = value;
    return this;
  }

  /** Sets whether rows may be trained on again. */
  public ModelRefresh setAcceptUsed(boolean value) {
    acceptUsed = value;
    return this;
  }

  /** Sets whether the optimizer's state goes on, too; it does by default. */
  public ModelRefresh setOptimizerState(boolean value) {
    optimizerState = value;
    return this;
  }

  /** Sets the labels that are moved to the new version, besides {@code stable}. */
  public ModelRefresh setLabels(List<String> value) {
    labels =
        java.util.stream.Stream.concat(List.of(ServingConfig.STABLE).stream(), value.stream())
            .distinct()
            .toList();
    return this;
  }

  /** Sets a look at the new version before others see it. */
  public ModelRefresh setCheck(Publisher.Check value) {
    check = value;
    return this;
  }

  /** Sets what is told, a sentence at each stage. */
  public ModelRefresh setProgress(Consumer<String> value) {
    progress = value;
    return this;
  }

  /** Ends a fit whose rows a version in use was trained on, by a refresh cut short. */
  private static final class PublishedBefore extends IOException {
    private static final long serialVersionUID = 1L;
  }

  /**
   * Trains, judges, and publishes or not.
   *
   * @param estimator with its {@code checkpointDir}, below which the training has a folder of its
   *     own; the model to begin with is set here
   * @param train new rows alone
   * @param heldOut new rows that are not trained on, with the gate's slices among the columns
   * @throws dev.cairn.checkpoint.model.CheckpointException.Conflict if the rows were used already,
   *     or somebody else publishes meanwhile
   * @throws IllegalArgumentException for bad parameters or rows, and without held-out rows
   */
  public RefreshResult run(CairnEstimator<?, ?> estimator, Dataset<Row> train, Dataset<Row> heldOut)
      throws IOException {
    if (heldOut.isEmpty()) {
      throw new IllegalArgumentException(
          "Cannot refresh a model: expected held-out rows to judge it by, found none");
    }
    FolderOptions options = HadoopSettings.options(train.sparkSession().sparkContext());
    try (ModelFolder folder = ModelFolder.open(model, options)) {
      Optional<ModelVersion> parent = folder.current();
      Optional<Range> range =
          rangeColumn == null ? Optional.empty() : Optional.of(Ranges.of(train, rangeColumn));
      if (parent.isEmpty()) {
        return new Run(folder, options, parent, range).of(estimator, train, heldOut);
      }
      // Executors that are lost read it anew: it must not be collected while it is trained from.
      try (VersionLease lease = folder.read(OptionalLong.of(parent.get().number()))) {
        return new Run(folder, options, lease.version(), range).of(estimator, train, heldOut);
      }
    }
  }

  /** One call. */
  private final class Run {
    private final ModelFolder folder;
    private final FolderOptions options;
    private final Optional<ModelVersion> parent;
    private final Optional<Range> range;
    private Optional<UsedData> data = Optional.empty();

    Run(
        ModelFolder folder,
        FolderOptions options,
        Optional<ModelVersion> parent,
        Optional<Range> range) {
      this.folder = folder;
      this.options = options;
      this.parent = parent;
      this.range = range;
    }

    RefreshResult of(CairnEstimator<?, ?> estimator, Dataset<Row> train, Dataset<Row> heldOut)
        throws IOException {
      parent.ifPresent(
          version -> {
            var unused = estimator.setInitialModel(version.checkpoint());
            var unusedToo = estimator.setInitialOptimizerState(optimizerState);
          });
      if (parent.isPresent()) {
        try (CairnModel<?> old = Estimators.fromCheckpoint(parent.get().checkpoint())) {
          ModelComparison.check(old, estimator.getFeaturesCol(), train, heldOut);
        }
      }
      var unused = estimator.setRowsCheck(this::checkRows);
      try (CairnModel<?> trained = estimator.fit(train)) {
        if (estimator.stopped()) {
          return new RefreshResult(
              Outcome.STOPPED,
              parent,
              parent,
              trained.checkpoint(),
              data,
              Optional.empty(),
              Optional.empty(),
              Optional.empty());
        }
        return judged(trained, heldOut);
      } catch (TrainingFailedException e) {
        if (e.getCause() instanceof PublishedBefore) {
          return finished(parent.orElseThrow());
        }
        if (e.getCause() instanceof Conflict conflict) {
          throw conflict;
        }
        throw e;
      }
    }

    /** Refuses rows that were used already; before the first step. */
    private void checkRows(long rows, String fingerprint) throws IOException {
      UsedData found = new UsedData(input, fingerprint, rows, range);
      data = Optional.of(found);
      if (parent.isEmpty()) {
        return;
      }
      VersionRecord current = parent.get().record();
      boolean ours =
          current.origin() == Origin.REFRESH
              && current.data().map(UsedData::fingerprint).equals(Optional.of(fingerprint));
      if (ours && !RefreshReport.isFinal(reportOf(current.checkpoint()), current, options)) {
        throw new PublishedBefore();
      }
      Optional<VersionRecord> user = acceptUsed ? Optional.empty() : folder.user(current, found);
      if (user.isPresent()) {
        throw used(user.get(), found);
      }
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

    private String reportOf(String checkpoint) {
      return Folders.child(Folders.parent(checkpoint).orElse(checkpoint), REPORT);
    }

    private RefreshResult finished(ModelVersion version) throws IOException {
      folder.finish(version, labels);
      String report = reportOf(version.record().checkpoint());
      RefreshResult result =
          new RefreshResult(
              Outcome.FINISHED,
              before(version),
              Optional.of(version),
              version.record().checkpoint(),
              version.record().data(),
              Optional.empty(),
              Optional.empty(),
              Optional.of(report));
      RefreshReport.write(result, report, options);
      return result;
    }

    private Optional<ModelVersion> before(ModelVersion version) throws IOException {
      Optional<Long> number = version.record().parent();
      return number.isPresent() && folder.numbers().contains(number.get())
          ? Optional.of(folder.version(number.get()))
          : Optional.empty();
    }

    private RefreshResult judged(CairnModel<?> trained, Dataset<Row> heldOut) throws IOException {
      progress.accept("Judging on held-out rows ...");
      ModelComparison compared;
      if (parent.isPresent()) {
        try (CairnModel<?> old = Estimators.fromCheckpoint(parent.get().checkpoint())) {
          compared = ModelComparison.of(Optional.of(old), trained, heldOut, gate.slices());
        }
      } else {
        compared = ModelComparison.of(Optional.empty(), trained, heldOut, gate.slices());
      }
      GateReport verdict = gate.judge(compared);
      Optional<ModelVersion> version = parent;
      if (verdict.passed()) {
        progress.accept("Publishing ...");
        version = Optional.of(publish(trained.checkpoint(), compared, verdict));
      }
      String report = reportOf(trained.checkpoint());
      RefreshResult result =
          new RefreshResult(
              verdict.passed() ? Outcome.PUBLISHED : Outcome.REFUSED,
              parent,
              version,
              trained.checkpoint(),
              data,
              Optional.of(compared),
              Optional.of(verdict),
              Optional.of(report));
      RefreshReport.write(result, report, options);
      return result;
    }

    private ModelVersion publish(String checkpoint, ModelComparison compared, GateReport verdict)
        throws IOException {
      Lineage lineage =
          new Lineage(
              Origin.REFRESH,
              parent.map(ModelVersion::number),
              data,
              compared.after().numbers(),
              compared.before().map(TestFigures::numbers).orElseGet(TreeMap::new),
              verdict.kept());
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
  }
}
