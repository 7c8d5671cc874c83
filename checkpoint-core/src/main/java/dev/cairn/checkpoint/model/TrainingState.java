package dev.cairn.checkpoint.model;

import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The state of a training run besides its variables.
 *
 * @param step the global clock: the number of steps done
 * @param seed the run's seed
 * @param position next batch to use
 * @param model the model that is trained; empty where it is not known
 * @param optimizer the optimizer and its settings
 * @param metrics figures at this step, by name; finite or not
 * @param configuration the settings that decide the trained bits
 * @param scales the scales of numeric features
 * @param features the definition of the features; empty where they came ready made
 * @param test the figures on rows kept to judge on, if the parameters were judged before the
 *     checkpoint was committed
 */
public record TrainingState(
    long step,
    long seed,
    DataPosition position,
    Optional<ModelDefinition> model,
    OptimizerSpec optimizer,
    SortedMap<String, Double> metrics,
    SortedMap<String, String> configuration,
    FeatureScales scales,
    Optional<FeatureDefinition> features,
    Optional<TestFigures> test) {

  /**
   * The metric that names the step of the run's best checkpoint so far: retention keeps it, and
   * {@code CheckpointFolder.best} finds it.
   */
  public static final String BEST_STEP = "validation.best-step";

  /** The key in the configuration of the commit of the model that a run began with. */
  public static final String INITIAL_MODEL = "train.initial-model";

  /** Makes a state of a model of which nothing is known but its variables. */
  public TrainingState(
      long step,
      long seed,
      DataPosition position,
      OptimizerSpec optimizer,
      SortedMap<String, Double> metrics,
      SortedMap<String, String> configuration) {
    this(
        step,
        seed,
        position,
        Optional.empty(),
        optimizer,
        metrics,
        configuration,
        FeatureScales.NONE,
        Optional.empty(),
        Optional.empty());
  }

  /** Copies the maps. */
  public TrainingState {
    Objects.requireNonNull(position, "position");
    Objects.requireNonNull(model, "model");
    Objects.requireNonNull(optimizer, "optimizer");
    Objects.requireNonNull(scales, "scales");
    Objects.requireNonNull(features, "features");
    Objects.requireNonNull(test, "test");
    if (step < 0) {
      throw new IllegalArgumentException("Cannot describe training: step " + step);
    }
    metrics = Collections.unmodifiableSortedMap(new TreeMap<>((Map<String, Double>) metrics));
    configuration =
        Collections.unmodifiableSortedMap(new TreeMap<>((Map<String, String>) configuration));
  }

  /** The step of the run's best checkpoint so far, if there was one. */
  public OptionalLong bestStep() {
    Double step = metrics.get(BEST_STEP);
    return step == null ? OptionalLong.empty() : OptionalLong.of(step.longValue());
  }
}
