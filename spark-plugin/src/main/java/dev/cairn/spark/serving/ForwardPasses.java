package dev.cairn.spark.serving;

import dev.cairn.checkpoint.model.DType;
import dev.cairn.checkpoint.model.VariableSpec;
import dev.cairn.checkpoint.savedmodel.RowFeatures;
import dev.cairn.checkpoint.savedmodel.Signature;
import dev.cairn.checkpoint.savedmodel.Tensor;
import dev.cairn.spark.model.Decision;
import dev.cairn.spark.model.FactorizationMachine;
import dev.cairn.spark.model.HuberLoss;
import dev.cairn.spark.model.LinearModel;
import dev.cairn.spark.model.MarginLoss;
import dev.cairn.spark.model.Model;
import dev.cairn.spark.model.PoissonLoss;
import dev.cairn.spark.model.SoftmaxModel;
import dev.cairn.spark.model.SquaredLoss;
import java.util.Optional;
import java.util.function.Function;

/** The forward passes of the models that Cairn has. Stateless. */
final class ForwardPasses {
  private ForwardPasses() {}

  /** The forward pass of a model; empty for one that is none of Cairn's. */
  static Optional<ForwardPass> of(Model model) {
    if (model instanceof LinearModel linear) {
      return answers(linear.decision()).map(end -> new Linear(linear.intercept(), end));
    }
    if (model instanceof FactorizationMachine machine) {
      return answers(machine.decision()).map(end -> new Machine(machine, end));
    }
    return model instanceof SoftmaxModel softmax
        ? Optional.of(new Classes(softmax.intercept()))
        : Optional.empty();
  }

  /** The outputs that are made of margins, a vector. */
  private interface Answers {
    void add(Signature in, Tensor margins);
  }

  /** The outputs of a model with one margin a row; empty if its link is not known here. */
  private static Optional<Answers> answers(Decision decision) {
    if (decision instanceof Decision.Odds odds) {
      return Optional.of(
          (in, margins) -> {
            Tensor probabilities = in.sigmoid(margins);
            classes(in, margins, in.greater(probabilities, in.constant(odds.threshold())));
            in.output("probability", probabilities, Signature.FREE);
          });
    }
    if (decision instanceof Decision.Side side) {
      return Optional.of(
          (in, margins) ->
              classes(in, margins, in.greater(margins, in.constant(side.threshold()))));
    }
    if (decision instanceof Decision.Value value) {
      MarginLoss loss = value.loss();
      if (loss instanceof PoissonLoss) {
        return Optional.of(
            (in, margins) -> in.output("prediction", in.exp(margins), Signature.FREE));
      }
      if (loss == null || loss instanceof SquaredLoss || loss instanceof HuberLoss) {
        return Optional.of((in, margins) -> in.output("prediction", margins, Signature.FREE));
      }
    }
    return Optional.empty();
  }

  private static void classes(Signature in, Tensor margins, Tensor second) {
    in.output("margin", margins, Signature.FREE);
    in.output("prediction", in.cast(second, DType.INT64), Signature.FREE);
  }

  /** Takes what centring takes, and adds the intercept if it is trained. */
  private static Tensor shifted(
      Signature in,
      RowFeatures features,
      Tensor sums,
      boolean intercept,
      Function<String, VariableSpec> variables) {
    Tensor all = sums;
    Optional<Tensor> shift = features.shift(variables.apply("weights"));
    if (shift.isPresent()) {
      all = in.subtract(all, shift.get());
    }
    return intercept ? in.add(all, in.cast(in.read(variables.apply("bias")), DType.DOUBLE)) : all;
  }

  /** Adds the rows' offsets, if they have some. */
  private static Tensor offset(Signature in, RowFeatures features, Tensor margins) {
    Optional<Tensor> offset = features.offset();
    return offset.isPresent() ? in.add(margins, offset.get()) : margins;
  }

  /** One weight a feature. */
  private record Linear(boolean intercept, Answers answers) implements ForwardPass {
    @Override
    public void add(Signature in, RowFeatures features, Function<String, VariableSpec> variables) {
      Tensor sums = in.squeeze(features.sums(variables.apply("weights")), 1);
      Tensor margins = shifted(in, features, sums, intercept, variables);
      answers.add(in, offset(in, features, margins));
    }
  }

  /** Pairs of features by half the square of the sum less half the sum of the squares. */
  private record Machine(FactorizationMachine model, Answers answers) implements ForwardPass {
    @Override
    public boolean pairs() {
      return true;
    }

    @Override
    public void add(Signature in, RowFeatures features, Function<String, VariableSpec> variables) {
      VariableSpec factors = variables.apply("factors");
      Tensor totals = features.sums(factors);
      Tensor squaresOfSums = in.sum(in.multiply(totals, totals), 1);
      Tensor twice = in.subtract(squaresOfSums, features.squares(factors));
      Tensor margins = in.multiply(twice, in.constant(0.5));
      if (model.linear()) {
        Tensor sums = in.squeeze(features.sums(variables.apply("weights")), 1);
        margins = in.add(sums, margins);
      }
      margins = shifted(in, features, margins, model.intercept(), variables);
      answers.add(in, offset(in, features, margins));
    }
  }

  /** A weight for each feature and class. */
  private record Classes(boolean intercept) implements ForwardPass {
    @Override
    public void add(Signature in, RowFeatures features, Function<String, VariableSpec> variables) {
      VariableSpec weights = variables.apply("weights");
      Tensor margins = shifted(in, features, features.sums(weights), intercept, variables);
      Tensor probabilities = in.softmax(margins);
      in.output("prediction", in.placeOfGreatest(margins), Signature.FREE);
      in.output("probability", in.greatest(probabilities, 1), Signature.FREE);
      in.output("probabilities", probabilities, Signature.FREE, weights.shape().dim(1));
    }
  }
}
