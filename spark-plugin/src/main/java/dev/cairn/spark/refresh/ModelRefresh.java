package dev.cairn.spark.refresh;

import dev.cairn.checkpoint.FolderOptions;
import dev.cairn.checkpoint.ServingConfig;
import dev.cairn.checkpoint.model.CheckpointException.Conflict;
import dev.cairn.checkpoint.model.VersionRecord.Range;
import dev.cairn.checkpoint.model.VersionRecord.UsedData;
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

  /**
   * Sets the labels that are moved to the new version, besides {@code stable}.
   *
   * @throws IllegalArgumentException for what cannot be a label
   */
  public ModelRefresh setLabels(List<String> value) {
    value.forEach(ServingConfig::checkLabel);
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
   *     own; a copy of it is trained, with the model to begin with, and it stays as it is
   * @param train new rows alone
   * @param heldOut new rows that are not trained on, with the gate's slices among the columns
   * @throws dev.cairn.checkpoint.model.CheckpointException.Conflict if the rows were used already,
   *     or somebody else publishes meanwhile
   * @throws dev.cairn.checkpoint.model.CheckpointException.Corrupt if the version in use is
   *     damaged; the message says which one is good
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
        folder.verify(lease.version().orElseThrow());
        return new Run(folder, options, lease.version(), range).of(estimator, train, heldOut);
      }
    }
  }

  /** One call. */
  private final class Run {
    private final Optional<ModelVersion> parent;
    private final Optional<Range> range;
    private final Publication publication;
    private Optional<UsedData> data = Optional.empty();

    Run(
        ModelFolder folder,
        FolderOptions options,
        Optional<ModelVersion> parent,
        Optional<Range> range) {
      this.parent = parent;
      this.range = range;
      this.publication = new Publication(folder, parent, labels, check, progress, options);
    }

    RefreshResult of(CairnEstimator<?, ?> given, Dataset<Row> train, Dataset<Row> heldOut)
        throws IOException {
      CairnEstimator<?, ?> estimator = given.copied(); // what is set here is not for later fits
      if (parent.isPresent()) {
        String initial = parent.get().checkpoint();
        var unused = estimator.setInitialModel(initial);
        var unusedToo = estimator.setInitialOptimizerState(optimizerState);
        try (CairnModel<?> old = Estimators.fromCheckpoint(initial)) {
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
              List.of(),
              Optional.empty());
        }
        return publication.of(trained.checkpoint(), data, () -> judge(trained, heldOut));
      } catch (TrainingFailedException e) {
        if (e.getCause() instanceof PublishedBefore) {
          return publication.finish(parent.orElseThrow());
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
      if (publication.isInUse(fingerprint)) {
        throw new PublishedBefore();
      }
      if (!acceptUsed) {
        publication.requireUnused(found).ifPresent(this::warn);
      }
    }

    private void warn(String warning) {
      progress.accept("Warning: " + warning);
    }

    private Publication.Judged judge(CairnModel<?> trained, Dataset<Row> heldOut) {
      if (parent.isEmpty()) {
        return judged(Optional.empty(), trained, heldOut);
      }
      try (CairnModel<?> old = Estimators.fromCheckpoint(parent.get().checkpoint())) {
        return judged(Optional.of(old), trained, heldOut);
      }
    }

    private Publication.Judged judged(
        Optional<CairnModel<?>> old, CairnModel<?> trained, Dataset<Row> heldOut) {
      ModelComparison compared = ModelComparison.of(old, trained, heldOut, gate.slices());
      return new Publication.Judged(compared, gate.judge(compared));
    }
  }
}
