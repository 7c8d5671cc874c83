package dev.cairn.jobs.data;

import static org.apache.spark.sql.functions.max;

import dev.cairn.jobs.config.TrainConf;
import java.util.Iterator;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.ml.attribute.AttributeGroup;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.Metadata;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * Reads libsvm as a table of {@code label} and {@code features}. Spark's own reader takes neither
 * tabs nor comments after a row, and does not name the line that it failed on.
 */
final class LibsvmInput {
  private LibsvmInput() {}

  static Dataset<Row> read(SparkSession spark, TrainConf conf) {
    Dataset<String> lines =
        InputPaths.reader(spark, conf)
            .text(InputPaths.input(spark, conf))
            .select("value")
            .as(Encoders.STRING());
    int features = conf.get(TrainConf.INPUT_FEATURES);
    if (features == 0) {
      features = Math.max(1, lastIndex(lines));
    }
    int size = features;
    MapPartitionsFunction<String, Row> parse = split -> new Rows(split, size);
    return lines.mapPartitions(parse, Encoders.row(schema(size)));
  }

  private static StructType schema(int features) {
    Metadata size = new AttributeGroup(CheckedRows.FEATURES, features).toMetadata();
    return new StructType()
        .add(CheckedRows.LABEL, DataTypes.DoubleType, true)
        .add(new StructField(CheckedRows.FEATURES, SQLDataTypes.VectorType(), true, size))
        .add(InputReader.MALFORMED, DataTypes.StringType, true);
  }

  private static int lastIndex(Dataset<String> lines) {
    MapPartitionsFunction<String, Integer> last =
        split -> {
          LibsvmLine line = new LibsvmLine(0);
          int found = 0;
          while (split.hasNext()) {
            found = line.read(split.next()) ? Math.max(found, line.lastIndex()) : found;
          }
          return java.util.List.of(found).iterator();
        };
    Dataset<Integer> found = lines.mapPartitions(last, Encoders.INT());
    Row row = found.agg(max("value")).first();
    return row.isNullAt(0) ? 0 : row.getInt(0);
  }

  /** Rows of lines; those without anything in them are left out. */
  private static final class Rows implements Iterator<Row> {
    private final Iterator<String> lines;
    private final LibsvmLine line;
    private String text = "";
    private boolean ready;

    Rows(Iterator<String> lines, int features) {
      this.lines = lines;
      this.line = new LibsvmLine(features);
    }

    @Override
    public boolean hasNext() {
      while (!ready && lines.hasNext()) {
        text = lines.next();
        ready = line.read(text);
      }
      return ready;
    }

    @Override
    public Row next() {
      if (!hasNext()) {
        throw new java.util.NoSuchElementException();
      }
      ready = false;
      return line.problem() == null
          ? RowFactory.create(line.label(), line.vector(), null)
          : RowFactory.create(null, null, text);
    }
  }
}
