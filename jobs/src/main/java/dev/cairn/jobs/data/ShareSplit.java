package dev.cairn.jobs.data;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.shiftrightunsigned;
import static org.apache.spark.sql.functions.xxhash64;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructField;

/**
 * Draws a share of the rows by a seed and their content: the same whatever the order of rows and
 * columns and however files are split. Equal rows go to the same side.
 */
final class ShareSplit {
  /** The bits of the hash that count: as many as a double's fraction has. */
  private static final int BITS = 53;

  private ShareSplit() {}

  /** The share that {@code text} means; empty if it is not a number. */
  static Optional<Double> share(String text) {
    try {
      return Optional.of(Double.parseDouble(text));
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  /**
   * Whether a row of {@code input} is drawn.
   *
   * @param share between 0 and 1
   * @param name the draw's name: draws of different names are independent
   */
  static Column drawn(Dataset<Row> input, double share, long seed, String name) {
    List<Column> hashed = new ArrayList<>(List.of(lit(seed), lit(name)));
    Arrays.stream(input.schema().fields())
        .filter(field -> !field.name().startsWith(InputReader.RESERVED))
        .sorted(Comparator.comparing(StructField::name))
        .forEach(field -> hashed.add(hashable(field)));
    Column hash = xxhash64(hashed.toArray(Column[]::new));
    return shiftrightunsigned(hash, Long.SIZE - BITS)
        .cast("double")
        .lt(share * StrictMath.scalb(1.0, BITS));
  }

  /**
   * A column that Spark can hash: it hashes no maps, since equal ones may differ in their order.
   */
  private static Column hashable(StructField field) {
    Column column = col(FeaturePlan.quoted(field.name()));
    boolean plain = !field.dataType().catalogString().matches(".*\\b(map|variant)\\b.*");
    return plain ? column : column.cast("string");
  }
}
