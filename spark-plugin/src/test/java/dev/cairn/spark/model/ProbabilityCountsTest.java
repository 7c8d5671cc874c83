package dev.cairn.spark.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.checkpoint.model.BinaryFigures;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The figures of test rows, against a plain calculation, however the rows are parted. */
class ProbabilityCountsTest {
  private record Row(double margin, boolean positive) {
    double probability() {
      return 1 / (1 + Math.exp(-margin));
    }
  }

  private static List<Row> rows(int count, double spread, long seed) {
    Random random = new Random(seed);
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      double margin = spread * random.nextGaussian() - 0.5 * spread;
      rows.add(new Row(margin, random.nextDouble() < 1 / (1 + Math.exp(-margin - 0.3))));
    }
    return rows;
  }

  private static ProbabilityCounts counted(List<Row> rows, double threshold) {
    ProbabilityCounts counts = new ProbabilityCounts(new Decision.Odds(threshold));
    rows.forEach(row -> counts.add(row.margin(), row.positive()));
    return counts;
  }

  /** Every pair of rows of different labels is looked at. */
  private static double auc(List<Row> rows) {
    double inOrder = 0;
    double pairs = 0;
    for (Row one : rows) {
      for (Row zero : rows) {
        if (one.positive() && !zero.positive()) {
          pairs++;
          inOrder += one.margin() > zero.margin() ? 1 : one.margin() == zero.margin() ? 0.5 : 0;
        }
      }
    }
    return inOrder / pairs;
  }

  @Test
  void agreesWithAPlainCalculation() {
    for (double spread : new double[] {1e-3, 0.1, 1, 3, 40}) {
      List<Row> rows = rows(2000, spread, 5);
      double threshold = 0.3;
      BinaryFigures figures = counted(rows, threshold).figures();
      double loss = 0;
      long hits = 0;
      long predicted = 0;
      for (Row row : rows) {
        double right = row.positive() ? row.probability() : 1 - row.probability();
        loss -= Math.log(Math.max(right, 1e-15));
        predicted += row.probability() > threshold ? 1 : 0;
        hits += row.probability() > threshold && row.positive() ? 1 : 0;
      }
      assertEquals(loss / rows.size(), figures.logLoss(), 1e-6, "spread " + spread);
      assertEquals(auc(rows), figures.auc().orElseThrow(), 5e-5, "spread " + spread);
      assertEquals(predicted, figures.predicted());
      assertEquals(hits, figures.hits());
      assertEquals(rows.stream().filter(Row::positive).count(), figures.positives());
      assertEquals(rows.size(), figures.rows());
      for (BinaryFigures.Tenth tenth : figures.tenths()) {
        List<Row> like =
            rows.stream()
                .filter(row -> Math.min(9, (int) (row.probability() * 10)) == tenth.number())
                .toList();
        assertEquals(like.size(), tenth.rows());
        assertEquals(
            like.stream().mapToDouble(Row::probability).sum(), tenth.probabilities(), 1e-5);
      }
    }
  }

  /** The same bits in whatever order and parts the rows come. */
  @Test
  void orderAndPartsMakeNoDifference() {
    List<Row> rows = rows(500, 2, 6);
    BinaryFigures expected = counted(rows, 0.5).figures();
    Collections.shuffle(rows, new Random(1));
    ProbabilityCounts all = new ProbabilityCounts(new Decision.Odds(0.5));
    for (int from = 0; from < rows.size(); from += 77) {
      all.addPart(counted(rows.subList(from, Math.min(from + 77, rows.size())), 0.5).part());
    }
    assertEquals(expected, all.figures());
  }

  @Test
  void equalMarginsAreTies() {
    List<Row> rows = List.of(new Row(1, true), new Row(1, false), new Row(1, true));
    assertEquals(OptionalDouble.of(0.5), counted(rows, 0.5).figures().auc());
    List<Row> zeros = List.of(new Row(-0.0, true), new Row(0.0, false));
    assertEquals(OptionalDouble.of(0.5), counted(zeros, 0.5).figures().auc());
    List<Row> ends = List.of(new Row(1e9, true), new Row(-1e9, false), new Row(0, false));
    assertEquals(OptionalDouble.of(1), counted(ends, 0.5).figures().auc());
  }

  @Test
  void whatIsNotDefinedIsEmpty() {
    BinaryFigures oneLabel = counted(List.of(new Row(-1, true)), 0.5).figures();
    assertTrue(oneLabel.auc().isEmpty());
    assertTrue(oneLabel.precision().isEmpty());
    assertEquals(OptionalDouble.of(0), oneLabel.recall());
    assertEquals(OptionalDouble.of(0), oneLabel.f1());
    BinaryFigures broken =
        counted(List.of(new Row(Double.NaN, true), new Row(1, false)), 0.5).figures();
    assertTrue(Double.isNaN(broken.logLoss()) && broken.auc().isEmpty(), broken::toString);
    assertThrows(
        IllegalStateException.class, () -> new ProbabilityCounts(new Decision.Odds(0.5)).figures());
  }
}
