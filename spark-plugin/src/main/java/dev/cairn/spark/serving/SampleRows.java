package dev.cairn.spark.serving;

import dev.cairn.checkpoint.model.ColumnType;
import dev.cairn.checkpoint.model.FeatureDefinition;
import dev.cairn.checkpoint.model.FeatureDefinition.Offset;
import dev.cairn.checkpoint.model.FeatureScales;
import dev.cairn.checkpoint.model.RowHasher;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Makes up rows of a feature definition, with values of the types that columns had in training: for
 * looking at a model of whose data nothing is at hand but the scales of its numeric columns. The
 * values of those lie within two standard deviations of their means, as most of the data did: far
 * from there a good model, too, may answer with no finite number. Stateless.
 */
final class SampleRows {
  private static final int ROWS = 4;

  private SampleRows() {}

  /**
   * A few rows that differ in every column, and one in which all is absent but an offset, and what
   * was hardly ever absent.
   */
  static List<Map<String, @Nullable Object>> of(
      FeatureDefinition definition, FeatureScales scales) {
    RowHasher hasher = new RowHasher(definition);
    Set<String> texts = ServedColumns.texts(definition);
    List<Map<String, @Nullable Object>> rows = new ArrayList<>();
    for (int i = 0; i <= ROWS; i++) {
      Map<String, @Nullable Object> row = new LinkedHashMap<>();
      for (String column : definition.columns()) {
        int number = definition.numeric().indexOf(column);
        int id = number < 0 ? -1 : hasher.id(definition.categorical().size() + number);
        boolean named = id >= 0 && (scales.scale(id) != 1 || scales.mean(id) != 0);
        if (named && scales.scale(id) > 0) {
          row.put(column, scaled(definition, column, i, scales.scale(id), scales.mean(id), texts));
        } else {
          row.put(column, i == ROWS ? null : value(definition, column, i));
        }
      }
      if (definition.offset().isPresent()) {
        Offset offset = definition.offset().get();
        row.put(offset.column(), 0.25 * i);
      }
      rows.add(row);
    }
    return rows;
  }

  private static ColumnType.Kind kind(FeatureDefinition definition, String column) {
    boolean number = definition.numeric().contains(column);
    return definition
        .type(column)
        .map(ColumnType::kind)
        .orElse(number ? ColumnType.Kind.BINARY : ColumnType.Kind.TEXT);
  }

  /** A number of a standardised column; null, in the last row, if 0 is a usual value of it. */
  private static @Nullable Object scaled(
      FeatureDefinition definition,
      String column,
      int row,
      double scale,
      double mean,
      Set<String> texts) {
    if (row == ROWS && Math.abs(mean) <= 2 * scale) {
      return null;
    }
    double value = row == ROWS ? mean : mean + (row - 1.5) * scale;
    return switch (kind(definition, column)) {
      case TEXT -> Double.toString(value);
      case DIGITS, WHOLE -> Math.round(value);
      // As a category, too, it has no more digits than its type.
      case DECIMAL -> texts.contains(column) ? (Number) Math.round(value) : (Number) value;
      default -> value;
    };
  }

  private static @Nullable Object value(FeatureDefinition definition, String column, int row) {
    boolean number = definition.numeric().contains(column);
    return switch (kind(definition, column)) {
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
