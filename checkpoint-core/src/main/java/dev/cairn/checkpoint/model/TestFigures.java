package dev.cairn.checkpoint.model;

import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** Figures of the quality of a model on rows that it was not trained on, each row counting once. */
public sealed interface TestFigures permits BinaryFigures, ClassFigures, NumberFigures {
  /** The number of rows that were judged. */
  long rows();

  /** The model's own loss, the mean of a row; not a finite number if the model has diverged. */
  double loss();

  /**
   * The figures by the names that manifests and {@code metrics.json} have for them, in their order:
   * whole numbers, doubles, and lists of such maps. Figures that are not defined are left out.
   */
  Map<String, Object> fields();

  /** Those of {@link #fields} that are single numbers, {@code rows} among them. */
  default SortedMap<String, Double> numbers() {
    SortedMap<String, Double> numbers = new TreeMap<>();
    fields()
        .forEach(
            (name, value) -> {
              if (value instanceof Number number) {
                numbers.put(name, number.doubleValue());
              }
            });
    return numbers;
  }
}
