package dev.cairn.spark.columns;

import dev.cairn.spark.data.InvalidRowException;
import dev.cairn.spark.data.LabelKind;
import dev.cairn.spark.data.RowRouter;
import java.io.Serializable;
import java.util.Iterator;
import org.apache.spark.ml.linalg.DenseVector;
import org.apache.spark.ml.linalg.SparseVector;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;

/**
 * Reads (label, features, weight, offset) rows of a Dataset into a {@link RowRouter}, after
 * checking them: errors name the columns as the user did.
 */
public final class FeatureRows {
  private final Iterator<Row> rows;
  private final Checks checks;
  private int[] counting = new int[0];

  /** Reads rows of label, features, weight and offset, in this order. */
  public FeatureRows(Iterator<Row> rows, Checks checks) {
    this.rows = rows;
    this.checks = checks;
  }

  /**
   * The checks of rows.
   *
   * @param labels the kind of the labels
   * @param classes the number of classes, 0 where that is not known
   * @param label name of the column of labels
   * @param features name of the column of vectors
   * @param weight name of the column of weights; empty without one
   * @param offset name of the column of offsets; empty without one
   * @param size the size of each vector
   */
  public record Checks(
      LabelKind labels,
      int classes,
      String label,
      String features,
      String weight,
      String offset,
      int size)
      implements Serializable {
    private void checkLabel(double value, boolean missing) {
      if (missing || !labels.allows(value)) {
        throw new InvalidRowException(
            "Cannot train: column "
                + label
                + ", expected "
                + labels.expected()
                + ", found "
                + (missing ? "null" : value));
      }
      if (classes > 0 && value >= classes) {
        throw new InvalidRowException(
            "Cannot train: column "
                + label
                + ", expected the number of one of "
                + classes
                + " classes, 0 to "
                + (classes - 1)
                + ", found "
                + value);
      }
    }

    private void checkWeight(double value, boolean missing) {
      float stored = (float) value;
      boolean vanishes = stored == 0 && value > 0;
      if (missing || !(value >= 0) || stored == Float.POSITIVE_INFINITY || vanishes) {
        throw new InvalidRowException(
            "Cannot train: column "
                + weight
                + ", expected 0 or a finite number above it, within float32, found "
                + (missing ? "null" : value)
                + "; correct or filter such rows");
      }
    }

    private void checkOffset(double value, boolean missing) {
      if (missing || !Float.isFinite((float) value)) {
        throw new InvalidRowException(
            "Cannot train: column "
                + offset
                + ", expected a finite number within float32, which is added to the margin, found "
                + (missing ? "null" : value)
                + "; correct or filter such rows");
      }
    }

    private void checkVector(@Nullable Vector vector) {
      if (vector == null) {
        throw new InvalidRowException(
            "Cannot train: column "
                + features
                + ", expected a vector, found null; filter such rows out");
      }
      if (vector.size() != size) {
        throw new InvalidRowException(
            "Cannot train: column "
                + features
                + ", expected vectors of one size, found one of "
                + vector.size()
                + " features and one of "
                + size);
      }
    }

    private void checkValues(int @Nullable [] indices, double[] values) {
      for (int k = 0; k < values.length; k++) {
        if (!Float.isFinite((float) values[k])) {
          throw new InvalidRowException(
              "Cannot train: column "
                  + features
                  + ", feature "
                  + (indices == null ? k : indices[k])
                  + ", expected a finite number within float32, found "
                  + values[k]
                  + "; correct or filter such rows");
        }
      }
    }
  }

  /** Hands the next row to the router; returns false when there is none left. */
  public boolean next(RowRouter router) {
    if (!rows.hasNext()) {
      return false;
    }
    Row row = rows.next();
    boolean missing = row.isNullAt(0);
    double label = missing ? Double.NaN : row.getDouble(0);
    checks.checkLabel(label, missing);
    Vector vector = row.isNullAt(1) ? null : (Vector) row.get(1);
    checks.checkVector(vector);
    boolean weightless = row.isNullAt(2);
    double weight = weightless ? Double.NaN : row.getDouble(2);
    checks.checkWeight(weight, weightless);
    boolean offsetless = row.isNullAt(3);
    double offset = offsetless ? Double.NaN : row.getDouble(3);
    checks.checkOffset(offset, offsetless);
    add(router, label, weight, offset, vector);
    return true;
  }

  private void add(
      RowRouter router, double label, double weight, double offset, @Nullable Vector features) {
    if (features instanceof SparseVector sparse) {
      checks.checkValues(sparse.indices(), sparse.values());
      int[] ids = sparse.indices();
      router.add(label, weight, offset, ids, sparse.values(), ids.length);
    } else if (features instanceof DenseVector dense) {
      checks.checkValues(null, dense.values());
      int[] ids = countingTo(dense.size());
      router.add(label, weight, offset, ids, dense.values(), dense.size());
    } else {
      throw new InvalidRowException(
          "Cannot train: expected a sparse or dense vector, found " + features);
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
