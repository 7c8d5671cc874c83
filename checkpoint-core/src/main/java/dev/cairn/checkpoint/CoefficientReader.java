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
 * Reads what a logistic regression has learned from its checkpoint: the coefficients and the
 * intercept of values as they stand in the data, whatever these were divided by in training (see
 * {@link FeatureScales}).
 *
 * <p>Reads in pieces: it never holds more of a model than 4 MiB, however large that is. Not
 * thread-safe.
 */
public final class CoefficientReader implements Closeable {
  private static final int PIECE = 1 << 20;

  private final String path;
  private final CheckpointReader reader;
  private final FeatureScales scales;
  private final String weights;
  private final Optional<String> bias;
  private final int features;

  /** Is told of coefficients. */
  @FunctionalInterface
  public interface Visitor {
    /** The coefficient of a feature. */
    void coefficient(int feature, double value);
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
    VariableSpec table =
        reader
            .named("weights")
            .orElseThrow(
                () ->
                    new Mismatch(
                        "Cannot load a model: expected variable weights, found none (path="
                            + path
                            + ")"));
    this.weights = table.key();
    this.bias = reader.named("bias").map(VariableSpec::key);
    this.features = Math.toIntExact(table.shape().elements());
  }

  /**
   * Opens the model that a path means.
   *
   * @param path a run's folder, whose result is meant, or a checkpoint
   * @throws Mismatch if it holds no logistic regression
   */
  public static CoefficientReader open(String path, CheckpointOptions options) throws IOException {
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

  /** The commit record; empty if TensorFlow wrote the checkpoint. */
  public Optional<Manifest> manifest() {
    return reader.manifest();
  }

  /** What the checkpoint says of how the model was trained. */
  public Optional<TrainingState> training() {
    return manifest().flatMap(Manifest::training);
  }

  /**
   * The intercept, with the bits that scoring adds to a row's sum. Reads what it needs to undo the
   * centring of features: all weights if all were centred.
   */
  public double intercept() throws IOException {
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
      reader.readRows(weights, first, centred[last] - first + 1, piece, 0);
      for (; at <= last; at++) {
        theirs[at] = piece[centred[at] - first];
      }
    }
    return scales.intercept(stored[0], theirs);
  }

  /** Tells of the coefficients that are not 0, ascending by feature. */
  public void nonZero(Visitor visitor) throws IOException {
    float[] piece = new float[Math.min(PIECE, features)];
    for (int first = 0; first < features; ) {
      int rows = Math.min(piece.length, features - first);
      reader.readRows(weights, first, rows, piece, 0);
      for (int i = 0; i < rows; i++) {
        double coefficient =
            piece[i] == 0 || scales.isEmpty() ? piece[i] : scales.coefficient(first + i, piece[i]);
        if (coefficient != 0) {
          visitor.coefficient(first + i, coefficient);
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
