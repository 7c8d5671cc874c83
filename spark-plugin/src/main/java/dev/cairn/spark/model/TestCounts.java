package dev.cairn.spark.model;

import dev.cairn.checkpoint.RowPredictor;
import dev.cairn.checkpoint.model.TestFigures;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;

/**
 * Counts how a model does on test rows, in one pass over them and in memory that does not grow with
 * them: about a megabyte. All that is added up are whole numbers, so the figures are the same in
 * whatever order rows and parts of them are counted.
 *
 * <p>For the area under the ROC curve margins are counted in classes: a sign, a power of 2 and the
 * {@value #FRACTION_BITS} bits after the leading one; rows of a class are taken as equal. That
 * changes the area by a few 1e-5 at most, less with more rows, unless margins crowd together within
 * a thousandth of themselves. Margins below 2^-20 are one class, those from 2^10 on another. Not
 * thread-safe.
 */
public final class TestCounts {
  private static final int FRACTION_BITS = 10;
  private static final long LOWEST = classBits(0x1p-20);
  private static final int CLASSES = (int) (classBits(0x1p10) - LOWEST) + 1;

  /** Losses and probabilities are counted in these: 2^63 of them are more than there are rows. */
  private static final double UNIT = 0x1p-30;

  /** The loss of a probability of 1e-15. */
  private static final double LARGEST_LOSS = 34.538776394910684;

  private static final int TENTHS = 10;

  // What is counted of each tenth.
  private static final int ROWS = 0;
  private static final int POSITIVES = 1;
  private static final int PROBABILITIES = 2;
  private static final int PREDICTED = 3;
  private static final int HITS = 4;
  private static final int LOSSES = 5;
  private static final int FIELDS = 6;

  private final double threshold;
  private final long[] tenths = new long[TENTHS * FIELDS];

  /** Rows by class of their margins, from the lowest on; first those of label 0, then of 1. */
  private final long[] classes = new long[2 * 2 * CLASSES];

  private long notFinite;

  /**
   * What was counted, as one task sends it: only the classes that occur.
   *
   * @param places in the classes' array
   * @param counts of these
   */
  public record Part(long notFinite, long[] tenths, int[] places, long[] counts)
      implements Serializable {}

  /**
   * Nothing is counted yet.
   *
   * @param threshold the probability above which 1 is predicted
   */
  public TestCounts(double threshold) {
    this.threshold = threshold;
  }

  private static long classBits(double magnitude) {
    return Double.doubleToRawLongBits(magnitude) >>> (52 - FRACTION_BITS);
  }

  /** The class of a margin: ascending with it. */
  private static int classOf(double margin) {
    long above = Math.max(0, classBits(Math.abs(margin)) - LOWEST);
    int place = (int) Math.min(CLASSES - 1, above);
    return margin < 0 ? CLASSES - 1 - place : CLASSES + place;
  }

  /** Counts one row. */
  public void add(double margin, boolean positive) {
    if (!Double.isFinite(margin)) {
      notFinite++;
      return;
    }
    double probability = RowPredictor.probability(margin);
    double wrong = positive ? -margin : margin;
    double loss = Math.max(wrong, 0) + StrictMath.log1p(StrictMath.exp(-Math.abs(wrong)));
    boolean predicted = probability > threshold;
    int at = FIELDS * Math.min(TENTHS - 1, (int) (probability * TENTHS));
    tenths[at + ROWS]++;
    tenths[at + POSITIVES] += positive ? 1 : 0;
    tenths[at + PROBABILITIES] += (long) Math.rint(probability / UNIT);
    tenths[at + PREDICTED] += predicted ? 1 : 0;
    tenths[at + HITS] += predicted && positive ? 1 : 0;
    tenths[at + LOSSES] += (long) Math.rint(Math.min(loss, LARGEST_LOSS) / UNIT);
    classes[(positive ? 2 * CLASSES : 0) + classOf(margin)]++;
  }

  /** What was counted, to be sent. */
  public Part part() {
    int used = (int) Arrays.stream(classes).filter(count -> count != 0).count();
    int[] places = new int[used];
    long[] counts = new long[used];
    int next = 0;
    for (int i = 0; i < classes.length; i++) {
      if (classes[i] != 0) {
        places[next] = i;
        counts[next++] = classes[i];
      }
    }
    return new Part(notFinite, tenths.clone(), places, counts);
  }

  /** Counts what somebody else has counted, at the same threshold. */
  public void add(Part part) {
    notFinite += part.notFinite();
    for (int i = 0; i < tenths.length; i++) {
      tenths[i] += part.tenths()[i];
    }
    for (int i = 0; i < part.places().length; i++) {
      classes[part.places()[i]] += part.counts()[i];
    }
  }

  /**
   * The figures.
   *
   * @throws IllegalStateException if no row was counted
   */
  public TestFigures figures() {
    List<TestFigures.Tenth> filled = new ArrayList<>();
    long rows = 0;
    long losses = 0;
    for (int tenth = 0; tenth < TENTHS; tenth++) {
      int at = FIELDS * tenth;
      if (tenths[at + ROWS] > 0) {
        filled.add(
            new TestFigures.Tenth(
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
    return new TestFigures(threshold, logLoss, auc(), filled);
  }

  /** The share of pairs, of one row of each label, that the margins put in order; half for ties. */
  private OptionalDouble auc() {
    double inOrder = 0;
    double negatives = 0;
    double positives = 0;
    for (int i = 0; i < 2 * CLASSES; i++) {
      inOrder += classes[2 * CLASSES + i] * (negatives + 0.5 * classes[i]);
      negatives += classes[i];
      positives += classes[2 * CLASSES + i];
    }
    return notFinite > 0 || negatives == 0 || positives == 0
        ? OptionalDouble.empty()
        : OptionalDouble.of(inOrder / negatives / positives);
  }
}
