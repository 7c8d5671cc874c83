package dev.cairn.spark.keras;

import dev.cairn.checkpoint.model.FeatureDefinition;
import dev.cairn.checkpoint.model.TrainingState;
import dev.cairn.spark.model.Decision;
import dev.cairn.spark.model.FactorizationMachine;
import dev.cairn.spark.model.LinearModel;
import dev.cairn.spark.model.MarginLoss;
import dev.cairn.spark.model.Model;
import dev.cairn.spark.model.SoftmaxModel;
import dev.cairn.spark.shard.ModelGraph;
import dev.cairn.spark.shard.ParameterVariable;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The text of the Python file: a Keras model whose forward pass is the one of the model's kernel,
 * sums in float64 included, so that predictions are the same but for the order of additions.
 */
final class KerasProgram {
  private static final String HEAD =
      """
      \"""{title}, trained by Cairn for {step} steps, in Keras 3 on TensorFlow.

          import model

          m, optimizer = model.restore()   # all of the checkpoint: assert_consumed() has passed
          m.predict(rows)                  # {output}
          m.fit(rows, labels)              # goes on from step {step}: the optimizer is built
      {several}
      rows is a dictionary of two arrays [rows, width]: "ids" has the places of each row's features,
      "values" their values; what a shorter row has left over is place 0 with value 0.{offset}
      {features}
      To train on in Cairn from what you have here, save it and name it as model.initial:

          tf.train.Checkpoint(model=m, {saved}).save("runs/fitted/ckpt")
      \"""
      import os

      os.environ.setdefault("KERAS_BACKEND", "tensorflow")
      import keras
      import numpy as np
      import tensorflow as tf
      from keras import ops

      FOLDER = os.path.dirname(os.path.abspath(__file__))
      """;

  private static final String SCALED =
      """
      table = np.loadtxt(os.path.join(FOLDER, "scales.csv"), delimiter=",", skiprows=1, ndmin=2)
      SCALED = table[:, 0].astype(np.int32)
      SCALES = np.where(table[:, 1] == 0, np.inf, table[:, 1])  # a constant feature says nothing
      CENTRED = SCALED[table[:, 2] != 0]
      SHIFTS = (table[:, 2] / SCALES)[table[:, 2] != 0]


      def scaled(ids, values):
          \"""Values as training saw them: divided by their features' scales.\"""
          places = ops.searchsorted(SCALED, ops.cast(ops.reshape(ids, [-1]), "int32"))
          places = ops.reshape(ops.minimum(places, len(SCALED) - 1), ops.shape(ids))
          named = ops.equal(ops.take(SCALED, places), ops.cast(ids, "int32"))
          scales = ops.where(named, ops.take(SCALES, places), np.float64(1))
          return ops.cast(ops.cast(values, "float64") / scales, "float32")


      """;

  private static final String ROWS =
      """
      def rows(table, ids, more=()):
          \"""Rows of a table in float64, as Cairn adds; each is read once, so gradients are summed up.\"""
          flat = tf.reshape(tf.cast(ids, tf.int32), [-1])
          places, at = tf.unique(tf.concat([flat, np.array(more, np.int32)], axis=0))
          read = tf.gather(tf.cast(ops.take(table, places, axis=0), tf.float64), at)
          shape = tf.concat([tf.shape(ids), [table.shape[1]]], axis=0)
          return tf.reshape(read[: tf.size(flat)], shape), read[tf.size(flat) :]


      """;

  private static final String SUM = "margin = margin + ops.sum(weights[..., 0] * values, axis=1)";

  private static final String HALF_SQUARED =
      """
      class HalfSquaredError(keras.losses.Loss):
          def call(self, labels, predicted):
              return ops.square(predicted - ops.reshape(labels, ops.shape(predicted)))[:, 0] / 2
      """;

  private static final String RESTORE =
      """
      def restore(prefix=os.path.join(FOLDER, "variables")):
          model = Model()
          built = optimizers(model)
          tf.train.Checkpoint(model=model, **built).restore(prefix).assert_consumed()
      """;

  private static final String MAIN =
      """


      if __name__ == "__main__":
          model, _ = restore()
          for variable in model.variables:
              print(variable.name, tuple(variable.shape))
      """;

  private static final String DENSE =
      """


      def dense(x):
          \"""Rows of all features, as an array [rows, features].\"""
          x = np.asarray(x, np.float32)
          return {"ids": np.tile(np.arange(x.shape[1], dtype=np.int32), (len(x), 1)), "values": x}
      """;

  private final Model model;
  private final TrainingState training;
  private final KerasOptimizers optimizers;
  private final long step;

  KerasProgram(Model model, TrainingState training, KerasOptimizers optimizers, long step) {
    this.model = model;
    this.training = training;
    this.optimizers = optimizers;
    this.step = step;
  }

  /** A variable in Python. */
  static String attribute(ParameterVariable variable) {
    return "model." + name(variable.name());
  }

  private static String name(String variable) {
    return ModelGraph.attribute(variable);
  }

  /** The whole file. */
  String text() {
    StringBuilder text = new StringBuilder();
    boolean scaled = !training.scales().isEmpty();
    text.append(head()).append("FEATURES = ").append(model.features()).append('\n');
    if (scaled) {
      text.append(SCALED);
    } else {
      text.append("\n\n");
    }
    text.append(ROWS).append(model()).append("\n\n").append(loss());
    text.append("\n\n").append(optimizers.python());
    text.append("\n\n").append(RESTORE).append(compiled());
    text.append(training.features().map(KerasFeatures::python).orElse(DENSE));
    return text.append(MAIN).toString();
  }

  private String head() {
    List<String> edges = optimizers.names();
    String given =
        edges.size() == 1
            ? "optimizer=optimizer"
            : edges.isEmpty() ? "optimizer=m.optimizer" : "**optimizer";
    String several =
        edges.size() == 1
            ? ""
            : edges.isEmpty()
                ? "\n"
                    + "    There is no optimizer in this checkpoint: compile m with one of your"
                    + " choice first.\n"
                : "\n"
                    + "    optimizer is a dictionary here, since variables have different ones:"
                    + " m.fit takes one\n"
                    + "    only, so apply each to its variables in a loop of your own.\n";
    return HEAD.replace("{title}", title())
        .replace("{step}", Long.toString(step))
        .replace("{output}", output())
        .replace("{several}", several)
        .replace(
            "{offset}",
            model.addsOffsets() ? " An array \"offset\" [rows] is added to the margin." : "")
        .replace("{features}", features())
        .replace("{saved}", given);
  }

  private String title() {
    String size = String.format(Locale.ROOT, " of %,d features", model.features());
    return model.definition().kind() + size;
  }

  private String output() {
    if (model instanceof SoftmaxModel) {
      return "the probability of each class";
    }
    return model.decision() instanceof Decision.Odds
        ? "the probability of label 1"
        : model.decision() instanceof Decision.Side ? "the margin" : "the number";
  }

  /** How Cairn makes the features. */
  private String features() {
    Optional<FeatureDefinition> made = training.features();
    if (made.isEmpty()) {
      return "dense(x) makes such rows of an array of all features.\n";
    }
    FeatureDefinition of = made.get();
    List<String> lines = new ArrayList<>();
    lines.add(
        "encode(columns) makes such rows of a dictionary of columns, which Cairn makes features of so:");
    of.derived().forEach(one -> lines.add("    " + one.name() + " = " + one.sql()));
    lines.add("    categorical: " + String.join(", ", of.categorical()));
    lines.add("    numeric: " + String.join(", ", of.numeric()));
    List<String> crosses = of.crosses().stream().map(FeatureDefinition::crossName).toList();
    lines.add("    crosses: " + String.join(", ", crosses));
    of.offset().ifPresent(offset -> lines.add("    offset: " + offset.sql()));
    StringBuilder text = new StringBuilder();
    for (String line : lines) {
      if (!line.endsWith(": ")) {
        text.append(quoted(line)).append('\n');
      }
    }
    return text.toString();
  }

  /** As it may stand in a docstring. */
  private static String quoted(String line) {
    return line.replace("\\", "\\\\").replace("\"\"\"", "\\\"\\\"\\\"").replaceAll("\\R", " ");
  }

  private String model() {
    StringBuilder text = new StringBuilder();
    text.append("class Model(keras.Model):\n    def __init__(self):\n        super().__init__()\n");
    for (ParameterVariable variable : model.variables()) {
      String shape =
          switch (variable.rank()) {
            case 0 -> "()";
            case 1 -> "(" + variable.rows() + ",)";
            default -> "(" + variable.rows() + ", " + variable.width() + ")";
          };
      text.append("        self.")
          .append(name(variable.name()))
          .append(" = self.add_weight(shape=")
          .append(shape)
          .append(", initializer=\"zeros\", name=\"")
          .append(variable.name())
          .append("\")\n");
    }
    text.append("        self.supports_jit = False  # XLA knows no tf.unique\n");
    text.append("        self.built = True\n\n    def call(self, row):\n");
    boolean scaled = !training.scales().isEmpty();
    text.append("        ids = row[\"ids\"]\n        values = ops.cast(")
        .append(scaled ? "scaled(ids, row[\"values\"])" : "row[\"values\"]")
        .append(", \"float64\")\n");
    if (model instanceof SoftmaxModel softmax) {
      margins(text, softmax);
    } else if (model instanceof FactorizationMachine machine) {
      pairs(text, machine);
    } else if (model instanceof LinearModel linear) {
      margin(text, linear);
    }
    return text.toString();
  }

  /** Reads weights, and makes the sum from which margins begin. */
  private void start(StringBuilder text, String name, boolean intercept, boolean centred) {
    boolean shifted = centred && training.scales().centred().length > 0;
    line(
        text,
        shifted
            ? "weights, centred = rows(self.weights_, ids, CENTRED)"
            : "weights, _ = rows(self.weights_, ids)");
    line(
        text,
        name
            + " = "
            + (intercept ? "ops.cast(self.bias, \"float64\")" : "np.float64(0)")
            + (shifted ? " - ops.sum(centred * SHIFTS[:, None], axis=0)" : ""));
  }

  private void margin(StringBuilder text, LinearModel linear) {
    start(text, "margin", linear.intercept(), true);
    line(text, SUM);
    result(text, linear.loss());
  }

  private static void line(StringBuilder text, String line) {
    text.append("        ").append(line).append('\n');
  }

  private void margins(StringBuilder text, SoftmaxModel softmax) {
    start(text, "margins", softmax.intercept(), true);
    line(text, "margins = margins + ops.sum(weights * values[..., None], axis=1)");
    line(text, "return ops.softmax(margins, axis=1)");
  }

  private void pairs(StringBuilder text, FactorizationMachine machine) {
    start(text, "margin", machine.intercept(), false);
    if (machine.linear()) {
      line(text, SUM);
    }
    line(text, "factors, _ = rows(self.factors, ids)");
    line(text, "products = factors * values[..., None]");
    line(text, "pairs = ops.square(ops.sum(products, axis=1)) - ops.sum(products**2, axis=1)");
    line(text, "margin = margin + ops.sum(pairs, axis=1) / 2");
    result(text, machine.loss());
  }

  private static void result(StringBuilder text, MarginLoss loss) {
    line(text, "if \"offset\" in row:");
    line(text, "    margin = margin + ops.cast(row[\"offset\"], \"float64\")");
    String link =
        switch (loss.kind()) {
          case "logistic" -> "ops.sigmoid(margin)";
          case "poisson" -> "ops.exp(margin)";
          default -> "margin";
        };
    line(text, "return " + link + "[:, None]");
  }

  /** Sums over rows, as gradients are in Cairn, so that the rates mean the same. */
  private String loss() {
    String made =
        model instanceof LinearModel linear
            ? loss(linear.loss())
            : model instanceof FactorizationMachine machine
                ? loss(machine.loss())
                : "keras.losses.SparseCategoricalCrossentropy(reduction=\"sum\")";
    return (made.startsWith("Half") ? HALF_SQUARED + "\n\n" : "")
        + "# Summed over rows, as Cairn's gradients are: so the learning rate means the same.\n"
        + "LOSS = "
        + made
        + "\n";
  }

  private static String loss(MarginLoss loss) {
    String name =
        switch (loss.kind()) {
          case "logistic" -> "keras.losses.BinaryCrossentropy(";
          case "poisson" -> "keras.losses.Poisson(";
          case "hinge" -> "keras.losses.Hinge(";
          case "squared-hinge" -> "keras.losses.SquaredHinge(";
          case "huber" -> "keras.losses.Huber(delta=" + loss.settings().get("epsilon") + ", ";
          default -> "HalfSquaredError(";
        };
    return name + "reduction=\"sum\")";
  }

  private String compiled() {
    List<String> edges = optimizers.names();
    if (edges.size() == 1) {
      return """
          model.compile(optimizer=built["optimizer"], loss=LOSS)
          return model, built["optimizer"]
      """;
    }
    return "    return model, " + (edges.isEmpty() ? "None" : "built") + "\n";
  }
}
