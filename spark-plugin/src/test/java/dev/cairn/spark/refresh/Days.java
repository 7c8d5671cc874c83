package dev.cairn.spark.refresh;

import dev.cairn.spark.listener.TrainingListener;
import dev.cairn.spark.ml.LogisticRegression;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** Days of a hundred rows each, and an estimator that trains on them in no time. */
final class Days {
  private Days() {}

  /** The rows of some days; the label follows from the columns but for noise. */
  static Dataset<Row> rows(SparkSession spark, int from, int to, boolean heldOut) {
    return spark
        .range(from * 100L, to * 100L)
        .selectExpr(
            "id",
            "int(id div 100) day",
            "string(id % 7) a",
            "string((id * 31) % 5) b",
            "double((id % 7 < 3) != (id * 2654435761 % 97 < 9)) label")
        .filter(heldOut ? "xxhash64(id) % 4 = 0" : "xxhash64(id) % 4 != 0");
  }

  /**
   * An estimator.
   *
   * @param folder in which the trainings lie
   * @param steps counts the steps
   */
  static LogisticRegression estimator(Path folder, AtomicInteger steps) {
    return new LogisticRegression()
        .setPartitions(2)
        .setBatchRows(50)
        .setMaxIter(3)
        .setSeed(7)
        .setCheckpointDir(folder.resolve("refreshes").toUri().toString())
        .setListener(
            new TrainingListener() {
              @Override
              public void progress(Progress progress) {
                steps.incrementAndGet();
              }
            });
  }
}
