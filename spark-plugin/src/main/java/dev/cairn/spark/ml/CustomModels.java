package dev.cairn.spark.ml;

import dev.cairn.spark.data.LabelKind;
import dev.cairn.spark.model.Model;
import dev.cairn.spark.model.Models;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Keeps this program's own models by their kinds, so that stages that were written with one in them
 * can be read: a {@code Pipeline}, a {@code CrossValidatorModel}. A file names only the kind, and
 * no class is loaded because of a file: a program that reads such a file registers the kind first.
 *
 * <pre>{@code
 * CustomModels.register(
 *     "perceptron", LabelKind.NUMBER, (features, classes) -> new Perceptron(features, 8));
 * PipelineModel model = PipelineModel.load("hdfs://nn/pipeline");
 * }</pre>
 *
 * <p>Thread-safe.
 */
public final class CustomModels {
  private static final Map<String, Registered> BY_KIND = new ConcurrentHashMap<>();

  /**
   * A kind of model.
   *
   * @param kind the kind in its {@link Model#definition}
   * @param labels the kind of its labels
   * @param factory makes it
   */
  record Registered(String kind, LabelKind labels, CustomPredictor.ModelFactory factory) {}

  private CustomModels() {}

  /**
   * Registers a kind of model, in place of any other of its name.
   *
   * @param kind the kind in the model's {@link Model#definition}
   * @param labels the kind of its labels
   * @param factory makes it
   * @throws IllegalArgumentException if Cairn has a model of this kind
   */
  public static void register(String kind, LabelKind labels, CustomPredictor.ModelFactory factory) {
    if (kind.isBlank() || Models.has(kind)) {
      throw new IllegalArgumentException(
          "Cannot register a model: expected a kind that Cairn does not have, found '"
              + kind
              + "'; choose another name");
    }
    BY_KIND.put(kind, new Registered(kind, labels, factory));
  }

  /**
   * Finds a registered kind.
   *
   * @param what the task, for the message
   * @throws IllegalArgumentException if nothing is
   */
  static Registered of(String kind, String what) {
    Registered found = BY_KIND.get(kind);
    if (found == null) {
      throw new IllegalArgumentException(
          "Cannot "
              + what
              + ": expected a kind of model that this program has registered, found "
              + (kind.isEmpty() ? "none" : kind)
              + "; call CustomModels.register before");
    }
    return found;
  }

  /** The kind under which this very factory is registered. */
  static Optional<String> kindOf(CustomPredictor.ModelFactory factory) {
    return BY_KIND.values().stream()
        .filter(one -> one.factory() == factory)
        .map(Registered::kind)
        .findFirst();
  }
}
