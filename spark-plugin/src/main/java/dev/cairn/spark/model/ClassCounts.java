package dev.cairn.spark.model;

import dev.cairn.checkpoint.model.ClassFigures;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;

/**
 * Counts how a model does that predicts the class with the greatest score, the first of equal ones;
 * or, of two classes with one margin, the second one where that is above a threshold. All that is
 * added up are whole numbers, so the figures are the same in whatever order rows are counted. Not
 * thread-safe.
 */
final class ClassCounts implements TestCounter {
  private static final int ROWS = 0;
  private static final int PREDICTED = 1;
  private static final int HITS = 2;
  private static final int FIELDS = 3;

  private final int outputs;
  private final double threshold;
  private final long[] counts;

  /** Of one margin alone. */
  private final RocCounts roc = new RocCounts();

  /**
   * Nothing is counted yet.
   *
   * @param outputs how many scores a row has: 1 for two classes, else one for each class
   * @param threshold for two classes of one margin
   */
  ClassCounts(int outputs, double threshold) {
    this.outputs = outputs;
    this.threshold = threshold;
    this.counts = new long[FIELDS * Math.max(2, outputs)];
  }

  @Override
  public void add(double[] scores, int from, double label) {
    int of = (int) Math.max(0, label); // -1 is the first of two classes
    int predicted = predicted(scores, from);
    counts[FIELDS * of + ROWS]++;
    counts[FIELDS * predicted + PREDICTED]++;
    counts[FIELDS * of + HITS] += predicted == of ? 1 : 0;
    if (outputs == 1 && Double.isFinite(scores[from])) {
      roc.add(scores[from], of == 1);
    }
  }

  private int predicted(double[] scores, int from) {
    if (outputs == 1) {
      return scores[from] > threshold ? 1 : 0;
    }
    int greatest = 0;
    for (int c = 1; c < outputs; c++) {
      if (scores[from + c] > scores[from + greatest]) {
        greatest = c;
      }
    }
    return greatest;
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
    OptionalDouble area = outputs == 1 ? roc.area() : OptionalDouble.empty();
    ClassFigures figures = new ClassFigures(loss, area, classes);
    if (figures.rows() == 0) {
      throw new IllegalStateException("Cannot judge a model: expected rows, found none");
    }
    return figures;
  }
}
