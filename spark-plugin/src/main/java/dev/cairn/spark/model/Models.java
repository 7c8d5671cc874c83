package dev.cairn.spark.model;

import dev.cairn.checkpoint.model.CheckpointException.Mismatch;
import dev.cairn.checkpoint.model.Manifest;
import dev.cairn.checkpoint.model.ModelDefinition;
import dev.cairn.checkpoint.model.TrainingState;
import dev.cairn.spark.shard.ParameterVariable;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Makes models from their {@link Model#definition}: scoring needs nothing but a checkpoint. A
 * program's own models are not among them: a caller that scores with one hands it in.
 */
public final class Models {
  /** The setting that is the number of features. */
  public static final String FEATURES = "features";

  static final String FIT_INTERCEPT = "fit-intercept";
  static final String CLASSES = "classes";
  static final String RANK = "rank";
  static final String FIT_LINEAR = "fit-linear";
  static final String FACTORS_DEVIATION = "factors-deviation";
  static final String FACTORS_SEED = "factors-seed";
  static final String EPSILON = "epsilon";

  static final String SOFTMAX = "softmax";

  /** The beginning of a factorization machine's kind; its loss follows. */
  static final String MACHINE = "fm-";

  private Models() {}

  /**
   * The model of a definition; empty if the kind is not one of Cairn's.
   *
   * @throws IllegalArgumentException if a setting is missing, or is not one that the kind can have
   */
  public static Optional<Model> of(ModelDefinition definition) {
    String kind = definition.kind();
    if (kind.equals(SOFTMAX)) {
      return Optional.of(
          new SoftmaxModel(
              whole(definition, FEATURES),
              whole(definition, CLASSES),
              truth(definition, FIT_INTERCEPT)));
    }
    boolean machine = kind.startsWith(MACHINE);
    MarginLoss loss = loss(machine ? kind.substring(MACHINE.length()) : kind, definition);
    if (loss == null) {
      return Optional.empty();
    }
    int features = whole(definition, FEATURES);
    boolean intercept = truth(definition, FIT_INTERCEPT);
    return Optional.of(
        machine
            ? FactorizationMachine.of(
                features,
                whole(definition, RANK),
                intercept,
                truth(definition, FIT_LINEAR),
                loss,
                setting(definition, FACTORS_DEVIATION, Double::parseDouble, "a number"),
                setting(definition, FACTORS_SEED, Long::parseLong, "a whole number"))
            : new LinearModel(features, intercept, loss));
  }

  /** The names of a model's variables, in their order. */
  public static List<String> variables(Model model) {
    return model.variables().stream().map(ParameterVariable::name).toList();
  }

  /** Whether Cairn has models of a kind. */
  public static boolean has(String kind) {
    try {
      return of(new ModelDefinition(kind, new TreeMap<>())).isPresent();
    } catch (IllegalArgumentException e) {
      return true; // it asks for settings
    }
  }

  /**
   * The model that a manifest defines; empty if it defines none.
   *
   * @param path the path of the checkpoint, for messages
   * @throws Mismatch if it defines none that Cairn has
   */
  public static Optional<Model> in(Optional<Manifest> manifest, String path) throws Mismatch {
    Optional<ModelDefinition> known =
        manifest.flatMap(Manifest::training).flatMap(TrainingState::model);
    if (known.isEmpty()) {
      return Optional.empty();
    }
    Optional<Model> made;
    try {
      made = of(known.get());
    } catch (IllegalArgumentException e) {
      throw new Mismatch(
          "Cannot load a model: its manifest does not say which. "
              + e.getMessage()
              + " (path="
              + path
              + ")");
    }
    if (made.isEmpty()) {
      throw new Mismatch(
          "Cannot load a model: expected a kind that Cairn has, found "
              + known.get().kind()
              + ", which is a program's own (path="
              + path
              + "); load it by CustomPredictionModel, which is told the model or finds it among those"
              + " of CustomModels");
    }
    return made;
  }

  private static @Nullable MarginLoss loss(String kind, ModelDefinition definition) {
    return switch (kind) {
      case "logistic" -> new LogisticLoss();
      case "squared" -> new SquaredLoss();
      case "huber" -> new HuberLoss(setting(definition, EPSILON, Double::parseDouble, "a number"));
      case "poisson" -> new PoissonLoss();
      case "hinge" -> new HingeLoss();
      case "squared-hinge" -> new SquaredHingeLoss();
      default -> null;
    };
  }

  private static int whole(ModelDefinition definition, String name) {
    return setting(definition, name, Integer::parseInt, "a whole number");
  }

  private static boolean truth(ModelDefinition definition, String name) {
    return setting(
        definition,
        name,
        text -> {
          if (!text.equals("true") && !text.equals("false")) {
            throw new IllegalArgumentException(text);
          }
          return text.equals("true");
        },
        "true or false");
  }

  private static <T> T setting(
      ModelDefinition definition, String name, Function<String, T> parsed, String expected) {
    String text = definition.setting(name).orElse(null);
    if (text != null) {
      try {
        return parsed.apply(text);
      } catch (IllegalArgumentException e) {
        // said below
      }
    }
    throw new IllegalArgumentException(
        "Cannot make the model "
            + definition.kind()
            + ": setting "
            + name
            + ", expected "
            + expected
            + ", found "
            + (text == null ? "none" : "'" + text + "'"));
  }
}
