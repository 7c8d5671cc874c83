package dev.cairn.spark.model;

import dev.cairn.checkpoint.model.FeatureScales;
import dev.cairn.spark.data.Batch;
import dev.cairn.spark.data.LabelKind;
import dev.cairn.spark.data.OneRow;
import org.jspecify.annotations.Nullable;

/**
 * Scores one row after another with a model's kernel, whatever the source of the parameters'
 * values. A row has the scores, bit for bit, that judging gives it in a batch of many. It allocates
 * nothing for a row that is not larger than those before. Not thread-safe.
 */
public final class RowScorer {
  private final Parameters parameters;
  private final OneRow row;
  private final LabelKind labels;
  private final Kernel kernel;
  private final RowSet at;
  private float[] values = new float[0];
  private @Nullable Batch last;

  /** The source of the parameters' values. */
  @FunctionalInterface
  public interface Parameters {
    /**
     * Reads rows of parameters.
     *
     * @param rows global rows, ascending, the first {@code count} places
     * @param into receives their numbers, row after row
     */
    void read(int[] rows, int count, float[] into);
  }

  /**
   * Makes a scorer for one thread.
   *
   * @param scales the scales of the model's features
   */
  public RowScorer(Model model, FeatureScales scales, Parameters parameters) {
    this.parameters = parameters;
    this.row = new OneRow(scales, model.inputs());
    this.labels = model.labels();
    this.kernel = model.kernel();
    this.at = new RowSet(model.layout());
  }

  /**
   * Scores a row of some features; the others are 0.
   *
   * @param features the features, ascending, the first {@code count} places
   * @param numbers their values, at the same places
   * @param offset the row's offset; 0 for none
   * @param scores receives the model's {@link Kernel#outputs}
   */
  public void scores(int[] features, double[] numbers, int count, double offset, double[] scores) {
    scores(row.of(features, numbers, count, offset), scores);
  }

  /**
   * Scores a row of all features.
   *
   * @param numbers the values of the features from 0 on
   * @param offset the row's offset; 0 for none
   * @param scores receives the model's {@link Kernel#outputs}
   */
  public void scores(double[] numbers, double offset, double[] scores) {
    scores(row.of(numbers, offset), scores);
  }

  /**
   * The loss of the row that was scored last, with the bits that judging gives it.
   *
   * @param label the row's label
   * @throws IllegalStateException if no row was scored
   */
  public double loss(double label) {
    Batch batch = last;
    if (batch == null) {
      throw new IllegalStateException("the loss is that of a row which was scored");
    }
    row.label(labels, label);
    return kernel.loss(batch, at, values);
  }

  private void scores(Batch batch, double[] scores) {
    last = batch;
    at.fill(kernel, batch);
    values = at.room(values);
    parameters.read(at.rows(), at.count(), values);
    kernel.scores(batch, at, values, scores);
  }
}
