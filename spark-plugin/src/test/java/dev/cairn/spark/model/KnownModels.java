package dev.cairn.spark.model;

import dev.cairn.spark.shard.Initializer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/** Every model with its definition, written plainly for one sample. */
final class KnownModels {
  static final int FEATURES = 50;
  static final int CLASSES = 3;

  private static final double EPSILON = 0.75;
  private static final Initializer FACTORS = Initializer.normal(0.01, 1);

  private KnownModels() {}

  /** The margins of a sample, of all numbers of each variable and all features of the sample. */
  private interface Scores {
    double[] of(double[][] variables, double[] x);
  }

  /** The loss of a sample. */
  private interface Loss {
    double of(double label, double[] scores);
  }

  /**
   * A model and its definition.
   *
   * @param model with the intercept or without
   * @param tables how many variables have rows of features that are trained
   */
  record Known(
      String name, int tables, Function<Boolean, Model> model, Scores scoresOf, Loss lossOf) {

    /** The scores of a row, to each of which its offset is added. */
    double[] scores(double[][] variables, double[] x, double offset) {
      return Arrays.stream(scoresOf.of(variables, x)).map(score -> score + offset).toArray();
    }

    double loss(double[][] variables, double label, double[] x, double offset) {
      return lossOf.of(label, scores(variables, x, offset));
    }

    @Override
    public String toString() {
      return name;
    }
  }

  /** A new model joins here, with one line. */
  static List<Known> all() {
    List<Known> known = new ArrayList<>();
    known.add(linear(new LogisticLoss(), LOGISTIC));
    known.add(linear(new SquaredLoss(), SQUARED));
    known.add(linear(new HuberLoss(EPSILON), HUBER));
    known.add(linear(new PoissonLoss(), (y, m) -> Math.exp(m[0]) - y * m[0]));
    known.add(linear(new HingeLoss(), (y, m) -> hinge(y, m[0])));
    known.add(linear(new SquaredHingeLoss(), (y, m) -> Math.pow(hinge(y, m[0]), 2)));
    known.add(new Known("softmax", 1, i -> new SoftmaxModel(FEATURES, CLASSES, i), LINES, SOFTMAX));
    known.add(machine("fm", 2, new LogisticLoss(), LOGISTIC));
    known.add(machine("fm", 2, new SquaredLoss(), SQUARED));
    known.add(machine("fm without linear term", 1, new LogisticLoss(), LOGISTIC));
    return known;
  }

  private static Known linear(MarginLoss loss, Loss definition) {
    return new Known(loss.kind(), 1, i -> new LinearModel(FEATURES, i, loss), LINE, definition);
  }

  private static Known machine(String name, int tables, MarginLoss loss, Loss definition) {
    return new Known(
        name + " " + loss.kind(),
        tables,
        i -> new FactorizationMachine(FEATURES, 4, i, tables == 2, loss, FACTORS),
        KnownModels::pairs,
        definition);
  }

  private static final Scores LINE = (v, x) -> new double[] {dot(v[0], 0, 1, x) + v[1][0]};

  private static final Scores LINES =
      (v, x) -> {
        double[] margins = new double[CLASSES];
        for (int c = 0; c < CLASSES; c++) {
          margins[c] = dot(v[0], c, CLASSES, x) + v[1][c];
        }
        return margins;
      };

  private static final Loss LOGISTIC = (y, m) -> Math.log1p(Math.exp(y == 1 ? -m[0] : m[0]));
  private static final Loss SQUARED = (y, m) -> (m[0] - y) * (m[0] - y) / 2;

  private static final Loss HUBER =
      (y, m) -> {
        double error = Math.abs(m[0] - y);
        return error <= EPSILON ? error * error / 2 : EPSILON * (error - EPSILON / 2);
      };

  private static final Loss SOFTMAX =
      (y, m) -> {
        double sum = 0;
        for (double margin : m) {
          sum += Math.exp(margin);
        }
        return Math.log(sum) - m[(int) y];
      };

  private static double hinge(double label, double margin) {
    return Math.max(0, 1 - (label == 1 ? margin : -margin));
  }

  /** Every pair is looked at. */
  private static double[] pairs(double[][] v, double[] x) {
    int rank = v[1].length / x.length;
    double margin = dot(v[0], 0, 1, x) + v[2][0];
    for (int i = 0; i < x.length; i++) {
      for (int j = 0; j < i; j++) {
        for (int f = 0; f < rank; f++) {
          margin += v[1][i * rank + f] * v[1][j * rank + f] * x[i] * x[j];
        }
      }
    }
    return new double[] {margin};
  }

  private static double dot(double[] table, int column, int width, double[] x) {
    double sum = 0;
    for (int i = 0; i < x.length; i++) {
      sum += table[i * width + column] * x[i];
    }
    return sum;
  }
}
