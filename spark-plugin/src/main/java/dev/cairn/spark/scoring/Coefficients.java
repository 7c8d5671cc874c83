package dev.cairn.spark.scoring;

import dev.cairn.checkpoint.CoefficientReader;
import java.io.IOException;
import java.util.Arrays;
import java.util.Locale;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.linalg.Vectors;

/**
 * Gathers a model's coefficients that are not 0 into a vector on the driver, as long as they fit
 * into a bounded part of its memory.
 */
public final class Coefficients implements CoefficientReader.Visitor {
  /**
   * The part of the heap that a vector may take; while it grows, its copy takes half as much again.
   */
  private static final int PART_OF_HEAP = 8;

  private static final int BYTES = Integer.BYTES + Double.BYTES;
  private static final int FIRST = 1024;

  private final int limit;
  private int[] ids;
  private double[] values;
  private long count;

  private Coefficients(int limit) {
    this.limit = limit;
    this.ids = new int[Math.min(FIRST, limit)];
    this.values = new double[ids.length];
  }

  /** The most coefficients that this JVM takes. */
  public static int limit() {
    long limit = Runtime.getRuntime().maxMemory() / PART_OF_HEAP / BYTES;
    return (int) Math.min(limit, Integer.MAX_VALUE - 16);
  }

  /**
   * The coefficients of a checkpoint: sparse, unless a dense vector takes less memory.
   *
   * @param limit the most coefficients that are not 0
   * @throws IllegalStateException if there are more
   */
  public static Vector of(CoefficientReader reader, int limit) throws IOException {
    Coefficients gathered = new Coefficients(limit);
    reader.nonZero(gathered);
    return gathered.vector(reader);
  }

  @Override
  public void number(int feature, int column, double value) {
    if (count < limit) {
      int at = (int) count;
      if (at == ids.length) {
        int more = (int) Math.min(limit, ids.length + (long) ids.length / 2);
        ids = Arrays.copyOf(ids, more);
        values = Arrays.copyOf(values, more);
      }
      ids[at] = feature;
      values[at] = value;
    }
    count++;
  }

  private Vector vector(CoefficientReader reader) {
    if (count > limit) {
      throw new IllegalStateException(
          String.format(
              Locale.ROOT,
              "Cannot gather coefficients: expected at most %d that are not 0, an eighth of the"
                  + " driver's memory, found %d of %d features (path=%s); raise"
                  + " spark.driver.memory, look at the heaviest with jobs/cairn model top, or read"
                  + " the checkpoint in pieces with CoefficientReader",
              limit,
              count,
              reader.features(),
              reader.path()));
    }
    int size = (int) count;
    return Vectors.sparse(reader.features(), Arrays.copyOf(ids, size), Arrays.copyOf(values, size))
        .compressed();
  }
}
