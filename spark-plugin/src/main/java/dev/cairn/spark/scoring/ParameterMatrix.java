package dev.cairn.spark.scoring;

import dev.cairn.checkpoint.CheckpointReader;
import dev.cairn.checkpoint.model.CheckpointException.Mismatch;
import dev.cairn.checkpoint.model.FeatureScales;
import dev.cairn.checkpoint.model.VariableSpec;
import java.io.IOException;
import java.util.Arrays;
import java.util.Locale;
import org.apache.spark.ml.linalg.Matrix;
import org.apache.spark.ml.linalg.SparseMatrix;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.linalg.Vectors;

/**
 * Gathers a table of parameters, a row for each feature, on the driver, as long as the numbers that
 * are not 0 fit into a bounded part of its memory. They are for values as they stand in the data.
 */
public final class ParameterMatrix {
  /** The numbers that are read at a time. */
  private static final int PIECE = 1 << 20;

  private static final int FIRST = 256;

  private final CheckpointReader reader;
  private final FeatureScales scales;
  private final int features;
  private final int width;
  private final int limit;

  private final int[][] ids;
  private final double[][] values;
  private final int[] counts;
  private long count;

  /**
   * Makes one that reads from a checkpoint.
   *
   * @param width the count of numbers of a feature
   * @param limit the most numbers that are not 0
   */
  public ParameterMatrix(
      CheckpointReader reader, FeatureScales scales, int features, int width, int limit) {
    this.reader = reader;
    this.scales = scales;
    this.features = features;
    this.width = width;
    this.limit = limit;
    this.ids = new int[width][FIRST];
    this.values = new double[width][FIRST];
    this.counts = new int[width];
  }

  /**
   * The matrix with a row for each feature.
   *
   * @throws IllegalStateException if there are more numbers than fit
   */
  public Matrix byFeature(String variable) throws IOException {
    gather(variable);
    return new SparseMatrix(features, width, starts(), joined(ids), joined(values)).compressed();
  }

  /** The matrix with a column for each feature; otherwise the same as {@link #byFeature}. */
  public Matrix acrossFeatures(String variable) throws IOException {
    gather(variable);
    return new SparseMatrix(width, features, starts(), joined(ids), joined(values), true)
        .compressed();
  }

  /** The intercepts, one for each column of the table. */
  public Vector intercepts(String variable, String table) throws IOException {
    float[] trained = new float[width];
    String tableKey = key(table);
    reader.readRows(key(variable), 0, width, trained, 0);
    double[] sums = new double[width];
    for (int k = 0; k < width; k++) {
      sums[k] = trained[k];
    }
    int[] centred = scales.centred();
    double[] shifts = scales.shifts();
    int first = 0;
    float[] piece = new float[0];
    int rows = 0;
    for (int c = 0; c < centred.length; c++) {
      if (c == 0 || centred[c] >= first + rows) {
        first = centred[c];
        rows = Math.min(pieceRows(), centred[centred.length - 1] - first + 1);
        piece = piece.length < rows * width ? new float[rows * width] : piece;
        reader.readRows(tableKey, first, rows, piece, 0);
      }
      for (int k = 0; k < width; k++) {
        sums[k] -= shifts[c] * piece[(centred[c] - first) * width + k];
      }
    }
    return Vectors.dense(sums);
  }

  private String key(String variable) throws IOException {
    return reader
        .named(variable)
        .map(VariableSpec::key)
        .orElseThrow(
            () ->
                new Mismatch(
                    "Cannot gather parameters: expected variable "
                        + variable
                        + ", found none (path="
                        + reader.prefix()
                        + ")"));
  }

  private int pieceRows() {
    return Math.max(1, Math.min(features, PIECE / width));
  }

  private void gather(String variable) throws IOException {
    float[] piece = new float[pieceRows() * width];
    String key = key(variable);
    for (int first = 0; first < features; ) {
      int rows = Math.min(pieceRows(), features - first);
      reader.readRows(key, first, rows, piece, 0);
      for (int i = 0; i < rows; i++) {
        for (int k = 0; k < width; k++) {
          add(first + i, k, scales.coefficient(first + i, piece[i * width + k]));
        }
      }
      first += rows;
    }
    if (count > limit) {
      throw new IllegalStateException(
          String.format(
              Locale.ROOT,
              "Cannot gather parameters: expected at most %d that are not 0, an eighth of the"
                  + " driver's memory, found %d of %d features (path=%s); raise"
                  + " spark.driver.memory, or read the checkpoint in pieces with CheckpointReader",
              limit,
              count,
              features,
              reader.prefix()));
    }
  }

  private void add(int feature, int column, double value) {
    if (value == 0) {
      return;
    }
    if (count < limit) {
      int at = counts[column]++;
      if (at == ids[column].length) {
        ids[column] = Arrays.copyOf(ids[column], at + at / 2);
        values[column] = Arrays.copyOf(values[column], at + at / 2);
      }
      ids[column][at] = feature;
      values[column][at] = value;
    }
    count++;
  }

  private int[] starts() {
    int[] starts = new int[width + 1];
    for (int k = 0; k < width; k++) {
      starts[k + 1] = starts[k] + counts[k];
    }
    return starts;
  }

  private int[] joined(int[][] parts) {
    int[] all = new int[(int) count];
    int at = 0;
    for (int k = 0; k < width; k++) {
      System.arraycopy(parts[k], 0, all, at, counts[k]);
      at += counts[k];
    }
    return all;
  }

  private double[] joined(double[][] parts) {
    double[] all = new double[(int) count];
    int at = 0;
    for (int k = 0; k < width; k++) {
      System.arraycopy(parts[k], 0, all, at, counts[k]);
      at += counts[k];
    }
    return all;
  }
}
