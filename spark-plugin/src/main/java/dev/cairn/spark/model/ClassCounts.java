package dev.cairn.spark.model;

import dev.cairn.checkpoint.model.ClassFigures;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;

/**
 * Counts the results of a model that predicts classes. Only whole numbers are added up, so the
 * figures are the same in whatever order rows are counted. Not thread-safe.
 */
final class ClassCounts implements TestCounter {
  private static final int ROWS = 0;
  private static final int PREDICTED = 1;
  private static final int HITS = 2;
  private static final int FIELDS = 3;

  private final Decision decision;
  private final long[] counts;

  /** Whether a row has one margin. */
  private final boolean oneMargin;

  /** The counts for the ROC curve; used where rows have one margin. */
  private final RocCounts roc = new RocCounts();

  /**
   * Makes one with all counts 0.
   *
   * @param decision the rule that predicts a class
   */
  ClassCounts(Decision decision) {
    this.decision = decision;
    this.oneMargin = decision instanceof Decision.Side;
    this.counts = new long[FIELDS * decision.size()];
  }

  @Override
  public void add(double[] scores, int from, double label) {
    int of = (int) Math.max(0, label); // -1 is the first of two classes
    int predicted = (int) decision.of(scores, from);
    counts[FIELDS * of + ROWS]++;
    counts[FIELDS * predicted + PREDICTED]++;
    counts[FIELDS * of + HITS] += predicted == of ? 1 : 0;
    if (oneMargin && Double.isFinite(scores[from])) {
      roc.add(scores[from], of == 1);
    }
  }

  @Override
  public long[] part() {
    return roc.after(counts);
  }

  @Override
  public void addPart(long[] part) {
    for (int i = 0; i < counts.length; i++) {
      counts[i] += part[i];
    }
    roc.add(part, counts.length);
  }

  @Override
  public ClassFigures figures(double loss) {
    List<ClassFigures.OfClass> classes = new ArrayList<>();
    for (int at = 0; at < counts.length; at += FIELDS) {
      classes.add(
          new ClassFigures.OfClass(counts[at + ROWS], counts[at + PREDICTED], counts[at + HITS]));
    }
    OptionalDouble area = oneMargin ? roc.area() : OptionalDouble.empty();
    ClassFigures figures = new ClassFigures(loss, area, classes);
    if (figures.rows() == 0) {
      throw new IllegalStateException("Cannot judge a model: expected rows, found none");
    }
    return figures;
  }
}
