package dev.cairn.spark.scoring;

import dev.cairn.checkpoint.model.FeatureScales;
import dev.cairn.spark.model.Model;
import dev.cairn.spark.model.RowScorer;
import dev.cairn.spark.reading.ModelReader;
import dev.cairn.spark.reading.ModelReading;
import dev.cairn.spark.reading.ReadableModel;
import dev.cairn.spark.trainer.FoundModel;
import org.apache.spark.ml.linalg.SparseVector;
import org.apache.spark.ml.linalg.Vector;
import org.jspecify.annotations.Nullable;

/**
 * Margins by the parameters in the executors' shards, through the pages that all tasks of a JVM
 * share. It carries only the model's description, and finds the reader of the JVM that it is in.
 * Each thread has a scorer of its own.
 */
public final class SharedMargins implements Margins {
  private static final long serialVersionUID = 1L;

  private final ReadableModel parameters;
  private final Model model;
  private final FeatureScales scales;
  private final int outputs;
  private transient volatile @Nullable ModelReader reader;
  private transient volatile @Nullable ThreadLocal<RowScorer> scorers;

  /** Makes the margins of a model. */
  public SharedMargins(FoundModel found) {
    this.parameters = found.weights();
    this.model = found.model();
    this.scales = found.scales();
    this.outputs = model.kernel().outputs();
  }

  /** The parameters that are read. */
  public ReadableModel parameters() {
    return parameters;
  }

  @Override
  public int outputs() {
    return outputs;
  }

  @Override
  public void scores(Vector features, double offset, double[] out) {
    scores(scorer(), features, offset, out);
  }

  @Override
  public double loss(Vector features, double offset, double label, double[] out) {
    RowScorer scorer = scorer();
    scores(scorer, features, offset, out);
    return scorer.loss(label);
  }

  private static void scores(RowScorer scorer, Vector features, double offset, double[] out) {
    // A stored zero means the same as an absent entry: both forms of a row score alike.
    if (features instanceof SparseVector sparse) {
      int[] indices = sparse.indices();
      scorer.scores(indices, sparse.values(), indices.length, offset, out);
    } else {
      scorer.scores(features.toArray(), offset, out);
    }
  }

  private RowScorer scorer() {
    ThreadLocal<RowScorer> known = scorers;
    return (known == null ? newScorers() : known).get();
  }

  private synchronized ThreadLocal<RowScorer> newScorers() {
    ThreadLocal<RowScorer> known = scorers;
    if (known == null) {
      known = ThreadLocal.withInitial(() -> new RowScorer(model, scales, this::read));
      scorers = known;
    }
    return known;
  }

  private void read(int[] rows, int count, float[] into) {
    ModelReader known = reader;
    if (known == null || known.closed()) {
      known = ModelReading.current().reader(parameters);
      reader = known;
    }
    known.read(rows, count, into);
  }
}
