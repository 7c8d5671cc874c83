package dev.cairn.checkpoint.model;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * Figures of the quality of a model that predicts a number.
 *
 * @param rows the number of rows that were judged
 * @param loss the mean loss of the rows
 * @param meanSquaredError the mean squared error of the predictions
 * @param meanAbsoluteError the mean absolute error of the predictions
 * @param r2 the share of the labels' variance that the predictions explain; empty when all labels
 *     are the same
 */
public record NumberFigures(
    long rows, double loss, double meanSquaredError, double meanAbsoluteError, OptionalDouble r2)
    implements TestFigures {

  @Override
  public Map<String, Object> fields() {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("rows", rows);
    fields.put("loss", loss);
    fields.put("meanSquaredError", meanSquaredError);
    fields.put("meanAbsoluteError", meanAbsoluteError);
    r2.ifPresent(share -> fields.put("r2", share));
    return fields;
  }

  /** The square root of the mean squared error, in the unit of labels. */
  public double rootMeanSquaredError() {
    return Math.sqrt(meanSquaredError);
  }
}
