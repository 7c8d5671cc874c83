package dev.cairn.checkpoint.model;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * Figures of the quality of a model that predicts one of several classes.
 *
 * @param loss the mean loss of the rows
 * @param auc area under the ROC curve, for two classes of which one has the greater margins; else
 *     empty, and when all rows are of one class
 * @param classes the counts of each class, by its number
 */
public record ClassFigures(double loss, OptionalDouble auc, List<OfClass> classes)
    implements TestFigures {

  /**
   * The counts of one class.
   *
   * @param rows the number of rows of the class
   * @param predicted the number of rows that are predicted to be of it
   * @param hits the number of rows that are both
   */
  public record OfClass(long rows, long predicted, long hits) {
    /** Checks the numbers. */
    public OfClass {
      if (hits < 0 || hits > Math.min(rows, predicted)) {
        throw new IllegalArgumentException(
            "Cannot describe a class: "
                + List.of(rows, predicted, hits)
                + " rows, predicted, hits");
      }
    }

    private Map<String, Object> fields() {
      Map<String, Object> fields = new LinkedHashMap<>();
      fields.put("rows", rows);
      fields.put("predicted", predicted);
      fields.put("hits", hits);
      return fields;
    }

    /**
     * The F1 score: twice the hits, divided by the sum of rows and predicted rows; 0 without hits.
     */
    public double f1() {
      return hits == 0 ? 0 : 2.0 * hits / (rows + predicted);
    }
  }

  /** Copies the list. */
  public ClassFigures {
    classes = List.copyOf(classes);
  }

  @Override
  public long rows() {
    return classes.stream().mapToLong(OfClass::rows).sum();
  }

  @Override
  public Map<String, Object> fields() {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("rows", rows());
    fields.put("loss", loss);
    fields.put("accuracy", accuracy());
    fields.put("f1", f1());
    auc.ifPresent(area -> fields.put("auc", area));
    fields.put("classes", classes.stream().map(OfClass::fields).toList());
    return fields;
  }

  /** The share of rows whose class is the predicted one. */
  public double accuracy() {
    return (double) classes.stream().mapToLong(OfClass::hits).sum() / rows();
  }

  /** The mean of the classes' F1, weighted by their rows, as MLlib's evaluator computes it. */
  public double f1() {
    double sum = 0;
    for (OfClass one : classes) {
      sum += one.rows() * one.f1();
    }
    return sum / rows();
  }
}
