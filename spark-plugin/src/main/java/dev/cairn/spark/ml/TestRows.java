package dev.cairn.spark.ml;

import dev.cairn.checkpoint.model.TestFigures;
import dev.cairn.spark.columns.Columns;
import dev.cairn.spark.data.LabelKind;
import dev.cairn.spark.model.Model;
import dev.cairn.spark.model.TestCounter;
import dev.cairn.spark.scoring.RowScores;
import java.io.Serializable;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.jspecify.annotations.Nullable;

/**
 * Judges a trained model on rows with labels, in any JVM that it is sent to.
 *
 * @param scores the scores of rows; they refuse a bad one
 * @param column the column of labels, for messages
 */
record TestRows(Model model, RowScores scores, double threshold, String column)
    implements Serializable {
  /**
   * The depth of the tree in which parts of the counts are added before they come to the driver.
   */
  private static final int DEPTH = 2;

  /**
   * The figures of a model, by one pass over the rows. Sums of numbers that are not whole may
   * differ in their last digits from one call to the next, as tasks come to their ends.
   *
   * @param threshold the threshold of {@link Model#counter}
   */
  static TestFigures figures(CairnModel<?> of, double threshold, Dataset<?> rows) {
    ModelState state = of.state();
    RowScores scores =
        new RowScores(
            state.shared(),
            state.model().decision(threshold),
            of.getFeaturesCol(),
            of.getOffsetCol(),
            state.features());
    TestRows judge = new TestRows(state.model(), scores, threshold, of.getLabelCol());
    Columns.Found features = Columns.features(rows.schema(), of.getFeaturesCol());
    state.checkTypes(features.field());
    Dataset<Row> both =
        rows.select(
            Columns.label(rows.schema(), of.getLabelCol()).column().cast("double"),
            features.column(),
            Scoring.offset(of, rows.schema()).orElse(functions.lit(0.0)));
    long[] all =
        both.javaRDD()
            .mapPartitions(judge::counted)
            .treeAggregate(judge.part(judge.counter(), 0, 0), judge::sum, judge::sum, DEPTH);
    TestCounter counter = judge.counter();
    counter.addPart(Arrays.copyOf(all, all.length - 2));
    return counter.figures(loss(all) / Math.max(1, all[all.length - 1]));
  }

  private TestCounter counter() {
    return model.counter(threshold);
  }

  private Iterator<long[]> counted(Iterator<Row> rows) {
    TestCounter counter = counter();
    double[] margins = new double[scores.margins().outputs()];
    double loss = 0;
    long count = 0;
    while (rows.hasNext()) {
      Row row = rows.next();
      double label = checked(row.isNullAt(0) ? null : row.getDouble(0));
      Double offset = row.isNullAt(2) ? null : row.getDouble(2);
      loss += scores.loss((Vector) row.get(1), offset, label, margins);
      counter.add(margins, 0, label);
      count++;
    }
    return List.<long[]>of(part(counter, loss, count)).iterator();
  }

  double checked(@Nullable Double label) {
    LabelKind kind = model.labels();
    if (label == null || !kind.allows(label)) {
      throw new IllegalArgumentException(
          "Cannot judge a row: column "
              + column
              + ", expected "
              + kind.expected()
              + ", found "
              + label);
    }
    return label;
  }

  /** The counts, then the sum of losses and the number of rows. */
  private long[] part(TestCounter counter, double loss, long rows) {
    long[] counts = counter.part();
    long[] all = Arrays.copyOf(counts, counts.length + 2);
    all[counts.length] = Double.doubleToRawLongBits(loss);
    all[counts.length + 1] = rows;
    return all;
  }

  private static double loss(long[] part) {
    return Double.longBitsToDouble(part[part.length - 2]);
  }

  private long[] sum(long[] one, long[] other) {
    TestCounter counter = counter();
    counter.addPart(Arrays.copyOf(one, one.length - 2));
    counter.addPart(Arrays.copyOf(other, other.length - 2));
    return part(counter, loss(one) + loss(other), one[one.length - 1] + other[other.length - 1]);
  }
}
