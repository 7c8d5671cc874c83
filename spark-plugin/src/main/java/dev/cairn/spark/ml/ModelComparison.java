package dev.cairn.spark.ml;

import dev.cairn.checkpoint.model.TestFigures;
import dev.cairn.spark.columns.Columns;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.spark.sql.Dataset;

/**
 * The figures of a model, and of an earlier one, on the same rows.
 *
 * @param before those of the earlier model; empty without one
 * @param after those of the model
 * @param slices the losses by column and its value as text; a null is {@code (null)}
 */
public record ModelComparison(
    Optional<TestFigures> before,
    TestFigures after,
    SortedMap<String, SortedMap<String, Slice>> slices) {

  /**
   * The losses on the rows that have one value in a column.
   *
   * @param rows their number
   * @param before the mean loss of the earlier model; NaN without one
   * @param after the mean loss of the model
   */
  public record Slice(long rows, double before, double after) {}

  /** Copies the slices. */
  public ModelComparison {
    TreeMap<String, SortedMap<String, Slice>> copy = new TreeMap<>();
    slices.forEach(
        (column, values) ->
            copy.put(
                column,
                Collections.unmodifiableSortedMap(new TreeMap<>((Map<String, Slice>) values))));
    slices = Collections.unmodifiableSortedMap(copy);
  }

  /**
   * Compares two models by one pass over the rows, each counting once whatever its weight. Both are
   * judged by the threshold of the second one, and each by its own features: where those of the
   * earlier one are made otherwise, the rows have them in another column, or the columns that they
   * are made of. Sums of numbers that are not whole may differ in their last digits from one call
   * to the next, as tasks come to their ends.
   *
   * @param earlier of the same labels; empty to judge one model alone
   * @param model whose columns of features, labels and offsets are read
   * @param rows that neither model was trained on
   * @param columns that slice the rows, such as {@code origin}; of at most 100,000 values in all
   * @throws IllegalArgumentException for columns that are missing or of the wrong type, or too many
   *     slices
   * @throws IllegalStateException if there are no rows
   */
  public static ModelComparison of(
      Optional<CairnModel<?>> earlier, CairnModel<?> model, Dataset<?> rows, List<String> columns) {
    return ComparedRows.compare(earlier, model, rows, columns);
  }

  /**
   * Checks, before a model is trained, that {@link #of} finds the features of the earlier one.
   *
   * @param features the column of the features of both, or of the newer one
   * @param train the rows that the newer one is trained on
   * @param rows to compare by
   * @throws IllegalArgumentException if they are not there, and cannot be made
   */
  public static void check(
      CairnModel<?> earlier, String features, Dataset<?> train, Dataset<?> rows) {
    Columns.Found newer = Columns.features(train.schema(), features);
    OwnFeatures unused =
        OwnFeatures.of(
            earlier,
            new OwnFeatures(rows.toDF(), features),
            FeatureEncoder.definition(newer.field()));
  }
}
