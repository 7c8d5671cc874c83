package dev.cairn.spark.ml;

import dev.cairn.spark.coordinator.ShardAccess;
import dev.cairn.spark.transport.ShardDirectory;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import org.apache.spark.ml.linalg.SparseVector;
import org.apache.spark.ml.linalg.Vector;
import org.jspecify.annotations.Nullable;

/**
 * Margins by weights that are read from the shards that own them, a page of consecutive weights at
 * a time. Keeps at most {@value #PAGES} pages of {@value #PAGE_ROWS} weights in each JVM that it
 * gets to.
 */
final class GatheredMargins implements Margins {
  private static final long serialVersionUID = 1L;
  private static final int PAGE_ROWS = 1 << 10;
  private static final int PAGES = 1 << 12;

  private final ShardDirectory directory;
  private final int features;

  /** The driver's own way; executors have theirs. */
  private final transient @Nullable ShardAccess driver;

  private transient @Nullable ConcurrentHashMap<Integer, float[]> pages;

  /**
   * Margins of a model.
   *
   * @param features number of features; the intercept is the row after the last one
   * @param driver how the driver reads shards
   */
  GatheredMargins(ShardDirectory directory, int features, ShardAccess driver) {
    this.directory = directory;
    this.features = features;
    this.driver = driver;
  }

  ShardDirectory directory() {
    return directory;
  }

  @Override
  public double margin(Vector vector) {
    double margin = weight(features);
    if (vector instanceof SparseVector sparse) {
      int[] indices = sparse.indices();
      double[] values = sparse.values();
      for (int k = 0; k < indices.length; k++) {
        margin += values[k] * weight(indices[k]);
      }
      return margin;
    }
    double[] values = vector.toArray();
    for (int k = 0; k < values.length; k++) {
      // A stored zero says what an absent entry says: both forms of a row score alike.
      if (values[k] != 0) {
        margin += values[k] * weight(k);
      }
    }
    return margin;
  }

  private float weight(int row) {
    ConcurrentHashMap<Integer, float[]> present = pages();
    int number = row / PAGE_ROWS;
    float[] page = present.get(number);
    if (page == null) {
      if (present.size() >= PAGES) {
        present.clear();
      }
      page = read(number);
      present.put(number, page);
    }
    return page[row % PAGE_ROWS];
  }

  private synchronized ConcurrentHashMap<Integer, float[]> pages() {
    ConcurrentHashMap<Integer, float[]> present = pages;
    if (present == null) {
      present = new ConcurrentHashMap<>();
      pages = present;
    }
    return present;
  }

  private float[] read(int number) {
    int first = number * PAGE_ROWS;
    int[] rows = new int[Math.min(PAGE_ROWS, features + 1 - first)];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = first + i;
    }
    ShardAccess access = driver;
    try {
      return (access == null ? ShardAccess.current() : access)
          .gather(directory, rows, 0, rows.length)
          .get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Cannot score rows: the thread was interrupted", e);
    } catch (ExecutionException e) {
      throw new IllegalStateException(
          "Cannot score rows: the model's shards cannot be read: " + e.getCause(), e.getCause());
    }
  }
}
