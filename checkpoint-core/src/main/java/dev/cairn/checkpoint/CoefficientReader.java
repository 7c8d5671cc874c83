package dev.cairn.checkpoint;

import dev.cairn.checkpoint.model.CheckpointException.Mismatch;
import dev.cairn.checkpoint.model.FeatureScales;
import dev.cairn.checkpoint.model.Manifest;
import dev.cairn.checkpoint.model.TrainingState;
import dev.cairn.checkpoint.model.VariableSpec;
import java.io.Closeable;
import java.io.IOException;
import java.util.Optional;

/**
 * Reads what a model has learned of its features from its checkpoint: coefficients, intercept and
 * factors, of values as they stand in the data, whatever these were divided by in training (see
 * {@link FeatureScales}). A feature has one coefficient, or, where there are several classes, one a
 * class; in a factorization machine it has a row of factors besides.
 *
 * <p>Reads in pieces: it never holds more of a model than 4 MiB, or one row if that is larger,
 * however large the model is. Not thread-safe.
 */
public final class CoefficientReader implements Closeable {
  private static final int PIECE = 1 << 20;

  private final String path;
  private final CheckpointReader reader;
  private final FeatureScales scales;
  private final VariableSpec weights;
  private final Optional<VariableSpec> factors;
  private final Optional<String> bias;
  private final int features;

  /** Receives the numbers of features. */
  @FunctionalInterface
  public interface Visitor {
    /**
     * A number of a feature.
     *
     * @param column the class of a coefficient or the place of a factor; 0 where there is but one
     */
    void number(int feature, int column, double value);
  }

  private CoefficientReader(String path, CheckpointReader reader) throws IOException {
    this.path = path;
    this.reader = reader;
    this.scales =
        reader
            .manifest()
            .flatMap(Manifest::training)
            .map(TrainingState::scales)
            .orElse(FeatureScales.NONE);
    this.weights =
        reader
            .named("weights")
            .orElseThrow(
                () ->
                    new Mismatch(
                        "Cannot load a model: expected variable weights, found none (path="
                            + path
                            + ")"));
    this.factors = reader.named("factors");
    this.bias = reader.named("bias").map(VariableSpec::key);
    this.features = Math.toIntExact(weights.shape().rows());
  }

  /**
   * Opens the model that a path means.
   *
   * @param path a run's folder, whose result is meant, or a checkpoint
   * @throws Mismatch if it holds no weights of features
   */
  public static CoefficientReader open(String path, FolderOptions options) throws IOException {
    String found = RunResult.find(path, options);
    CheckpointReader reader = CheckpointReader.open(found, options);
    try {
      return new CoefficientReader(found, reader);
    } catch (IOException | RuntimeException e) {
      reader.close();
      throw e;
    }
  }

  /** Path of the checkpoint. */
  public String path() {
    return path;
  }

  /** Size of the feature space. */
  public int features() {
    return features;
  }

  /** The number of coefficients of a feature: one, or one a class. */
  public int columns() {
    return width(weights);
  }

  /** The number of factors of a feature; 0 in a model without any. */
  public int rank() {
    return factors.map(CoefficientReader::width).orElse(0);
  }

  private static int width(VariableSpec table) {
    return Math.toIntExact(table.shape().rowElements());
  }

  /** The commit record; empty if TensorFlow wrote the checkpoint. */
  public Optional<Manifest> manifest() {
    return reader.manifest();
  }

  /** The state of the training run, as the checkpoint has it. */
  public Optional<TrainingState> training() {
    return manifest().flatMap(Manifest::training);
  }

  /**
   * The intercept, with the bits that scoring adds to a row's sum. Reads what it needs to undo the
   * centring of features: all weights if all were centred.
   *
   * @throws IllegalStateException if there is one a class
   */
  public double intercept() throws IOException {
    if (columns() != 1) {
      throw new IllegalStateException(
          "Cannot read the intercept: expected one, found one for each of " + columns());
    }
    float[] stored = new float[1];
    if (bias.isPresent()) {
      reader.readRows(bias.get(), 0, 1, stored, 0);
    }
    int[] centred = scales.centred();
    float[] theirs = new float[centred.length];
    float[] piece = new float[centred.length == 0 ? 0 : Math.min(PIECE, features)];
    int at = 0;
    while (at < centred.length) {
      int first = centred[at];
      int last = at;
      while (last + 1 < centred.length && centred[last + 1] - first < piece.length) {
        last++;
      }
      reader.readRows(weights.key(), first, centred[last] - first + 1, piece, 0);
      for (; at <= last; at++) {
        theirs[at] = piece[centred[at] - first];
      }
    }
    return scales.intercept(stored[0], theirs);
  }

  /** Visits the coefficients that are not 0, ascending by feature and column. */
  public void nonZero(Visitor visitor) throws IOException {
    visit(weights, visitor);
  }

  /** Visits the factors that are not 0, ascending by feature and column. */
  public void nonZeroFactors(Visitor visitor) throws IOException {
    if (factors.isPresent()) {
      visit(factors.get(), visitor);
    }
  }

  /** The factors of some features, a row each; rows of length 0 in a model without any. */
  public double[][] factors(int[] ids) throws IOException {
    int rank = rank();
    float[] stored = new float[rank];
    double[][] rows = new double[ids.length][rank];
    for (int i = 0; i < ids.length && factors.isPresent(); i++) {
      reader.readRows(factors.get().key(), ids[i], 1, stored, 0);
      for (int k = 0; k < rank; k++) {
        rows[i][k] = scales.coefficient(ids[i], stored[k]);
      }
    }
    return rows;
  }

  private void visit(VariableSpec table, Visitor visitor) throws IOException {
    int width = width(table);
    int most = Math.max(1, Math.min(features, PIECE / Math.max(1, width)));
    float[] piece = new float[most * width];
    for (int first = 0; first < features; ) {
      int rows = Math.min(most, features - first);
      reader.readRows(table.key(), first, rows, piece, 0);
      for (int i = 0; i < rows * width; i++) {
        int feature = first + i / width;
        double value =
            piece[i] == 0 || scales.isEmpty() ? piece[i] : scales.coefficient(feature, piece[i]);
        if (value != 0) {
          visitor.number(feature, i % width, value);
        }
      }
      first += rows;
    }
  }

  @Override
  public void close() throws IOException {
    reader.close();
  }
}
