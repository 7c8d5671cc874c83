package dev.cairn.spark.ml;

import dev.cairn.checkpoint.model.FeatureScales;
import dev.cairn.spark.reading.ModelReader;
import dev.cairn.spark.reading.ModelReading;
import dev.cairn.spark.reading.ReadableModel;
import dev.cairn.spark.trainer.ModelShards;
import org.apache.spark.ml.linalg.SparseVector;
import org.apache.spark.ml.linalg.Vector;
import org.jspecify.annotations.Nullable;

/**
 * Margins by the weights that the executors' shards hold, through the pages that all tasks of a JVM
 * share. Carries the model's name only; where it is, it finds the JVM's reader.
 */
final class SharedMargins implements Margins {
  private static final long serialVersionUID = 1L;

  private final ReadableModel model;
  private final int features;
  private final FeatureScales scales;
  private transient volatile @Nullable ModelReader reader;

  /** The intercept for values as they stand in the data, once a row was seen. */
  private transient volatile @Nullable Double intercept;

  /** The scales of all features, once a dense row was seen: as large as that row. */
  private transient volatile double @Nullable [] dense;

  /**
   * Margins of a model.
   *
   * @param features number of features; the intercept is the row after the last one
   * @param scales how values were standardised
   */
  SharedMargins(ReadableModel model, int features, FeatureScales scales) {
    this.model = model;
    this.features = features;
    this.scales = scales;
  }

  /** What is read. */
  ReadableModel model() {
    return model;
  }

  @Override
  public double margin(Vector vector) {
    ModelReader weights = reader();
    double start = intercept(weights);
    // A stored zero says what an absent entry says: both forms of a row score alike.
    if (vector instanceof SparseVector sparse) {
      return weights.sum(start, sparse.indices(), sparse.values(), scalesOf(sparse.indices()));
    }
    double[] values = vector.toArray();
    return weights.sum(start, values, scalesUpTo(values.length));
  }

  private double intercept(ModelReader weights) {
    Double known = intercept;
    if (known == null) {
      int[] centred = scales.centred();
      float[] theirs = new float[centred.length];
      for (int i = 0; i < centred.length; i++) {
        theirs[i] = weights.weight(centred[i]);
      }
      known = scales.intercept(weights.weight(ModelShards.interceptRow(features)), theirs);
      intercept = known;
    }
    return known;
  }

  private double @Nullable [] scalesOf(int[] ids) {
    if (scales.isEmpty()) {
      return null;
    }
    double[] found = new double[ids.length];
    return scales.find(ids, 0, ids.length, found) ? found : null;
  }

  private double @Nullable [] scalesUpTo(int size) {
    if (scales.isEmpty()) {
      return null;
    }
    double[] known = dense;
    if (known == null) {
      known = new double[size];
      for (int id = 0; id < size; id++) {
        known[id] = scales.scale(id);
      }
      dense = known;
    }
    return known;
  }

  private ModelReader reader() {
    ModelReader known = reader;
    if (known == null || known.closed()) {
      known = ModelReading.current().reader(model);
      reader = known;
    }
    return known;
  }
}
