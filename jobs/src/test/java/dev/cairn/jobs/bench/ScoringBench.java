package dev.cairn.jobs.bench;

import dev.cairn.checkpoint.CheckpointFolder;
import dev.cairn.checkpoint.FolderOptions;
import dev.cairn.checkpoint.PendingCheckpoint;
import dev.cairn.checkpoint.ShardWriter;
import dev.cairn.checkpoint.model.DType;
import dev.cairn.checkpoint.model.DataPosition;
import dev.cairn.checkpoint.model.OptimizerSpec;
import dev.cairn.checkpoint.model.Shape;
import dev.cairn.checkpoint.model.Slice;
import dev.cairn.checkpoint.model.TrainingState;
import dev.cairn.checkpoint.model.VariableSpec;
import dev.cairn.spark.LocalCluster;
import dev.cairn.spark.ml.LogisticRegressionModel;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.apache.spark.ml.Transformer;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.functions;

/**
 * Scoring: rows a second of {@code transform} against MLlib's logistic regression, of cached rows
 * of eleven features, with all three columns that both add, on two executors of one core; and a
 * model of 10^8 features, which MLlib cannot score with in a driver of this size.
 */
final class ScoringBench {
  private static final int FEATURES = 1 << 22;
  private static final int MANY_FEATURES = 100_000_000;
  private static final int ENTRIES = 11;
  private static final int PIECE = 1 << 20;

  private ScoringBench() {}

  /** The heap of this program and of MLlib's: a driver's that is set to 1 GiB. */
  static final String HEAP = "-Xmx1g";

  public static void main(String[] arguments) throws Exception {
    try (LocalCluster cluster = cluster()) {
      SparkSession spark = SparkSession.builder().sparkContext(cluster.spark().sc()).getOrCreate();
      against(spark);
      many(spark);
    }
    System.exit(0);
  }

  private static LocalCluster cluster() {
    return LocalCluster.start(
        2, Map.of("spark.executor.extraJavaOptions", BenchOptions.executorJavaOptions()));
  }

  private static void against(SparkSession spark) throws Exception {
    Dataset<org.apache.spark.sql.Row> rows = rows(spark, FEATURES, BenchOptions.scoredRows());
    LogisticRegressionModel ours =
        LogisticRegressionModel.fromCheckpoint(write("scoring", FEATURES));
    Transformer theirs = Mllib.model(FEATURES);
    Pairs pairs =
        Pairs.run(
            BenchOptions.rounds(),
            () -> rowsPerSecond(ours, rows, BenchOptions.scoredRows()),
            () -> rowsPerSecond(theirs, rows, BenchOptions.scoredRows()));
    System.out.println(
        Row.ratioAtLeast(
                2,
                "scoring",
                "transform against MLlib's, " + FEATURES + " features",
                pairs,
                "Cairn: " + pairs.ours().show("%.0f", "rows/s"),
                "MLlib: " + pairs.theirs().show("%.0f", "rows/s"))
            .line());
    double[] bare = new double[BenchOptions.rounds()];
    for (int round = 0; round < bare.length; round++) {
      bare[round] = rowsPerSecond(rows, BenchOptions.scoredRows());
    }
    System.out.println(
        Row.note(
                "scoring",
                "the same rows without a model: Spark's own part of both sides",
                new Samples(bare).show("%.0f", "rows/s"))
            .line());
    rows.unpersist();
  }

  private static void many(SparkSession spark) throws Exception {
    Dataset<org.apache.spark.sql.Row> rows = rows(spark, MANY_FEATURES, manyRows());
    LogisticRegressionModel ours =
        LogisticRegressionModel.fromCheckpoint(write("scoring-many", MANY_FEATURES));
    double[] reached = new double[BenchOptions.rounds()];
    double first = rowsPerSecond(ours, rows, manyRows());
    for (int round = 0; round < reached.length; round++) {
      reached[round] = rowsPerSecond(ours, rows, manyRows());
    }
    String mllib;
    try (ChildJvm child =
        ChildJvm.start(Mllib.class, List.of(HEAP, "-XX:+ExitOnOutOfMemoryError"))) {
      // The JVM says "Terminating due to java.lang.OutOfMemoryError", the program that it scored.
      String last = child.await("");
      for (String line = last; line != null; line = child.await("")) {
        last = line;
      }
      mllib = last == null ? "ends without a word: see " + child.log() : last;
    }
    Samples samples = new Samples(reached);
    System.out.println(
        Row.note(
                "scoring",
                "transform, " + MANY_FEATURES + " features, driver " + HEAP,
                samples.show("%.0f", "rows/s"),
                String.format(Locale.ROOT, "Cairn: the first time %.0f rows/s", first),
                "MLlib: " + mllib)
            .line());
  }

  /** Fewer rows: their features are spread evenly, so nearly each is on a page not read yet. */
  private static int manyRows() {
    return Math.max(1, BenchOptions.scoredRows() / 10);
  }

  /** Scores all rows into nothing. */
  private static double rowsPerSecond(
      Transformer model, Dataset<org.apache.spark.sql.Row> rows, int count) {
    return rowsPerSecond(model.transform(rows), count);
  }

  private static double rowsPerSecond(Dataset<?> rows, int count) {
    long start = System.nanoTime();
    rows.write().format("noop").mode("overwrite").save();
    return count / ((System.nanoTime() - start) / 1e9);
  }

  private static Dataset<org.apache.spark.sql.Row> rows(
      SparkSession spark, int features, int count) {
    UDF1<Long, Vector> made = row -> vector(row, features);
    Dataset<org.apache.spark.sql.Row> rows =
        spark
            .range(0, count, 1, 2)
            .toDF("row")
            .select(
                functions
                    .udf(made, SQLDataTypes.VectorType())
                    .apply(functions.col("row"))
                    .as("features"))
            .cache();
    if (rows.count() != count) {
      throw new IllegalStateException("Cannot make " + count + " rows");
    }
    return rows;
  }

  private static Vector vector(long row, int features) {
    int[] ids = new SplittableRandom(row).ints(ENTRIES, 0, features).distinct().sorted().toArray();
    double[] ones = new double[ids.length];
    Arrays.fill(ones, 1);
    return Vectors.sparse(features, ids, ones);
  }

  /** The weight of a feature: the same on both sides. */
  private static float weight(int feature) {
    return (feature % 1013 - 506) / 1000f;
  }

  /** Writes the checkpoint of a model, piece by piece. */
  private static String write(String name, int features) throws Exception {
    String folder = RawStorage.Local.emptyFolder(name);
    FolderOptions options = FolderOptions.defaults().withApplicationId("bench");
    try (CheckpointFolder checkpoints = CheckpointFolder.open(folder, options)) {
      PendingCheckpoint pending = checkpoints.begin(1, 1);
      try (ShardWriter writer = ShardWriter.create(pending.target(0), options)) {
        VariableSpec weights =
            new VariableSpec(
                "weights/.ATTRIBUTES/VARIABLE_VALUE", DType.FLOAT, Shape.of(features, 1));
        float[] piece = new float[PIECE];
        for (int first = 0; first < features; first += PIECE) {
          int count = Math.min(PIECE, features - first);
          for (int i = 0; i < count; i++) {
            piece[i] = weight(first + i);
          }
          writer.write(weights, Slice.rows(first, count, 2), piece, 0, count);
        }
        writer.write(
            new VariableSpec("bias/.ATTRIBUTES/VARIABLE_VALUE", DType.FLOAT, Shape.scalar()),
            Slice.full(0),
            new float[] {0.25f},
            0,
            1);
        pending.report(writer.finish());
      }
      TrainingState state =
          new TrainingState(
              1,
              1,
              new DataPosition(0, 0, 1, 1, 1, "bench"),
              new OptimizerSpec("adagrad", new TreeMap<>()),
              new TreeMap<>(),
              new TreeMap<>());
      return pending.commit(state, "bench", new TreeMap<>()).path();
    }
  }

  /** Scores a few rows with MLlib's model of many features. */
  static final class Mllib {
    private Mllib() {}

    static Transformer model(int features) {
      double[] weights = new double[features];
      for (int i = 0; i < features; i++) {
        weights[i] = weight(i);
      }
      return new org.apache.spark.ml.classification.LogisticRegressionModel(
          "mllib", Vectors.dense(weights), 0.25);
    }

    public static void main(String[] arguments) throws Exception {
      try (LocalCluster cluster = cluster()) {
        SparkSession spark =
            SparkSession.builder().sparkContext(cluster.spark().sc()).getOrCreate();
        Dataset<org.apache.spark.sql.Row> rows = rows(spark, MANY_FEATURES, 1000);
        model(MANY_FEATURES).transform(rows).write().format("noop").mode("overwrite").save();
        System.out.println("it has scored rows");
      }
      System.exit(0);
    }
  }
}
