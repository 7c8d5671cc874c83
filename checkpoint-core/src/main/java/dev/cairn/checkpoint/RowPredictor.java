package dev.cairn.checkpoint;

import dev.cairn.checkpoint.model.CheckpointException.Mismatch;
import dev.cairn.checkpoint.model.ColumnType;
import dev.cairn.checkpoint.model.FeatureDefinition;
import dev.cairn.checkpoint.model.FeatureScales;
import dev.cairn.checkpoint.model.Manifest;
import dev.cairn.checkpoint.model.RowHasher;
import dev.cairn.checkpoint.model.TrainingState;
import dev.cairn.checkpoint.model.VariableSpec;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A trained logistic regression that scores one row at a time, without Spark: for a service that
 * answers single requests.
 *
 * <pre>{@code
 * RowPredictor model = RowPredictor.load("hdfs://nn/runs/flights", CheckpointOptions.defaults());
 * double p = model.probability(Map.of("origin", "JFK", "hour", 18, "distance", 1020));
 * }</pre>
 *
 * <p>A row is a map from column to value, hashed here as it was for training; margins and
 * probabilities have the bits that scoring with Spark gives. <b>Derived columns are SQL, which
 * nothing here computes: the caller gives them, under their names</b>; {@link #columns} says which
 * columns are wanted. A null is an absent feature; a column that the map does not have at all is an
 * error, since a misspelt one would otherwise score as an absent feature.
 *
 * <p>Memory: 4 bytes a weight in one array, up to 2^31 - 17 weights (8 GiB); 16 MiB for the default
 * of 2^22. Immutable and thread-safe: every thread has a hasher of its own.
 */
public final class RowPredictor {
  private final String checkpoint;
  private final FeatureDefinition definition;
  private final FeatureScales scales;
  private final float[] weights;
  private final double intercept;
  private final ThreadLocal<RowHasher> hashers;

  /** Of the hasher's columns of text; null where the checkpoint does not say. */
  private final List<@Nullable ColumnType> types;

  private RowPredictor(
      String checkpoint,
      FeatureDefinition definition,
      FeatureScales scales,
      float[] weights,
      double intercept) {
    this.checkpoint = checkpoint;
    this.definition = definition;
    this.scales = scales;
    this.weights = weights;
    this.intercept = intercept;
    this.hashers = ThreadLocal.withInitial(() -> new RowHasher(definition));
    this.types = new ArrayList<>();
    for (String name : new RowHasher(definition).texts()) {
      types.add(definition.type(name).orElse(null));
    }
  }

  /**
   * Reads a model, its bytes checked, with a thread for each processor.
   *
   * @param path a checkpoint, or a run's folder, whose result is meant
   * @throws Mismatch if the checkpoint does not say how features are made, or holds another model
   */
  public static RowPredictor load(String path, CheckpointOptions options) throws IOException {
    String found = RunResult.find(path, options);
    try (CheckpointReader reader = CheckpointReader.open(found, options)) {
      Optional<TrainingState> training = reader.manifest().flatMap(Manifest::training);
      FeatureDefinition definition =
          training
              .flatMap(TrainingState::features)
              .orElseThrow(
                  () ->
                      new Mismatch(
                          "Cannot score rows: expected a checkpoint that says how features are"
                              + " made, found none of that (path="
                              + found
                              + "); it was trained on vectors that came ready made"));
      long size = reader.variable(CoefficientReader.WEIGHTS).map(RowPredictor::rows).orElse(0L);
      if (size != definition.size()) {
        throw new Mismatch(
            "Cannot score rows: expected "
                + definition.size()
                + " weights in "
                + CoefficientReader.WEIGHTS
                + ", found "
                + size
                + " (path="
                + found
                + ")");
      }
      float[] weights = new float[definition.size()];
      float[] bias = new float[1];
      List<RowRequest> wanted = new ArrayList<>();
      wanted.add(new RowRequest(CoefficientReader.WEIGHTS, 0, size, weights, 0));
      if (reader.variable(CoefficientReader.INTERCEPT).isPresent()) {
        wanted.add(new RowRequest(CoefficientReader.INTERCEPT, 0, 1, bias, 0));
      }
      reader.readAll(wanted, Runtime.getRuntime().availableProcessors());
      FeatureScales scales = training.map(TrainingState::scales).orElse(FeatureScales.NONE);
      return new RowPredictor(
          found, definition, scales, weights, intercept(scales, bias[0], weights));
    }
  }

  /** For values as they stand in the data, centred ones included. */
  private static double intercept(FeatureScales scales, float bias, float[] weights) {
    int[] centred = scales.centred();
    float[] theirs = new float[centred.length];
    for (int i = 0; i < centred.length; i++) {
      theirs[i] = weights[centred[i]];
    }
    return scales.intercept(bias, theirs);
  }

  private static long rows(VariableSpec variable) {
    return variable.shape().elements();
  }

  /** Path of the checkpoint that was read. */
  public String checkpoint() {
    return checkpoint;
  }

  /** How features are made. */
  public FeatureDefinition definition() {
    return definition;
  }

  /** The columns that a row must have, derived ones included. */
  public Set<String> columns() {
    return definition.columns();
  }

  /**
   * The logarithm of the odds of label 1.
   *
   * @param row values by column: texts, numbers, booleans, dates. A category is the value as
   *     training had it, whose types the checkpoint knows: of a column of integers 18, 18L, 18.0
   *     and "18" are one. (Checkpoints of older versions do not know: there 18 and 18.0 are two.)
   *     More columns do no harm
   * @throws IllegalArgumentException naming a column that is missing, or whose value is none that
   *     its type in training can have
   */
  public double margin(Map<String, ?> row) {
    RowHasher hasher = hashers.get();
    List<String> texts = hasher.texts();
    for (int i = 0; i < texts.size(); i++) {
      String name = texts.get(i);
      ColumnType type = types.get(i);
      Object value = value(row, name);
      hasher.text(
          i, type == null ? RowValues.text(name, value) : RowValues.text(name, value, type));
    }
    List<String> numbers = hasher.numbers();
    for (int i = 0; i < numbers.size(); i++) {
      Object value = value(row, numbers.get(i));
      if (value == null) {
        hasher.noNumber(i);
      } else {
        hasher.number(i, RowValues.number(numbers.get(i), value));
      }
    }
    hasher.hash();
    return margin(hasher);
  }

  private static @Nullable Object value(Map<String, ?> row, String name) {
    Object value = row.get(name);
    if (value == null && !row.containsKey(name)) {
      throw new IllegalArgumentException(
          "Cannot score a row: column "
              + name
              + ", expected a value or null, found no such column among "
              + row.keySet());
    }
    return value;
  }

  private double margin(RowHasher row) {
    int[] ids = row.ids();
    double[] values = row.values();
    double margin = intercept;
    for (int k = 0; k < row.count(); k++) {
      double value = FeatureScales.scaled((float) values[k], scales.scale(ids[k]));
      if (value != 0) {
        margin += value * weights[ids[k]];
      }
    }
    return margin;
  }

  /** The probability of label 1; see {@link #margin}. */
  public double probability(Map<String, ?> row) {
    return probability(margin(row));
  }

  /** The probability of label 1 that a margin stands for. */
  public static double probability(double margin) {
    return 1 / (1 + StrictMath.exp(-margin));
  }
}
