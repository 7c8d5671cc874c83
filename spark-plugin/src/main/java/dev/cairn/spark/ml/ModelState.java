package dev.cairn.spark.ml;

import dev.cairn.checkpoint.CheckpointReader;
import dev.cairn.checkpoint.CoefficientReader;
import dev.cairn.checkpoint.FolderOptions;
import dev.cairn.checkpoint.model.FeatureDefinition;
import dev.cairn.spark.columns.ColumnTypes;
import dev.cairn.spark.model.Model;
import dev.cairn.spark.reading.ReadModels;
import dev.cairn.spark.scoring.Coefficients;
import dev.cairn.spark.scoring.Margins;
import dev.cairn.spark.scoring.ParameterMatrix;
import dev.cairn.spark.scoring.SharedMargins;
import dev.cairn.spark.settings.DescentSettings;
import dev.cairn.spark.trainer.FoundModel;
import dev.cairn.spark.trainer.HadoopSettings;
import dev.cairn.spark.trainer.ModelShards;
import java.io.IOException;
import java.io.Serializable;
import java.util.Optional;
import org.apache.spark.SparkContext;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.Params;
import org.apache.spark.sql.types.StructField;
import org.jspecify.annotations.Nullable;

/**
 * The state of every trained model besides the parameters of its kind: its checkpoint, the way to
 * its weights, and the rows that it was trained on. It goes with the model to executors, as far as
 * it is of use there.
 */
final class ModelState implements Serializable {
  private static final long serialVersionUID = 1L;

  /** A model that has such a state. */
  interface Owner extends Params {
    /** The state. */
    ModelState state();
  }

  final Param<String> weightCol;
  final Param<String> offsetCol;
  private final String checkpoint;
  private final Model model;
  private final transient ModelShards shards;

  /** The fit that trained it; null in executors and when it was loaded. */
  private transient Fit.@Nullable Fitted trained;

  /** The scorer of rows, once rows were scored. */
  private @Nullable SharedMargins margins;

  /** Makes the state of a model that was found. */
  ModelState(Params owner, ModelShards shards) {
    this.checkpoint = shards.found().checkpoint();
    this.model = shards.found().model();
    this.shards = shards;
    this.weightCol = SettingParams.text(owner, DescentSettings.WEIGHT_COL);
    this.offsetCol = SettingParams.text(owner, DescentSettings.OFFSET_COL);
    shards
        .found()
        .definition()
        .flatMap(FeatureDefinition::offset)
        .ifPresent(offset -> owner.setDefault(offsetCol, offset.column()));
  }

  /** The path of the checkpoint that holds the parameters. */
  String checkpoint() {
    return checkpoint;
  }

  /** The size of the feature space. */
  int features() {
    return model.features();
  }

  /** The model. */
  Model model() {
    return model;
  }

  /** The model's weights; on the driver only. */
  ModelShards shards() {
    return shards;
  }

  /** The model as its checkpoint describes it; on the driver only. */
  FoundModel found() {
    return shards.found();
  }

  /** Sets the fit that made this model, for summaries. */
  void trainedBy(Fit.@Nullable Fitted fit) {
    trained = fit;
  }

  /** The fit that made this model; null if it was loaded. */
  Fit.@Nullable Fitted trained() {
    return trained;
  }

  /**
   * The fit that made this model.
   *
   * @throws IllegalStateException if it was not trained here, but loaded
   */
  Fit.Fitted trained(Params owner) {
    Fit.Fitted known = trained;
    if (known == null) {
      throw new IllegalStateException(
          "Cannot sum training up: expected a model that fit returned, found one that was loaded"
              + " (uid="
              + owner.uid()
              + "); use evaluate(rows)");
    }
    return known;
  }

  /** The scorer of rows, for this JVM and for executors; on the driver only. */
  synchronized Margins shared() {
    var unused = ReadModels.current("score"); // says what is missing
    try {
      shards.keep(SparkContext.getOrCreate());
    } catch (IOException e) {
      throw new TrainingFailedException(e);
    }
    FoundModel found = shards.found();
    SharedMargins present = margins;
    if (present == null || !present.parameters().equals(found.weights())) {
      present = new SharedMargins(found);
      margins = present;
    }
    return present;
  }

  /**
   * The scorer of single rows; for use on an executor the driver must have opened the model before.
   */
  Margins single() {
    // On an executor there are no shards to open: Java serialisation leaves them out.
    if (shards != null) {
      return shared();
    }
    Margins present = margins;
    if (present == null) {
      throw new IllegalStateException(
          "Cannot score a row in an executor: expected the driver to have used the model before it"
              + " was sent here; use transform, or call predict on the driver once");
    }
    return present;
  }

  /** Refuses vectors that were made of columns of other types than the model's. */
  void checkTypes(StructField column) {
    found()
        .definition()
        .ifPresent(
            known ->
                FeatureEncoder.definition(column)
                    .ifPresent(made -> ColumnTypes.check(known, made)));
  }

  /** The encoder that makes its features; empty if they came ready made. */
  Optional<FeatureEncoder> encoder() {
    return found().definition().map(FeatureEncoder::of);
  }

  /** Its weights for values as they stand in the data, read from the checkpoint. */
  Vector coefficients() {
    return coefficients(reader -> Coefficients.of(reader, Coefficients.limit()));
  }

  /** Its intercept for values as they stand in the data, read from the checkpoint. */
  double intercept() {
    return coefficients(CoefficientReader::intercept);
  }

  /** Reads something with a reader of checkpoints. */
  interface Reading<R, T> {
    /** Reads it. */
    T of(R reader) throws IOException;
  }

  /** Reads the checkpoint, if it still holds this model. */
  private <T> T coefficients(Reading<CoefficientReader, T> reading) {
    FolderOptions options = HadoopSettings.options(SparkContext.getOrCreate());
    try (CoefficientReader reader = CoefficientReader.open(checkpoint, options)) {
      found().weights().requireCommit(reader.manifest());
      return reading.of(reader);
    } catch (IOException e) {
      throw new TrainingFailedException(e);
    }
  }

  /**
   * Reads from a table of the model's parameters, if the checkpoint still is this model.
   *
   * @param width the count of numbers of a feature
   */
  <T> T matrix(int width, Reading<ParameterMatrix, T> reading) {
    FolderOptions options = HadoopSettings.options(SparkContext.getOrCreate());
    try (CheckpointReader reader = CheckpointReader.open(checkpoint, options)) {
      found().weights().requireCommit(reader.manifest());
      return reading.of(
          new ParameterMatrix(reader, found().scales(), features(), width, Coefficients.limit()));
    } catch (IOException e) {
      throw new TrainingFailedException(e);
    }
  }
}
