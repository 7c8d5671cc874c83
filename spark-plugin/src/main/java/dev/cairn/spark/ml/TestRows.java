package dev.cairn.spark.ml;

import dev.cairn.checkpoint.model.TestFigures;
import dev.cairn.spark.model.TestCounts;
import java.util.Iterator;
import java.util.List;
import java.util.UUID;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** Rows with labels on which a model that is trained already is judged. */
final class TestRows {
  /** Parts of the counts that one task adds up before the driver gets any. */
  private static final int DEPTH = 2;

  private TestRows() {}

  /** The figures of a model, by one pass over the rows. */
  static TestFigures figures(LogisticRegressionModel model, Dataset<?> rows) {
    String margin = "margin_" + UUID.randomUUID().toString().replace('-', '_');
    LogisticRegressionModel scoring =
        model
            .copy(ParamMap.empty())
            .setRawPredictionCol(margin)
            .setProbabilityCol("")
            .setPredictionCol("");
    double threshold = model.getThreshold();
    Dataset<Row> scored =
        scoring
            .transform(rows)
            .select(
                Columns.label(rows.schema(), model.getLabelCol()).column().cast("double"),
                Columns.find(scoring.transformSchema(rows.schema()), margin).column());
    TestCounts.Part none = new TestCounts(threshold).part();
    TestCounts.Part all =
        scored
            .javaRDD()
            .mapPartitions(part -> counted(part, threshold))
            .treeAggregate(
                none,
                (one, other) -> sum(threshold, one, other),
                (one, other) -> sum(threshold, one, other),
                DEPTH);
    TestCounts counts = new TestCounts(threshold);
    counts.add(all);
    return counts.figures();
  }

  private static Iterator<TestCounts.Part> counted(Iterator<Row> rows, double threshold) {
    TestCounts counts = new TestCounts(threshold);
    while (rows.hasNext()) {
      Row row = rows.next();
      counts.add(((Vector) row.get(1)).apply(1), row.getDouble(0) > 0);
    }
    return List.of(counts.part()).iterator();
  }

  private static TestCounts.Part sum(double threshold, TestCounts.Part one, TestCounts.Part other) {
    TestCounts counts = new TestCounts(threshold);
    counts.add(one);
    counts.add(other);
    return counts.part();
  }
}
