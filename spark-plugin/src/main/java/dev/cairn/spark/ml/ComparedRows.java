package dev.cairn.spark.ml;

import dev.cairn.spark.columns.Columns;
import dev.cairn.spark.scoring.JudgedRows;
import dev.cairn.spark.scoring.RowJudge;
import dev.cairn.spark.scoring.RowScores;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;

/**
 * Judges one or two models on the labels and offsets that the newer one reads, each by its own
 * features. Stateless.
 */
final class ComparedRows {
  private ComparedRows() {}

  static ModelComparison compare(
      Optional<CairnModel<?>> earlier,
      CairnModel<?> model,
      Dataset<?> given,
      List<String> columns) {
    String name = model.getFeaturesCol();
    OwnFeatures own = new OwnFeatures(given.toDF(), name);
    if (earlier.isPresent()) {
      own = OwnFeatures.of(earlier.get(), own, model.state().found().definition());
    }
    Dataset<Row> rows = own.rows();
    List<RowJudge> judges = new ArrayList<>();
    judges.add(judge(model, model, name));
    List<Column> wanted = new ArrayList<>();
    wanted.add(Columns.label(rows.schema(), model.getLabelCol()).column().cast("double"));
    wanted.add(Scoring.offset(model, rows.schema()).orElse(functions.lit(0.0)));
    wanted.add(features(model, rows, name));
    boolean apart = !own.column().equals(name);
    if (earlier.isPresent()) {
      judges.add(judge(earlier.get(), model, own.column()));
      Column features = features(earlier.get(), rows, own.column());
      if (apart) {
        wanted.add(features);
      }
    }
    for (String slice : columns) {
      Column text = Columns.find(rows.schema(), slice).column().cast("string");
      wanted.add(functions.coalesce(text, functions.lit("(null)")));
    }
    JudgedRows judged = new JudgedRows(judges, apart ? 2 : 1, columns.size());
    JudgedRows.Counts all = judged.count(rows.select(wanted.toArray(Column[]::new)));
    return new ModelComparison(
        earlier.map(other -> judged.figures(all, 1)),
        judged.figures(all, 0),
        slices(all, columns, earlier.isPresent()));
  }

  private static Column features(CairnModel<?> model, Dataset<Row> rows, String name) {
    Columns.Found found = Columns.features(rows.schema(), name);
    model.state().checkTypes(found.field());
    return found.column();
  }

  private static RowJudge judge(CairnModel<?> of, CairnModel<?> columns, String features) {
    ModelState state = of.state();
    double threshold = columns.decisionThreshold();
    RowScores scores =
        new RowScores(
            state.shared(),
            state.model().decision(threshold),
            features,
            columns.getOffsetCol(),
            state.features());
    return new RowJudge(state.model(), scores, threshold, columns.getLabelCol());
  }

  private static SortedMap<String, SortedMap<String, ModelComparison.Slice>> slices(
      JudgedRows.Counts all, List<String> columns, boolean both) {
    SortedMap<String, SortedMap<String, ModelComparison.Slice>> byColumn = new TreeMap<>();
    for (int s = 0; s < columns.size(); s++) {
      SortedMap<String, ModelComparison.Slice> values = new TreeMap<>();
      all.slices(s)
          .forEach(
              (value, sums) ->
                  values.put(
                      value,
                      new ModelComparison.Slice(
                          (long) sums[0],
                          both ? sums[2] / sums[0] : Double.NaN,
                          sums[1] / sums[0])));
      byColumn.put(columns.get(s), values);
    }
    return byColumn;
  }
}
