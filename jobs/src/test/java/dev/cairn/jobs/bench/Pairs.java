package dev.cairn.jobs.bench;

import java.util.ArrayList;
import java.util.List;

/**
 * Two sides measured in turn. A ratio is taken within each pair, where both sides saw the same
 * weather, and the median of these ratios is the result. Not thread-safe.
 */
final class Pairs {

  /** Does the work once and tells what it reached, such as bytes per second. */
  interface Side {
    double measure() throws Exception;
  }

  private final List<Double> ours = new ArrayList<>();
  private final List<Double> theirs = new ArrayList<>();

  /** Adds one pair. */
  Pairs add(double our, double their) {
    ours.add(our);
    theirs.add(their);
    return this;
  }

  /**
   * Measures pairs after one that warms up and is thrown away. Who goes first alternates, so that
   * neither side always finds what the other leaves behind.
   */
  static Pairs run(int rounds, Side ours, Side theirs) throws Exception {
    return run(rounds, ours, theirs, () -> {});
  }

  /** The same; {@code then} runs after each pair that counts. */
  static Pairs run(int rounds, Side ours, Side theirs, Runnable then) throws Exception {
    Pairs pairs = new Pairs();
    theirs.measure();
    ours.measure();
    for (int round = 0; round < rounds; round++) {
      if (round % 2 == 0) {
        double our = ours.measure();
        pairs.add(our, theirs.measure());
      } else {
        double their = theirs.measure();
        pairs.add(ours.measure(), their);
      }
      then.run();
    }
    return pairs;
  }

  Samples ours() {
    return samples(ours);
  }

  Samples theirs() {
    return samples(theirs);
  }

  /** Ours by theirs, of each pair. */
  Samples ratios() {
    double[] ratios = new double[ours.size()];
    for (int i = 0; i < ratios.length; i++) {
      ratios[i] = ours.get(i) / theirs.get(i);
    }
    return new Samples(ratios);
  }

  private static Samples samples(List<Double> values) {
    return new Samples(values.stream().mapToDouble(Double::doubleValue).toArray());
  }
}
