package dev.cairn.spark.serving;

import dev.cairn.checkpoint.model.ColumnType;
import dev.cairn.checkpoint.model.FeatureDefinition;
import dev.cairn.checkpoint.model.FeatureDefinition.Offset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Makes up rows of a feature definition, with values of the types that columns had in training: for
 * looking at a model of whose data nothing is at hand. Stateless.
 */
final class SampleRows {
  private static final int ROWS = 4;

  private SampleRows() {}

  /** A few rows that differ in every column, and one in which all is absent but an offset. */
  static List<Map<String, @Nullable Object>> of(FeatureDefinition definition) {
    List<Map<String, @Nullable Object>> rows = new ArrayList<>();
    for (int i = 0; i <= ROWS; i++) {
      Map<String, @Nullable Object> row = new LinkedHashMap<>();
      for (String column : definition.columns()) {
        row.put(column, i == ROWS ? null : value(definition, column, i));
      }
      if (definition.offset().isPresent()) {
        Offset offset = definition.offset().get();
        row.put(offset.column(), 0.25 * i);
      }
      rows.add(row);
    }
    return rows;
  }

  private static @Nullable Object value(FeatureDefinition definition, String column, int row) {
    boolean number = definition.numeric().contains(column);
    ColumnType.Kind kind =
        definition
            .type(column)
            .map(ColumnType::kind)
            .orElse(number ? ColumnType.Kind.BINARY : ColumnType.Kind.TEXT);
    return switch (kind) {
      case TEXT -> number ? Integer.toString(row) : "sample " + row;
      case DIGITS, WHOLE, DECIMAL -> row;
      case BINARY -> row + 0.5;
      case BOOLEAN -> row % 2 == 0;
      case DATE -> "2001-06-0" + (row + 1);
      case TIME -> "2001-06-01 18:30:0" + row;
      case OTHER -> null;
    };
  }
}
