package dev.cairn.spark.ml;

import dev.cairn.checkpoint.model.BinaryFigures;
import dev.cairn.spark.model.ProbabilityCounts;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.ml.linalg.DenseVector;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** Rows with labels on which a model that is trained already is judged. */
final class TestRows {
  /** Parts of the counts that one task adds up before the driver gets any. */
  private static final int DEPTH = 2;

  private TestRows() {}

  /**
   * The figures of a model, by one pass over the rows.
   *
   * @param scoring the model with its raw prediction as its only column
   * @param margin that column
   * @param threshold the probability above which 1 is predicted
   */
  static BinaryFigures figures(
      CairnModel<?> scoring, String margin, double threshold, Dataset<?> rows) {
    Dataset<Row> table = scoring.transform(rows);
    Dataset<Row> scored =
        table.select(
            Columns.label(rows.schema(), scoring.getLabelCol()).column().cast("double"),
            Columns.find(table.schema(), margin).column());
    ProbabilityCounts counts = new ProbabilityCounts(threshold);
    counts.addPart(
        scored
            .javaRDD()
            .mapPartitions(part -> counted(part, threshold))
            .treeAggregate(
                counts.part(),
                (one, other) -> sum(threshold, one, other),
                (one, other) -> sum(threshold, one, other),
                DEPTH));
    return counts.figures(0);
  }

  private static Iterator<long[]> counted(Iterator<Row> rows, double threshold) {
    ProbabilityCounts counts = new ProbabilityCounts(threshold);
    while (rows.hasNext()) {
      Row row = rows.next();
      counts.add(((DenseVector) row.get(1)).values(), 1, row.getDouble(0));
    }
    return List.<long[]>of(counts.part()).iterator();
  }

  private static long[] sum(double threshold, long[] one, long[] other) {
    ProbabilityCounts counts = new ProbabilityCounts(threshold);
    counts.addPart(one);
    counts.addPart(other);
    return counts.part();
  }
}
