package dev.cairn.spark.ml;

import dev.cairn.checkpoint.model.TestFigures;
import dev.cairn.spark.columns.Columns;
import dev.cairn.spark.model.Model;
import dev.cairn.spark.model.TestCounter;
import dev.cairn.spark.scoring.RowScores;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;

/**
 * Judges one or two models on the same rows, and on slices of them, in any JVM that it is sent to.
 *
 * @param judges of the model, and of the earlier one after it if there is one
 * @param slices the number of columns that slice the rows
 */
record ComparedRows(List<TestRows> judges, int slices) implements Serializable {
  private static final int DEPTH = 2;
  private static final int MOST_SLICES = 100_000;
  private static final int LABEL = 0;
  private static final int FEATURES = 1;
  private static final int OFFSET = 2;
  private static final int FIRST_SLICE = 3;

  /** The counts of some rows; Kryo can fill it. */
  static final class Part implements Serializable {
    private static final long serialVersionUID = 1L;

    /** The counts of each model; null before any row was counted. */
    private long[][] counts = new long[0][];

    private double[] losses = new double[0];
    private long rows;

    /** By column: the number of rows, then the sum of each model's losses, by value. */
    private final ArrayList<HashMap<String, double[]>> slices = new ArrayList<>();
  }

  static ModelComparison compare(
      Optional<CairnModel<?>> earlier, CairnModel<?> model, Dataset<?> rows, List<String> columns) {
    double threshold = threshold(model);
    List<TestRows> judges = new ArrayList<>();
    judges.add(judge(model, model, threshold));
    earlier.ifPresent(other -> judges.add(judge(other, model, threshold)));
    Columns.Found features = Columns.features(rows.schema(), model.getFeaturesCol());
    model.state().checkTypes(features.field());
    earlier.ifPresent(other -> other.state().checkTypes(features.field()));
    List<Column> wanted = new ArrayList<>();
    wanted.add(Columns.label(rows.schema(), model.getLabelCol()).column().cast("double"));
    wanted.add(features.column());
    wanted.add(Scoring.offset(model, rows.schema()).orElse(functions.lit(0.0)));
    for (String name : columns) {
      Column text = Columns.find(rows.schema(), name).column().cast("string");
      wanted.add(functions.coalesce(text, functions.lit("(null)")));
    }
    ComparedRows compared = new ComparedRows(List.copyOf(judges), columns.size());
    Part all =
        rows.select(wanted.toArray(Column[]::new))
            .javaRDD()
            .mapPartitions(compared::counted)
            .treeAggregate(new Part(), compared::sum, compared::sum, DEPTH);
    return compared.result(all, columns);
  }

  private static TestRows judge(CairnModel<?> of, CairnModel<?> columns, double threshold) {
    ModelState state = of.state();
    RowScores scores =
        new RowScores(
            state.shared(),
            state.model().decision(threshold),
            columns.getFeaturesCol(),
            columns.getOffsetCol(),
            state.features());
    return new TestRows(state.model(), scores, threshold, columns.getLabelCol());
  }

  /** The threshold by which a model's own figures are made. */
  private static double threshold(CairnModel<?> of) {
    if (of instanceof LogisticRegressionModel logistic) {
      return logistic.numClasses() == 2 ? logistic.getThreshold() : 0;
    }
    if (of instanceof FMClassificationModel machine) {
      return machine.getThreshold();
    }
    return of instanceof LinearSVCModel machine ? machine.getThreshold() : 0;
  }

  private TestCounter counter(int judge) {
    TestRows of = judges.get(judge);
    Model model = of.model();
    return model.counter(of.threshold());
  }

  private Iterator<Part> counted(Iterator<Row> rows) {
    Part part = new Part();
    int models = judges.size();
    List<TestCounter> counters = new ArrayList<>();
    double[][] margins = new double[models][];
    for (int j = 0; j < models; j++) {
      counters.add(counter(j));
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
      for (int j = 0; j < models; j++) {
        Vector features = (Vector) row.get(FEATURES);
        losses[j] = judges.get(j).scores().loss(features, offset, label, margins[j]);
        counters.get(j).add(margins[j], 0, label);
        part.losses[j] += losses[j];
      }
      part.rows++;
      for (int s = 0; s < slices; s++) {
        double[] sums =
            part.slices
                .get(s)
                .computeIfAbsent(row.getString(FIRST_SLICE + s), value -> new double[1 + models]);
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

  private Part sum(Part one, Part other) {
    if (one.counts.length == 0) {
      return other;
    }
    if (other.counts.length == 0) {
      return one;
    }
    for (int j = 0; j < judges.size(); j++) {
      TestCounter counter = counter(j);
      counter.addPart(one.counts[j]);
      counter.addPart(other.counts[j]);
      one.counts[j] = counter.part();
      one.losses[j] += other.losses[j];
    }
    one.rows += other.rows;
    for (int s = 0; s < slices; s++) {
      Map<String, double[]> into = one.slices.get(s);
      other.slices.get(s).forEach((value, sums) -> into.merge(value, sums, ComparedRows::added));
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

  private static void check(Part part) {
    int found = part.slices.stream().mapToInt(Map::size).sum();
    if (found > MOST_SLICES) {
      throw new IllegalArgumentException(
          "Cannot compare models by slices: expected columns of at most "
              + MOST_SLICES
              + " values in all, found more; choose a column of fewer values");
    }
  }

  private ModelComparison result(Part all, List<String> columns) {
    if (all.rows == 0) {
      throw new IllegalStateException("Cannot judge a model: expected rows, found none");
    }
    SortedMap<String, SortedMap<String, ModelComparison.Slice>> bySlice = new TreeMap<>();
    for (int s = 0; s < slices; s++) {
      SortedMap<String, ModelComparison.Slice> values = new TreeMap<>();
      all.slices
          .get(s)
          .forEach(
              (value, sums) ->
                  values.put(
                      value,
                      new ModelComparison.Slice(
                          (long) sums[0],
                          judges.size() > 1 ? sums[2] / sums[0] : Double.NaN,
                          sums[1] / sums[0])));
      bySlice.put(columns.get(s), values);
    }
    Optional<TestFigures> before =
        judges.size() > 1 ? Optional.of(figures(all, 1)) : Optional.empty();
    return new ModelComparison(before, figures(all, 0), bySlice);
  }

  private TestFigures figures(Part all, int judge) {
    TestCounter counter = counter(judge);
    counter.addPart(all.counts[judge]);
    return counter.figures(all.losses[judge] / all.rows);
  }
}
