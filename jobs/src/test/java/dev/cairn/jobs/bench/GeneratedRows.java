package dev.cairn.jobs.bench;

import dev.cairn.spark.data.RowRouter;
import dev.cairn.spark.data.TrainingData;
import dev.cairn.spark.model.Model;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * Rows of 11 non-zeros as skewed as the flights': each of the columns has its own number of
 * distinct values, and low ones come more often.
 */
final class GeneratedRows {
  static final int ROWS = 1_000_000;
  static final int PARTITIONS = 8;
  static final int BATCH_ROWS = 4096;
  private static final int SPLITS = 8;
  private static final int[] DISTINCT = {
    229, 228, 24, 7, 3_400, 4_500, 4_500, 168, 40_000, 200_000, 700_000
  };

  private GeneratedRows() {}

  /** The rows, packed and cached by the executors. */
  static TrainingData packed(JavaSparkContext spark, Model model) {
    int features = model.features();
    List<Integer> splits = IntStream.range(0, SPLITS).boxed().toList();
    return TrainingData.pack(
        JavaPairRDD.fromJavaRDD(
            spark
                .parallelize(splits, SPLITS)
                .mapPartitions(split -> routed(split.next(), features))),
        new TrainingData.Packing(
            features, PARTITIONS, BATCH_ROWS, 1, 1, model.labels(), model.centres(), false));
  }

  private static Iterator<scala.Tuple2<Integer, dev.cairn.spark.data.RowChunk>> routed(
      int split, int features) {
    SplittableRandom random = new SplittableRandom(split);
    int[] left = {ROWS / SPLITS};
    int[] ids = new int[DISTINCT.length];
    double[] ones = new double[DISTINCT.length];
    Arrays.fill(ones, 1);
    return new RowRouter(
        dev.cairn.spark.data.LabelKind.BINARY,
        features,
        PARTITIONS,
        router -> {
          if (left[0]-- == 0) {
            return false;
          }
          do {
            for (int column = 0; column < ids.length; column++) {
              double u = random.nextDouble();
              ids[column] = id(column, (long) (u * u * DISTINCT[column]), features);
            }
            Arrays.sort(ids);
          } while (IntStream.range(1, ids.length).anyMatch(i -> ids[i] == ids[i - 1]));
          router.add(random.nextInt(5) == 0 ? 1 : 0, 1, ids, ones, ids.length);
          return true;
        });
  }

  /** A place for a value of a column, anywhere in the space. */
  private static int id(int column, long value, int features) {
    long hash = (value * 31 + column + 1) * 0x9E3779B97F4A7C15L;
    hash = (hash ^ hash >>> 29) * 0xBF58476D1CE4E5B9L;
    return (int) Long.remainderUnsigned(hash ^ hash >>> 32, features);
  }
}
