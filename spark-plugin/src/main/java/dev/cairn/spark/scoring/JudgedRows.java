package dev.cairn.spark.scoring;

import dev.cairn.checkpoint.model.TestFigures;
import dev.cairn.spark.model.TestCounter;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Judges models on the same rows, and on slices of them, by one pass in the executors. A row's
 * columns are label, offset, the features, then the text of each slice.
 *
 * @param judges one a model
 * @param vectors the number of columns of features: one that all models have, or one for each
 * @param slices the number of columns that slice the rows
 */
public record JudgedRows(List<RowJudge> judges, int vectors, int slices) implements Serializable {
  /**
   * The depth of the tree in which parts of the counts are added before they come to the driver.
   */
  private static final int DEPTH = 2;

  private static final int MOST_SLICES = 100_000;
  private static final int LABEL = 0;
  private static final int OFFSET = 1;
  private static final int FEATURES = 2;

  /** What was counted on some rows. Not thread-safe. */
  public static final class Counts implements Serializable {
    private static final long serialVersionUID = 1L;

    /** The counts of each model; of no model before any row was counted. */
    private long[][] counts = new long[0][];

    private double[] losses = new double[0];
    private long rows;

    /** By column: the number of rows, then the sum of each model's losses, by value. */
    private final ArrayList<HashMap<String, double[]>> slices = new ArrayList<>();

    /** The number of rows. */
    public long rows() {
      return rows;
    }

    /**
     * The slices of a column.
     *
     * @return by value: the number of rows, then the sum of each model's losses
     */
    public Map<String, double[]> slices(int column) {
      return slices.get(column);
    }
  }

  /** Copies the judges, and checks that each has features. */
  public JudgedRows {
    judges = List.copyOf(judges);
    if (vectors != 1 && vectors != judges.size()) {
      throw new IllegalArgumentException(
          "Cannot judge models: expected one column of features or "
              + judges.size()
              + ", found "
              + vectors);
    }
  }

  /**
   * Counts. Sums of numbers that are not whole may differ in their last digits from one call to the
   * next, as tasks come to their ends.
   *
   * @throws IllegalStateException if there are no rows
   */
  public Counts count(Dataset<Row> rows) {
    Counts all =
        rows.javaRDD()
            .mapPartitions(this::counted)
            .treeAggregate(new Counts(), this::sum, this::sum, DEPTH);
    if (all.rows == 0) {
      throw new IllegalStateException("Cannot judge a model: expected rows, found none");
    }
    return all;
  }

  /**
   * The figures of a model.
   *
   * @param judge its place among the judges
   */
  public TestFigures figures(Counts all, int judge) {
    TestCounter counter = judges.get(judge).counter();
    counter.addPart(all.counts[judge]);
    return counter.figures(all.losses[judge] / all.rows);
  }

  private Iterator<Counts> counted(Iterator<Row> rows) {
    Counts part = new Counts();
    int models = judges.size();
    List<TestCounter> counters = new ArrayList<>();
    double[][] margins = new double[models][];
    for (int j = 0; j < models; j++) {
      counters.add(judges.get(j).counter());
      margins[j] = new double[judges.get(j).scores().margins().outputs()];
    }
    part.losses = new double[models];
    for (int s = 0; s < slices; s++) {
      part.slices.add(new HashMap<>());
    }
    double[] losses = new double[models];
    while (rows.hasNext()) {
      Row row = rows.next();
      double label = judges.get(0).checked(row.isNullAt(LABEL) ? null : row.getDouble(LABEL));
      Double offset = row.isNullAt(OFFSET) ? null : row.getDouble(OFFSET);
      Vector features = (Vector) row.get(FEATURES);
      for (int j = 0; j < models; j++) {
        features = j > 0 && j < vectors ? (Vector) row.get(FEATURES + j) : features;
        losses[j] = judges.get(j).scores().loss(features, offset, label, margins[j]);
        counters.get(j).add(margins[j], 0, label);
        part.losses[j] += losses[j];
      }
      part.rows++;
      for (int s = 0; s < slices; s++) {
        double[] sums =
            part.slices
                .get(s)
                .computeIfAbsent(
                    row.getString(FEATURES + vectors + s), value -> new double[1 + models]);
        sums[0]++;
        for (int j = 0; j < models; j++) {
          sums[1 + j] += losses[j];
        }
      }
    }
    part.counts = counters.stream().map(TestCounter::part).toArray(long[][]::new);
    check(part);
    return List.of(part).iterator();
  }

  private Counts sum(Counts one, Counts other) {
    if (one.counts.length == 0) {
      return other;
    }
    if (other.counts.length == 0) {
      return one;
    }
    for (int j = 0; j < judges.size(); j++) {
      TestCounter counter = judges.get(j).counter();
      counter.addPart(one.counts[j]);
      counter.addPart(other.counts[j]);
      one.counts[j] = counter.part();
      one.losses[j] += other.losses[j];
    }
    one.rows += other.rows;
    for (int s = 0; s < slices; s++) {
      Map<String, double[]> into = one.slices.get(s);
      other.slices.get(s).forEach((value, sums) -> into.merge(value, sums, JudgedRows::added));
    }
    check(one);
    return one;
  }

  private static double[] added(double[] to, double[] more) {
    for (int i = 0; i < to.length; i++) {
      to[i] += more[i];
    }
    return to;
  }

  private static void check(Counts part) {
    int found = part.slices.stream().mapToInt(Map::size).sum();
    if (found > MOST_SLICES) {
      throw new IllegalArgumentException(
          "Cannot compare models by slices: expected columns of at most "
              + MOST_SLICES
              + " values in all, found more; choose a column of fewer values");
    }
  }
}
