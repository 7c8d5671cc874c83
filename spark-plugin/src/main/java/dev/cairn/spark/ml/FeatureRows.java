package dev.cairn.spark.ml;

import dev.cairn.spark.trainer.RowRouter;
import java.util.Iterator;
import org.apache.spark.ml.linalg.DenseVector;
import org.apache.spark.ml.linalg.SparseVector;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.sql.Row;

/** Reads (label, features, weight) rows of a Dataset into a {@link RowRouter}. */
final class FeatureRows {
  private int[] counting = new int[0];

  private final Iterator<Row> rows;

  FeatureRows(Iterator<Row> rows) {
    this.rows = rows;
  }

  /** Hands the next row to the router; false when there is none left. */
  boolean next(RowRouter router) {
    if (!rows.hasNext()) {
      return false;
    }
    Row row = rows.next();
    double label = row.isNullAt(0) ? Double.NaN : row.getDouble(0);
    if (row.isNullAt(1)) {
      throw new IllegalArgumentException(
          "Cannot train on a row: features, expected a vector, found null; filter such rows out");
    }
    double weight = row.isNullAt(2) ? Double.NaN : row.getDouble(2);
    add(router, label, weight, (Vector) row.get(1));
    return true;
  }

  private void add(RowRouter router, double label, double weight, Vector features) {
    if (features instanceof SparseVector sparse) {
      router.add(label, weight, sparse.indices(), sparse.values(), sparse.indices().length);
    } else if (features instanceof DenseVector dense) {
      router.add(label, weight, countingTo(dense.size()), dense.values(), dense.size());
    } else {
      throw new IllegalArgumentException(
          "Cannot train on a row: expected a sparse or dense vector, found " + features.getClass());
    }
  }

  private int[] countingTo(int n) {
    if (counting.length < n) {
      counting = new int[n];
      for (int i = 0; i < n; i++) {
        counting[i] = i;
      }
    }
    return counting;
  }
}
