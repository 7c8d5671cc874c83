package dev.cairn.spark.ml;

import dev.cairn.spark.columns.Columns;
import dev.cairn.spark.columns.Labels;
import dev.cairn.spark.columns.OutputColumns;
import dev.cairn.spark.data.LabelKind;
import dev.cairn.spark.model.Model;
import java.io.Serializable;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.ml.Predictor;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.ml.util.MLWriter;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * Trains a model of one's own: a {@link Model} with its kernel, written as this package's models
 * are. Everything else is Cairn's: packing, training on executors, recovery, checkpoints, scoring.
 * See {@link CairnEstimator} for what all estimators have.
 *
 * <pre>{@code
 * CustomPredictionModel model =
 *     new CustomPredictor(LabelKind.NUMBER, (features, classes) -> new MyModel(features))
 *         .setCheckpointDir("hdfs://nn/models")
 *         .setMaxIter(5)
 *         .fit(rows);
 * }</pre>
 *
 * <p>A written estimator, and a written model, do not name the model's class. A program that reads
 * a pipeline with one in it registers the kind of model before ({@link CustomModels}); {@link
 * CustomPredictionModel#load} takes the model itself.
 */
public final class CustomPredictor extends Predictor<Vector, CustomPredictor, CustomPredictionModel>
    implements CairnEstimator<CustomPredictor, CustomPredictionModel> {
  private static final long serialVersionUID = 1L;

  /** Field of the metadata: the registered kind of model, empty for none. */
  private static final String KIND = "kind";

  private final TrainingParams training;
  private final LabelKind labelKind;
  private final ModelFactory factory;

  // No initialiser: Spark's constructors ask for it before one would run.
  private @Nullable String uid;

  /** Makes the model once its size is known. */
  @FunctionalInterface
  public interface ModelFactory extends Serializable {
    /**
     * Makes the model.
     *
     * @param features size of the feature space
     * @param classes the number of classes by the labels; to be ignored where labels are numbers
     */
    Model of(int features, int classes);
  }

  /**
   * Makes an estimator with a random uid.
   *
   * @param labels the kind of the model's labels
   * @param factory makes the model
   */
  public CustomPredictor(LabelKind labels, ModelFactory factory) {
    this(EarlyUid.random("cairn_custom"), labels, factory);
  }

  /** Makes an estimator with this uid. */
  public CustomPredictor(String uid, LabelKind labels, ModelFactory factory) {
    this(EarlyUid.announce(uid), labels, factory);
  }

  /**
   * Makes an estimator for a kind of model that this program has registered; it can be read again
   * after it was written.
   *
   * @throws IllegalArgumentException if the kind is not registered
   */
  public static CustomPredictor registered(String kind) {
    CustomModels.Registered known = CustomModels.of(kind, "make an estimator");
    return new CustomPredictor(known.labels(), known.factory());
  }

  private CustomPredictor(EarlyUid uid, LabelKind labels, ModelFactory factory) {
    this.uid = uid.text();
    this.training = new TrainingParams(this);
    this.labelKind = labels;
    this.factory = factory;
  }

  @Override
  public String uid() {
    String present = EarlyUid.or(uid);
    uid = present;
    return present;
  }

  @Override
  public TrainingParams trainingParams() {
    return training;
  }

  @Override
  public CustomPredictionModel fit(Dataset<?> dataset) {
    transformSchema(dataset.schema());
    return copyValues(train(dataset).setParent(this), ParamMap.empty());
  }

  /** Trains, as {@link #fit} does once the columns are checked. */
  @Override
  public CustomPredictionModel train(Dataset<?> dataset) {
    Fit fit = new Fit(this, labels(dataset.schema()), this::model);
    return CustomPredictionModel.KIND.fitted(uid(), fit.of(dataset));
  }

  private Model model(int features, int classes) {
    Model made = factory.of(features, classes);
    if (made.labels() != labelKind || made.features() != features) {
      throw new IllegalArgumentException(
          "Cannot train "
              + made.definition().kind()
              + ": expected a model of "
              + labelKind
              + " labels and "
              + features
              + " features, found "
              + made.labels()
              + " and "
              + made.features());
    }
    Optional<String> registered = CustomModels.kindOf(factory);
    if (registered.isPresent() && !registered.get().equals(made.definition().kind())) {
      throw new IllegalArgumentException(
          "Cannot train "
              + made.definition().kind()
              + ": expected the kind that its factory is registered for, "
              + registered.get());
    }
    if (made.inputs().features() != features) {
      throw new IllegalArgumentException(
          "Cannot train "
              + made.definition().kind()
              + ": expected spaces of "
              + features
              + " features together, as the vectors have, found "
              + made.inputs().features()
              + " in "
              + made.inputs().spaces());
    }
    return made;
  }

  private Labels labels(StructType schema) {
    return switch (labelKind) {
      case BINARY -> Labels.binary(schema, getLabelCol(), "train a model of classes");
      case NUMBER, COUNT -> Labels.numbers(schema, getLabelCol(), labelKind);
      default -> Labels.multinomial(schema, getLabelCol());
    };
  }

  @Override
  public StructType transformSchema(StructType schema) {
    return validateAndTransformSchema(schema, true, SQLDataTypes.VectorType());
  }

  @Override
  public StructType validateAndTransformSchema(
      StructType schema, boolean fitting, DataType featuresType) {
    if (fitting) {
      Fit.check(this, schema);
      Labels unused = labels(schema);
    } else {
      Columns.checkFeatures(schema, getFeaturesCol());
    }
    return OutputColumns.number(getPredictionCol()).appendedTo(schema);
  }

  @Override
  public CustomPredictor copy(ParamMap extra) {
    CustomPredictor copy = new CustomPredictor(uid(), labelKind, factory);
    copy.training.options.set(training.options);
    return copyValues(copy, extra);
  }

  /** Writes uid, parameters and, where it is registered, the kind of model. */
  @Override
  public MLWriter write() {
    return new StageWriter(this) {
      @Override
      Map<String, String> contents(String folder) {
        return Map.of(KIND, CustomModels.kindOf(factory).orElse(""));
      }
    };
  }

  /** Reads what {@link #write} wrote, if this program has registered the kind of model. */
  public static MLReader<CustomPredictor> read() {
    return ParamsMetadata.reader(
        CustomPredictor.class,
        (metadata, place) -> {
          CustomModels.Registered known =
              CustomModels.of(
                  metadata.path(KIND).asText(), "load a CustomPredictor (path=" + place + ")");
          return new CustomPredictor(
              metadata.path("uid").asText(), known.labels(), known.factory());
        });
  }

  /**
   * Reads what {@link #write} wrote.
   *
   * @throws IllegalArgumentException if this program has not registered the kind of model
   */
  public static CustomPredictor load(String path) {
    return read().load(path);
  }
}
