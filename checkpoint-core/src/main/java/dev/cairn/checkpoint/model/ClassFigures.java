package dev.cairn.checkpoint.model;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * How good a model is that predicts one of several classes.
 *
 * @param loss mean a row
 * @param auc area under the ROC curve, for two classes of which one has the greater margins; else
 *     empty, and when all rows are of one class
 * @param classes what became of the rows of each class, by its number
 */
public record ClassFigures(double loss, OptionalDouble auc, List<OfClass> classes)
    implements TestFigures {

  /**
   * One class.
   *
   * @param rows how many are of it
   * @param predicted how many are predicted to be of it
   * @param hits how many are both
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

    /** Twice the hits among what is of the class and what is predicted to be; 0 without hits. */
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

  /**
   * The mean of the classes' F1, each weighing as much as it has rows, as MLlib's evaluator has it.
   */
  public double f1() {
    double sum = 0;
    for (OfClass one : classes) {
      sum += one.rows() * one.f1();
    }
    return sum / rows();
  }
}
