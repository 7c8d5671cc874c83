package dev.cairn.spark.columns;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.cairn.checkpoint.model.RowHasher;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.api.java.UDF1;
import org.jspecify.annotations.Nullable;

/**
 * The function from a row of texts and numbers, as {@link HashRow} takes it, to the names of those
 * of its features that fall into some places: {@code id:name}.
 */
public final class NameRow implements UDF1<Row, List<String>> {
  private static final long serialVersionUID = 1L;

  private final HashRow columns;
  private final int[] wanted;

  @GuardedBy("this")
  private transient @Nullable RowHasher hasher;

  /**
   * Makes the function for the features of some places.
   *
   * @param wanted the places, ascending
   */
  public NameRow(HashRow columns, int[] wanted) {
    this.columns = columns;
    this.wanted = wanted.clone();
  }

  @Override
  public synchronized List<String> call(Row row) {
    RowHasher present = hasher;
    if (present == null) {
      present = columns.newHasher();
      hasher = present;
    }
    HashRow.set(present, row);
    List<String> names = new ArrayList<>();
    for (int feature = 0; feature < present.features(); feature++) {
      String name = present.name(feature);
      if (name != null) {
        int id = present.id(feature);
        if (Arrays.binarySearch(wanted, id) >= 0) {
          names.add(id + ":" + name);
        }
      }
    }
    return names;
  }
}
