package dev.cairn.spark.serving;

import dev.cairn.checkpoint.CheckpointReader;
import dev.cairn.checkpoint.FolderOptions;
import dev.cairn.checkpoint.model.CheckpointException;
import dev.cairn.checkpoint.model.CheckpointException.Mismatch;
import dev.cairn.checkpoint.model.ColumnType;
import dev.cairn.checkpoint.model.FeatureDefinition;
import dev.cairn.checkpoint.model.FeatureDefinition.Offset;
import dev.cairn.checkpoint.model.FeatureScales;
import dev.cairn.checkpoint.model.Manifest;
import dev.cairn.checkpoint.model.RowHasher;
import dev.cairn.checkpoint.model.TrainingState;
import dev.cairn.checkpoint.publish.VersionLease;
import dev.cairn.spark.model.Decision;
import dev.cairn.spark.model.LinearModel;
import dev.cairn.spark.model.LogisticLoss;
import dev.cairn.spark.model.Model;
import dev.cairn.spark.model.Models;
import dev.cairn.spark.model.RowScorer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A trained model that scores one row at a time, without Spark: for a service that answers single
 * requests.
 *
 * <pre>{@code
 * RowPredictor model = RowPredictor.load("hdfs://nn/runs/flights", FolderOptions.defaults());
 * double p = model.probability(Map.of("origin", "JFK", "hour", 18, "distance", 1020));
 * }</pre>
 *
 * <p>A row is a map from column to value, hashed here as it was for training; margins and
 * probabilities have the bits that scoring with Spark gives. <b>Derived columns are SQL, which
 * nothing here computes: the caller gives them, under their names</b>; {@link #columns} lists the
 * columns that are wanted. A null is an absent feature; a column that the map does not have at all
 * is an error, since a misspelt one would otherwise score as an absent feature. The same goes for
 * the offset of a model that was trained with one: a column of the row, or, where SQL made it of
 * others, called {@code offset}.
 *
 * <p>Memory: 4 bytes a number of the model's variables; 16 MiB for a weight for each of the default
 * of 2^22 features. Immutable and thread-safe: every thread has a hasher and a scorer of its own.
 */
public final class RowPredictor {
  private final String checkpoint;
  private final FeatureDefinition definition;
  private final Model model;
  private final int outputs;
  private final Decision decision;

  /** The column of offsets; null without one. */
  private final @Nullable String offset;

  private final ThreadLocal<Scratch> scratch;

  /** The types of the hasher's columns of text; null where the checkpoint has none. */
  private final List<@Nullable ColumnType> types;

  /** The objects with which one thread scores. */
  private record Scratch(RowHasher hasher, RowScorer scorer, double[] scores) {}

  private RowPredictor(
      String checkpoint,
      FeatureDefinition definition,
      Model model,
      FeatureScales scales,
      RowScorer.Parameters parameters) {
    this.checkpoint = checkpoint;
    this.definition = definition;
    this.model = model;
    this.offset = definition.offset().map(Offset::column).orElse(null);
    this.outputs = model.kernel().outputs();
    this.decision = model.decision();
    this.scratch =
        ThreadLocal.withInitial(
            () ->
                new Scratch(
                    new RowHasher(definition),
                    new RowScorer(model, scales, parameters),
                    new double[outputs]));
    this.types = new ArrayList<>();
    for (String name : new RowHasher(definition).texts()) {
      types.add(definition.type(name).orElse(null));
    }
  }

  /**
   * Reads a model, its bytes checked, with a thread for each processor.
   *
   * @param path a checkpoint, a run's folder, whose result is meant, or a published model, whose
   *     version is not collected before it is read
   * @throws Mismatch if the checkpoint has no definition of features, or holds a model that is not
   *     Cairn's, or not the one that it names
   */
  public static RowPredictor load(String path, FolderOptions options) throws IOException {
    try (VersionLease lease = VersionLease.take(path, options)) {
      try (CheckpointReader reader = CheckpointReader.open(lease.checkpoint(), options)) {
        return of(
            reader,
            lease.checkpoint(),
            model -> StoredParameters.read(reader, model, StoredParameters.PIECE));
      } catch (CheckpointException e) {
        throw lease.advised(e);
      }
    }
  }

  /** Gives the parameters of a model that was found. */
  interface Source {
    RowScorer.Parameters of(Model model) throws IOException;
  }

  /** Makes a predictor of a checkpoint's definitions, with parameters of any kind. */
  static RowPredictor of(CheckpointReader reader, String found, Source source) throws IOException {
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
    // An older Cairn had only one model, and did not record which.
    Model model =
        Models.in(reader.manifest(), found)
            .orElseGet(() -> new LinearModel(definition.size(), true, new LogisticLoss()));
    if (model.features() != definition.size()) {
      throw new Mismatch(
          "Cannot score rows: expected a model of the "
              + definition.size()
              + " features that rows are made into, found one of "
              + model.features()
              + " (path="
              + found
              + ")");
    }
    return new RowPredictor(
        found,
        definition,
        model,
        training.map(TrainingState::scales).orElse(FeatureScales.NONE),
        source.of(model));
  }

  /** The path of the checkpoint that was read. */
  public String checkpoint() {
    return checkpoint;
  }

  /** The definition of features. */
  public FeatureDefinition definition() {
    return definition;
  }

  /** The columns that a row must have, derived ones and that of the offset included. */
  public Set<String> columns() {
    Set<String> names = new LinkedHashSet<>(definition.columns());
    if (offset != null) {
      names.add(offset);
    }
    return Collections.unmodifiableSet(names);
  }

  /** The number of a row's {@link #scores}: one, or one a class. */
  public int outputs() {
    return outputs;
  }

  /**
   * The model's scores of a row, before any link function: margins, one or one a class. See {@link
   * #margin} for what a row is.
   */
  public double[] scores(Map<String, ?> row) {
    return scored(row).clone();
  }

  /**
   * The margin of a row: for a logistic regression the logarithm of the odds of label 1.
   *
   * @param row values by column: texts, numbers, booleans, dates. A category is the value as
   *     training had it, whose types the checkpoint keeps: of a column of integers 18, 18L, 18.0
   *     and "18" are one. (Checkpoints of older versions do not keep them: there 18 and 18.0 are
   *     two.) More columns do no harm
   * @throws IllegalArgumentException naming a column that is missing, or whose value does not fit
   *     its type in training
   * @throws IllegalStateException if the model has a margin for each class
   */
  public double margin(Map<String, ?> row) {
    if (outputs != 1) {
      throw new IllegalStateException(
          "Cannot tell the margin of a row: expected a model with one, found "
              + outputs
              + " of the model "
              + model.definition().kind()
              + "; use scores");
    }
    return scored(row)[0];
  }

  /** Scores a row into this thread's array. */
  private double[] scored(Map<String, ?> row) {
    Scratch own = scratch.get();
    RowHasher hasher = own.hasher();
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
    own.scorer().scores(hasher.ids(), hasher.values(), hasher.count(), offset(row), own.scores());
    return own.scores();
  }

  private double offset(Map<String, ?> row) {
    if (offset == null) {
      return 0;
    }
    Object value = value(row, offset);
    double number = value == null ? Double.NaN : RowValues.number(offset, value);
    if (!Float.isFinite((float) number)) {
      throw new IllegalArgumentException(
          "Cannot score a row: column "
              + offset
              + ", expected a finite number within float32, which is added to the margin, found "
              + value);
    }
    return number;
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

  /**
   * The probability of label 1; see {@link #margin}.
   *
   * @throws IllegalStateException if the model's margin is not a logarithm of odds
   */
  public double probability(Map<String, ?> row) {
    if (!(decision instanceof Decision.Odds)) {
      throw new IllegalStateException(
          "Cannot tell the probability of label 1: expected a model trained with the logistic loss,"
              + " found "
              + model.definition().kind()
              + "; use margin or scores");
    }
    return probability(margin(row));
  }

  /**
   * A model's answer for a row.
   *
   * @param margin the margin of two classes; else empty
   * @param probability the probability of label 1, or, with more classes, of the predicted one;
   *     empty if the model has none
   * @param prediction the class (the second one of two if its probability is above 0.5 or, without
   *     probabilities, its margin above 0), or the number
   */
  public record Answer(OptionalDouble margin, OptionalDouble probability, double prediction) {}

  /** Whether classes are predicted, or else numbers. */
  public boolean classifies() {
    return !(decision instanceof Decision.Value);
  }

  /** The model's whole answer for a row; see {@link #margin} for what a row is. */
  public Answer answer(Map<String, ?> row) {
    double[] scores = scored(row);
    double prediction = decision.of(scores, 0);
    OptionalDouble none = OptionalDouble.empty();
    if (!classifies()) {
      return new Answer(none, none, prediction);
    }
    if (outputs == 1) {
      OptionalDouble one =
          decision instanceof Decision.Odds ? OptionalDouble.of(probability(scores[0])) : none;
      return new Answer(OptionalDouble.of(scores[0]), one, prediction);
    }
    double[] probabilities = scores.clone();
    decision.probabilities(probabilities);
    return new Answer(none, OptionalDouble.of(probabilities[(int) prediction]), prediction);
  }

  /** The probability of label 1 that a margin of the logistic loss stands for. */
  public static double probability(double margin) {
    return LogisticLoss.probability(margin);
  }
}
