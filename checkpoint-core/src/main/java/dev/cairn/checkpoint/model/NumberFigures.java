package dev.cairn.checkpoint.model;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * How good a model is that predicts a number.
 *
 * @param rows how many were judged
 * @param loss mean a row
 * @param meanSquaredError of the predictions
 * @param meanAbsoluteError of the predictions
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
