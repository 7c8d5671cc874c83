package dev.cairn.jobs.cli;

import dev.cairn.checkpoint.CoefficientReader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * Finds the largest coefficients and factors of a model, in one pass over the checkpoint and with
 * memory for those that are asked for only.
 */
final class HeaviestFeatures {
  private HeaviestFeatures() {}

  /**
   * A coefficient.
   *
   * @param id the feature's id: its place among the weights
   * @param column the class that the coefficient is for; 0 where there is but one
   */
  record Coefficient(int id, int column, double value) {}

  /**
   * Two features of a factorization machine.
   *
   * @param product the product of their factors: the margin grows by it times both values
   */
  record Pair(int first, int second, double product) {}

  /** Keeps the heaviest; of equally heavy ones those that come first. */
  private static final class Kept<T> {
    private final PriorityQueue<T> queue;
    private final Comparator<T> lightestFirst;
    private final int count;

    Kept(int count, Comparator<T> lightestFirst) {
      this.queue = new PriorityQueue<>(lightestFirst);
      this.lightestFirst = lightestFirst;
      this.count = count;
    }

    void add(T one) {
      if (queue.size() < count) {
        queue.add(one);
      } else if (lightestFirst.compare(one, queue.element()) > 0) {
        queue.remove();
        queue.add(one);
      }
    }

    List<T> heaviestFirst() {
      List<T> sorted = new ArrayList<>(queue);
      sorted.sort(lightestFirst.reversed());
      return sorted;
    }
  }

  private static Kept<Coefficient> coefficients(int count) {
    return new Kept<>(
        count,
        Comparator.comparingDouble((Coefficient one) -> Math.abs(one.value()))
            .thenComparing(
                Comparator.comparingInt(Coefficient::id)
                    .thenComparingInt(Coefficient::column)
                    .reversed()));
  }

  /**
   * The largest coefficients, the heaviest first.
   *
   * @param column the class; null for all
   */
  static List<Coefficient> of(CoefficientReader reader, int count, @Nullable Integer column)
      throws IOException {
    Kept<Coefficient> kept = coefficients(count);
    reader.nonZero(
        (id, its, value) -> {
          if (column == null || column == its) {
            kept.add(new Coefficient(id, its, value));
          }
        });
    return kept.heaviestFirst();
  }

  /** Adds up a feature's factors until the next feature comes. */
  private static final class Lengths implements CoefficientReader.Visitor {
    private final Kept<Coefficient> kept;
    private int id = -1;
    private double squares;

    Lengths(Kept<Coefficient> kept) {
      this.kept = kept;
    }

    @Override
    public void number(int feature, int column, double value) {
      if (feature != id) {
        end();
        id = feature;
        squares = 0;
      }
      squares += value * value;
    }

    void end() {
      if (squares > 0) {
        kept.add(new Coefficient(id, 0, Math.sqrt(squares)));
      }
    }
  }

  /**
   * The features with the longest rows of factors, the longest first, with the lengths of these.
   */
  static List<Coefficient> byFactors(CoefficientReader reader, int count) throws IOException {
    Kept<Coefficient> kept = coefficients(count);
    Lengths lengths = new Lengths(kept);
    reader.nonZeroFactors(lengths);
    lengths.end();
    return kept.heaviestFirst();
  }

  /** Decides whether a row may have both of two features. */
  interface Together {
    /** Whether a row may have both. */
    boolean possible(int first, int second);
  }

  /**
   * The pairs with the largest products of factors, the heaviest first.
   *
   * @param ids the features that are paired; as many rows of factors are in memory at a time
   */
  static List<Pair> pairs(CoefficientReader reader, int[] ids, int count, Together together)
      throws IOException {
    double[][] factors = reader.factors(ids);
    Kept<Pair> kept =
        new Kept<>(
            count,
            Comparator.comparingDouble((Pair one) -> Math.abs(one.product()))
                .thenComparing(
                    Comparator.comparingInt(Pair::first)
                        .thenComparingInt(Pair::second)
                        .reversed()));
    for (int i = 0; i < ids.length; i++) {
      for (int j = i + 1; j < ids.length; j++) {
        double product = product(factors[i], factors[j]);
        if (product != 0 && together.possible(ids[i], ids[j])) {
          kept.add(new Pair(ids[i], ids[j], product));
        }
      }
    }
    return kept.heaviestFirst();
  }

  private static double product(double[] one, double[] other) {
    double sum = 0;
    for (int k = 0; k < one.length; k++) {
      sum += one[k] * other[k];
    }
    return sum;
  }
}
