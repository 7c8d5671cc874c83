package dev.cairn.spark.model;

import dev.cairn.checkpoint.model.BinaryFigures;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;

/**
 * Counts the results of a model that predicts the probabilities of two labels: log loss, area under
 * the ROC curve (see {@link RocCounts}), calibration. Its memory does not grow with the rows: about
 * a megabyte. Only whole numbers are added up, so the figures are the same in whatever order rows
 * and parts of them are counted. Not thread-safe.
 */
public final class ProbabilityCounts implements TestCounter {
  /** The unit of losses and probabilities: 2^63 of them are more than there are rows. */
  private static final double UNIT = 0x1p-30;

  /** The loss of a probability of 1e-15. */
  private static final double LARGEST_LOSS = 34.538776394910684;

  private static final int TENTHS = 10;

  // The counts of each tenth.
  private static final int ROWS = 0;
  private static final int POSITIVES = 1;
  private static final int PROBABILITIES = 2;
  private static final int PREDICTED = 3;
  private static final int HITS = 4;
  private static final int LOSSES = 5;
  private static final int FIELDS = 6;

  private final Decision.Odds decision;
  private final long[] tenths = new long[TENTHS * FIELDS];

  private final RocCounts roc = new RocCounts();

  private long notFinite;

  /**
   * Makes one with all counts 0.
   *
   * @param decision the rule with the probability above which 1 is predicted
   */
  ProbabilityCounts(Decision.Odds decision) {
    this.decision = decision;
  }

  @Override
  public boolean countsLoss() {
    return true;
  }

  @Override
  public void add(double[] scores, int from, double label) {
    add(scores[from], label > 0);
  }

  /** Counts one row. */
  void add(double margin, boolean positive) {
    if (!Double.isFinite(margin)) {
      notFinite++;
      return;
    }
    double probability = LogisticLoss.probability(margin);
    double wrong = positive ? -margin : margin;
    double loss = Math.max(wrong, 0) + StrictMath.log1p(StrictMath.exp(-Math.abs(wrong)));
    boolean predicted = decision.one(probability);
    int at = FIELDS * Math.min(TENTHS - 1, (int) (probability * TENTHS));
    tenths[at + ROWS]++;
    tenths[at + POSITIVES] += positive ? 1 : 0;
    tenths[at + PROBABILITIES] += (long) Math.rint(probability / UNIT);
    tenths[at + PREDICTED] += predicted ? 1 : 0;
    tenths[at + HITS] += predicted && positive ? 1 : 0;
    tenths[at + LOSSES] += (long) Math.rint(Math.min(loss, LARGEST_LOSS) / UNIT);
    roc.add(margin, positive);
  }

  @Override
  public long[] part() {
    long[] numbers = Arrays.copyOf(tenths, tenths.length + 1);
    numbers[tenths.length] = notFinite;
    return roc.after(numbers);
  }

  @Override
  public void addPart(long[] part) {
    for (int i = 0; i < tenths.length; i++) {
      tenths[i] += part[i];
    }
    notFinite += part[tenths.length];
    roc.add(part, tenths.length + 1);
  }

  @Override
  public BinaryFigures figures(double loss) {
    return figures();
  }

  /**
   * The figures.
   *
   * @throws IllegalStateException if no row was counted
   */
  BinaryFigures figures() {
    List<BinaryFigures.Tenth> filled = new ArrayList<>();
    long rows = 0;
    long losses = 0;
    for (int tenth = 0; tenth < TENTHS; tenth++) {
      int at = FIELDS * tenth;
      if (tenths[at + ROWS] > 0) {
        filled.add(
            new BinaryFigures.Tenth(
                tenth,
                tenths[at + ROWS],
                tenths[at + POSITIVES],
                tenths[at + PROBABILITIES] * UNIT,
                tenths[at + PREDICTED],
                tenths[at + HITS]));
      }
      rows += tenths[at + ROWS];
      losses += tenths[at + LOSSES];
    }
    if (rows + notFinite == 0) {
      throw new IllegalStateException("Cannot judge a model: expected rows, found none");
    }
    double logLoss = notFinite > 0 ? Double.NaN : losses * UNIT / rows;
    return new BinaryFigures(
        decision.threshold(), logLoss, notFinite > 0 ? OptionalDouble.empty() : roc.area(), filled);
  }
}
