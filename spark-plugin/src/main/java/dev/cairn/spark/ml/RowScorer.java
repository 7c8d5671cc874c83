package dev.cairn.spark.ml;

import dev.cairn.spark.coordinator.ShardAccess;
import dev.cairn.spark.transport.ShardDirectory;
import java.io.Serializable;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.ExecutionException;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.ml.linalg.SparseVector;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;

/**
 * Scores rows in an executor: a chunk of rows at a time, whose weights are read from the shards
 * that own them. Holds no more of the model than one chunk needs.
 *
 * @param directory who owns which weights
 * @param features size of the feature space; the intercept is the row after the last feature
 * @param column position of the feature vector in the rows
 * @param threshold probability above which label 1 is predicted
 */
record RowScorer(ShardDirectory directory, int features, int column, double threshold)
    implements MapPartitionsFunction<Row, Row>, Serializable {
  private static final int CHUNK_ROWS = 1024;

  @Override
  public Iterator<Row> call(Iterator<Row> rows) {
    ShardAccess shards = ShardAccess.current();
    ArrayDeque<Row> scored = new ArrayDeque<>();
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        if (scored.isEmpty() && rows.hasNext()) {
          scoreChunk(rows, shards, scored);
        }
        return !scored.isEmpty();
      }

      @Override
      public Row next() {
        if (!hasNext()) {
          throw new NoSuchElementException();
        }
        return scored.remove();
      }
    };
  }

  private void scoreChunk(Iterator<Row> rows, ShardAccess shards, ArrayDeque<Row> scored) {
    List<Row> chunk = new ArrayList<>();
    List<SparseVector> vectors = new ArrayList<>();
    int entries = 0;
    while (rows.hasNext() && chunk.size() < CHUNK_ROWS) {
      Row row = rows.next();
      SparseVector vector = vector(row);
      chunk.add(row);
      vectors.add(vector);
      entries += vector.indices().length;
    }
    int[] wanted = distinct(vectors, entries);
    float[] weights = gather(shards, wanted);
    double bias = weights[wanted.length - 1];
    for (int i = 0; i < chunk.size(); i++) {
      scored.add(with(chunk.get(i), margin(vectors.get(i), wanted, weights, bias)));
    }
  }

  private SparseVector vector(Row row) {
    if (row.isNullAt(column)) {
      throw new IllegalArgumentException(
          "Cannot score a row: features, expected a vector, found null");
    }
    Vector vector = (Vector) row.get(column);
    if (vector.size() != features) {
      throw new IllegalArgumentException(
          "Cannot score a row: expected "
              + features
              + " features as in training, found "
              + vector.size());
    }
    return vector.toSparse();
  }

  /** The distinct feature ids, ascending, and the intercept's row at the end. */
  private int[] distinct(List<SparseVector> vectors, int entries) {
    int[] ids = new int[entries];
    int n = 0;
    for (SparseVector vector : vectors) {
      int[] indices = vector.indices();
      System.arraycopy(indices, 0, ids, n, indices.length);
      n += indices.length;
    }
    Arrays.sort(ids);
    int[] wanted = new int[entries + 1];
    int count = 0;
    for (int i = 0; i < entries; i++) {
      if (i == 0 || ids[i] != ids[i - 1]) {
        wanted[count++] = ids[i];
      }
    }
    wanted[count++] = features;
    return Arrays.copyOf(wanted, count);
  }

  private float[] gather(ShardAccess shards, int[] wanted) {
    try {
      return shards.gather(directory, wanted, 0, wanted.length).get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Cannot score rows: the task was interrupted", e);
    } catch (ExecutionException e) {
      throw new IllegalStateException(
          "Cannot score rows: the model's shards cannot be read: " + e.getCause(), e.getCause());
    }
  }

  private static double margin(SparseVector vector, int[] wanted, float[] weights, double bias) {
    int[] indices = vector.indices();
    double[] values = vector.values();
    double margin = bias;
    for (int k = 0; k < indices.length; k++) {
      int at = Arrays.binarySearch(wanted, 0, wanted.length - 1, indices[k]);
      margin += values[k] * weights[at];
    }
    return margin;
  }

  private Row with(Row row, double margin) {
    double one = 1 / (1 + StrictMath.exp(-margin));
    Object[] fields = new Object[row.size() + 3];
    for (int i = 0; i < row.size(); i++) {
      fields[i] = row.get(i);
    }
    fields[row.size()] = Vectors.dense(-margin, margin);
    fields[row.size() + 1] = Vectors.dense(1 - one, one);
    fields[row.size() + 2] = one > threshold ? 1.0 : 0.0;
    return RowFactory.create(fields);
  }
}
