package dev.cairn.spark.columns;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.cairn.checkpoint.model.FeatureDefinition;
import dev.cairn.checkpoint.model.RowHasher;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.api.java.UDF1;
import org.jspecify.annotations.Nullable;

/**
 * The function from a row of texts and numbers to its feature vector: the columns are {@link
 * RowHasher#texts} and {@link RowHasher#numbers}, in this order. Every task has a copy of its own,
 * so its lock is free; only queries over rows in the driver share one.
 */
public final class HashRow implements UDF1<Row, Vector> {
  private static final long serialVersionUID = 1L;

  private final String[] categorical;
  private final String[] numeric;
  private final String[][] crosses;
  private final int size;

  @GuardedBy("this")
  private transient @Nullable RowHasher hasher;

  /** The function of a definition, derived columns left out. */
  public HashRow(FeatureDefinition definition) {
    categorical = definition.categorical().toArray(String[]::new);
    numeric = definition.numeric().toArray(String[]::new);
    crosses =
        definition.crosses().stream()
            .map(cross -> cross.toArray(String[]::new))
            .toArray(String[][]::new);
    size = definition.size();
  }

  /** Makes a hasher of these columns. */
  public RowHasher newHasher() {
    return new RowHasher(
        new FeatureDefinition(
            List.of(),
            List.of(categorical),
            List.of(numeric),
            Arrays.stream(crosses).map(List::of).toList(),
            size,
            Optional.empty(),
            FeatureDefinition.Nulls.ABSENT));
  }

  /** Hands the columns of a row to a hasher. */
  public static void set(RowHasher hasher, Row row) {
    int texts = hasher.texts().size();
    for (int i = 0; i < texts; i++) {
      hasher.text(i, row.isNullAt(i) ? null : row.getString(i));
    }
    for (int i = 0; i < hasher.numbers().size(); i++) {
      if (row.isNullAt(texts + i)) {
        hasher.noNumber(i);
      } else {
        hasher.number(i, row.getDouble(texts + i));
      }
    }
  }

  @Override
  public synchronized Vector call(Row row) {
    RowHasher present = hasher;
    if (present == null) {
      present = newHasher();
      hasher = present;
    }
    set(present, row);
    present.hash();
    int count = present.count();
    return Vectors.sparse(
        size, Arrays.copyOf(present.ids(), count), Arrays.copyOf(present.values(), count));
  }
}
