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
import org.apache.spark.sql.functions;

/** Judges one or two models on the columns that the newer one reads. Stateless. */
final class ComparedRows {
  private ComparedRows() {}

  static ModelComparison compare(
      Optional<CairnModel<?>> earlier, CairnModel<?> model, Dataset<?> rows, List<String> columns) {
    List<RowJudge> judges = new ArrayList<>();
    judges.add(judge(model, model));
    earlier.ifPresent(other -> judges.add(judge(other, model)));
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
    JudgedRows judged = new JudgedRows(judges, columns.size());
    JudgedRows.Counts all = judged.count(rows.select(wanted.toArray(Column[]::new)));
    return new ModelComparison(
        earlier.map(other -> judged.figures(all, 1)),
        judged.figures(all, 0),
        slices(all, columns, earlier.isPresent()));
  }

  private static RowJudge judge(CairnModel<?> of, CairnModel<?> columns) {
    ModelState state = of.state();
    double threshold = columns.decisionThreshold();
    RowScores scores =
        new RowScores(
            state.shared(),
            state.model().decision(threshold),
            columns.getFeaturesCol(),
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
