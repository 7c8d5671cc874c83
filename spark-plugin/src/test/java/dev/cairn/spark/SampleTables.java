package dev.cairn.spark;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * Small tables of five kinds that a classifier meets, made up from fixed seeds: the same rows on
 * every machine. Each has a column {@code id} (0, 1, ...), a column {@code label}, and a label that
 * its other columns tell something of, not all.
 */
public final class SampleTables {
  private SampleTables() {}

  private static double label(Random random, double margin) {
    return random.nextDouble() < 1 / (1 + StrictMath.exp(-margin)) ? 1 : 0;
  }

  /**
   * 30 measurements of 600 cells, in the manner of the breast cancer data of W. H. Wolberg
   * (University of Wisconsin): all of them say much the same, in units from 1e-3 to 1e3, and none
   * is centred. Columns {@code x0} to {@code x29}; label 0 or 1.
   */
  public static Dataset<Row> numbers(SparkSession spark) {
    Random random = new Random(1);
    StructType schema = new StructType().add("id", DataTypes.LongType);
    for (int c = 0; c < 30; c++) {
      schema = schema.add("x" + c, DataTypes.DoubleType);
    }
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < 600; i++) {
      double size = random.nextGaussian();
      double shape = random.nextGaussian();
      Object[] row = new Object[32];
      row[0] = (long) i;
      for (int c = 0; c < 30; c++) {
        double own = random.nextGaussian();
        double z = (c % 3 == 0 ? size : c % 3 == 1 ? shape : (size + shape) / 2) + 0.7 * own;
        row[1 + c] = StrictMath.pow(10, c % 7 - 3) * (3 + z);
      }
      row[31] = label(random, 4 * size + 3 * shape - 1);
      rows.add(RowFactory.create(row));
    }
    return spark.createDataFrame(rows, schema.add("label", DataTypes.DoubleType));
  }

  /**
   * 4,000 flights of four columns of text: {@code carrier} of 12, {@code origin} of 60 and {@code
   * destination} of 60 places (a few of them make most of the traffic), {@code hour} of 24; label 0
   * or 1.
   */
  public static Dataset<Row> text(SparkSession spark) {
    Random random = new Random(2);
    double[] carriers = effects(random, 12, 0.6);
    double[] places = effects(random, 60, 0.8);
    double[] hours = effects(random, 24, 0.7);
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < 4000; i++) {
      int carrier = random.nextInt(12);
      int origin = (int) (60 * random.nextDouble() * random.nextDouble());
      int destination = (int) (60 * random.nextDouble() * random.nextDouble());
      int hour = random.nextInt(24);
      double margin = carriers[carrier] + places[origin] - places[destination] / 2 + hours[hour];
      rows.add(
          RowFactory.create(
              (long) i,
              "C" + carrier,
              "P" + origin,
              "P" + destination,
              hour + " h",
              label(random, margin - 0.7)));
    }
    return spark.createDataFrame(
        rows,
        new StructType()
            .add("id", DataTypes.LongType)
            .add("carrier", DataTypes.StringType)
            .add("origin", DataTypes.StringType)
            .add("destination", DataTypes.StringType)
            .add("hour", DataTypes.StringType)
            .add("label", DataTypes.DoubleType));
  }

  private static double[] effects(Random random, int count, double size) {
    double[] effects = new double[count];
    Arrays.setAll(effects, i -> size * random.nextGaussian());
    return effects;
  }

  /**
   * 3,000 customers of whom much is not known: numbers {@code age}, {@code income} and {@code
   * balance}, text {@code town} and {@code kind}, a third of all of it null; label 0 or 1.
   */
  public static Dataset<Row> missing(SparkSession spark) {
    Random random = new Random(3);
    double[] towns = effects(random, 20, 0.7);
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < 3000; i++) {
      double age = 18 + 60 * random.nextDouble();
      double income = StrictMath.exp(10 + 0.5 * random.nextGaussian());
      double balance = 1e4 * random.nextGaussian();
      int town = random.nextInt(20);
      boolean business = random.nextInt(4) == 0;
      double margin =
          (age - 48) / 20 + balance / 8e3 - income / 3e4 + towns[town] + (business ? 1 : 0);
      rows.add(
          RowFactory.create(
              (long) i,
              random.nextInt(3) == 0 ? null : age,
              random.nextInt(3) == 0 ? null : income,
              random.nextInt(3) == 0 ? null : balance,
              random.nextInt(3) == 0 ? null : "town " + town,
              random.nextInt(3) == 0 ? null : business ? "business" : "private",
              label(random, margin)));
    }
    return spark.createDataFrame(
        rows,
        new StructType()
            .add("id", DataTypes.LongType)
            .add("age", DataTypes.DoubleType)
            .add("income", DataTypes.DoubleType)
            .add("balance", DataTypes.DoubleType)
            .add("town", DataTypes.StringType)
            .add("kind", DataTypes.StringType)
            .add("label", DataTypes.DoubleType));
  }

  /**
   * 6,000 payments of which about one in forty is a fraud: numbers {@code amount}, {@code minutes}
   * (since the last one) and {@code distance}, text {@code shop}; {@code weight} is 20 for a fraud
   * and 1 else; label 0 or 1.
   */
  public static Dataset<Row> rare(SparkSession spark) {
    Random random = new Random(4);
    double[] shops = effects(random, 30, 0.8);
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < 6000; i++) {
      double amount = StrictMath.exp(3 + random.nextGaussian());
      double minutes = 600 * random.nextDouble();
      double distance = Math.abs(200 * random.nextGaussian());
      int shop = random.nextInt(30);
      double margin = amount / 40 - minutes / 200 + distance / 150 + shops[shop] - 5;
      double label = label(random, margin);
      rows.add(
          RowFactory.create(
              (long) i, amount, minutes, distance, "shop " + shop, 1 + 19 * label, label));
    }
    return spark.createDataFrame(
        rows,
        new StructType()
            .add("id", DataTypes.LongType)
            .add("amount", DataTypes.DoubleType)
            .add("minutes", DataTypes.DoubleType)
            .add("distance", DataTypes.DoubleType)
            .add("shop", DataTypes.StringType)
            .add("weight", DataTypes.DoubleType)
            .add("label", DataTypes.DoubleType));
  }

  /** 2,000 rows of 8 centred numbers {@code x0} to {@code x7}; label -1 or 1. */
  public static Dataset<Row> signs(SparkSession spark) {
    Random random = new Random(5);
    double[] truth = effects(random, 8, 1);
    StructType schema = new StructType().add("id", DataTypes.LongType);
    for (int c = 0; c < 8; c++) {
      schema = schema.add("x" + c, DataTypes.DoubleType);
    }
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < 2000; i++) {
      Object[] row = new Object[10];
      row[0] = (long) i;
      double margin = 0.3;
      for (int c = 0; c < 8; c++) {
        double x = random.nextGaussian();
        row[1 + c] = 50 * x;
        margin += truth[c] * x;
      }
      row[9] = 2 * label(random, margin) - 1;
      rows.add(RowFactory.create(row));
    }
    return spark.createDataFrame(rows, schema.add("label", DataTypes.DoubleType));
  }
}
