package dev.cairn.spark.keras;

import dev.cairn.checkpoint.model.OptimizerSpec;
import dev.cairn.spark.model.Model;
import dev.cairn.spark.optimizer.Optimizer;
import dev.cairn.spark.optimizer.Optimizers;
import dev.cairn.spark.optimizer.RateSchedule;
import dev.cairn.spark.shard.ModelGraph;
import dev.cairn.spark.shard.ParameterVariable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;

/** The optimizers of a model as Python: Keras 3's of the same names and settings, built. */
final class KerasOptimizers {
  /** The root's edge to the optimizer of all variables that have no other. */
  static final String EDGE = "optimizer";

  /** Cairn's names of settings that Keras's class of the optimizer has by the same name. */
  private static final Map<String, List<String>> SHARED =
      Map.of(
          "sgd", List.of("momentum"),
          "adagrad", List.of("initial_accumulator_value"),
          "rmsprop", List.of("rho", "momentum", "epsilon"),
          "adam", List.of("beta_1", "beta_2", "epsilon"),
          "adamw", List.of("beta_1", "beta_2", "epsilon"),
          "ftrl", List.of("initial_accumulator_value", "beta"));

  private static final Map<String, String> CLASSES =
      Map.of(
          "sgd", "SGD",
          "adagrad", "Adagrad",
          "rmsprop", "RMSprop",
          "adam", "Adam",
          "adamw", "AdamW",
          "ftrl", "Ftrl");

  private static final List<String> FLAGS = List.of("nesterov", "centered", "amsgrad");
  private static final List<String> COMMON =
      List.of("weight_decay", "clipvalue", "clipnorm", "global_clipnorm");

  /** One of them, and the variables that it trains. */
  private record Built(OptimizerSpec spec, List<ParameterVariable> variables) {}

  private final Map<String, Built> optimizers = new LinkedHashMap<>();

  private KerasOptimizers() {}

  /** The optimizers of a model whose checkpoint has some, or of one that was only copied. */
  static KerasOptimizers of(Optional<OptimizerSpec> spec, Model model) {
    KerasOptimizers made = new KerasOptimizers();
    if (spec.isPresent()) {
      ModelGraph.optimizers(model.layout(), Optimizers.of(spec.get()))
          .forEach(
              (edge, variables) ->
                  made.optimizers.put(edge, built(edge, variables, Optimizers.of(spec.get()))));
    }
    return made;
  }

  private static Built built(String edge, List<ParameterVariable> variables, Optimizer all) {
    boolean others = !edge.equals(EDGE) && !variables.isEmpty();
    return new Built(others ? all.of(variables.get(0).name()).spec() : all.spec(), variables);
  }

  /** Their edges. */
  List<String> names() {
    return List.copyOf(optimizers.keySet());
  }

  /** The function that makes them: a dictionary by edge. */
  String python() {
    StringBuilder text = new StringBuilder();
    text.append("def optimizers(model):\n");
    if (optimizers.isEmpty()) {
      return text.append("    \"\"\"This checkpoint has no optimizer's state.\"\"\"\n")
          .append("    return {}\n")
          .toString();
    }
    text.append(
        "    \"\"\"Built: Keras drops what is restored into an optimizer that is not.\"\"\"\n");
    optimizers.forEach(
        (edge, built) -> {
          penalties(built.spec()).ifPresent(told -> text.append("    # ").append(told));
          text.append("    ").append(edge).append(" = ").append(made(built.spec())).append('\n');
          List<String> free =
              built.variables().stream()
                  .filter(variable -> !variable.regularised())
                  .map(KerasProgram::attribute)
                  .toList();
          if (built.spec().hyperparameters().containsKey("weight_decay") && !free.isEmpty()) {
            text.append("    ")
                .append(edge)
                .append(".exclude_from_weight_decay(var_list=[")
                .append(String.join(", ", free))
                .append("])\n");
          }
          text.append("    ")
              .append(edge)
              .append(".build([")
              .append(
                  String.join(
                      ", ", built.variables().stream().map(KerasProgram::attribute).toList()))
              .append("])\n");
        });
    List<String> entries = new ArrayList<>();
    names().forEach(edge -> entries.add('"' + edge + "\": " + edge));
    return text.append("    return {").append(String.join(", ", entries)).append("}\n").toString();
  }

  /** What Keras's optimizers do not have. */
  private static Optional<String> penalties(OptimizerSpec spec) {
    double l1 = spec.hyperparameters().getOrDefault("l1", 0.0);
    double l2 = spec.hyperparameters().getOrDefault("l2", 0.0);
    return spec.name().equals("ftrl") || (l1 == 0 && l2 == 0)
        ? Optional.empty()
        : Optional.of(
            "L1 " + l1 + " and L2 " + l2 + " are proximal steps in Cairn, which Keras has not.\n");
  }

  private static String made(OptimizerSpec spec) {
    SortedMap<String, Double> settings = spec.hyperparameters();
    List<String> arguments = new ArrayList<>();
    double rate = settings.getOrDefault("learning_rate", 0.0);
    arguments.add("learning_rate=" + spec.schedule().map(s -> schedule(s, rate)).orElse(rate + ""));
    List<String> names = new ArrayList<>(SHARED.getOrDefault(spec.name(), List.of()));
    names.addAll(COMMON);
    for (String name : names) {
      if (settings.containsKey(name)) {
        arguments.add(name + "=" + settings.get(name));
      }
    }
    for (String flag : FLAGS) {
      if (settings.containsKey(flag)) {
        arguments.add(flag + "=True");
      }
    }
    if (spec.name().equals("adagrad")) {
      arguments.add("epsilon=" + settings.getOrDefault("epsilon", 0.0));
    }
    if (spec.name().equals("ftrl")) {
      arguments.add("l1_regularization_strength=" + settings.getOrDefault("l1", 0.0));
      arguments.add("l2_regularization_strength=" + settings.getOrDefault("l2", 0.0) / 2);
    }
    return "keras.optimizers."
        + CLASSES.get(spec.name())
        + "("
        + String.join(", ", arguments)
        + ")";
  }

  private static String schedule(String text, double rate) {
    String schedules = "keras.optimizers.schedules.";
    RateSchedule schedule = RateSchedule.parse(text);
    if (schedule instanceof RateSchedule.InverseTime of) {
      return schedules
          + "InverseTimeDecay("
          + String.join(
              ", ",
              rate + "",
              of.decaySteps() + "",
              of.decayRate() + "",
              "staircase=" + (of.staircase() ? "True" : "False"))
          + ")";
    }
    if (schedule instanceof RateSchedule.Cosine of) {
      boolean fromRate = of.warmupSteps() == 0 || of.warmupTarget().isPresent();
      String warmup =
          of.warmupSteps() == 0
              ? ""
              : ", warmup_target="
                  + of.warmupTarget().orElse(rate)
                  + ", warmup_steps="
                  + of.warmupSteps();
      return schedules
          + "CosineDecay("
          + (fromRate ? rate : 0.0)
          + ", "
          + of.decaySteps()
          + ", alpha="
          + of.alpha()
          + warmup
          + ")";
    }
    if (schedule instanceof RateSchedule.Piecewise of) {
      return schedules + "PiecewiseConstantDecay(" + of.boundaries() + ", " + of.values() + ")";
    }
    return rate + "";
  }
}
