package dev.cairn.jobs.bench;

import dev.cairn.checkpoint.FolderOptions;
import dev.cairn.checkpoint.Folders;
import dev.cairn.jobs.cli.GateSetup;
import dev.cairn.jobs.config.OptimizerKeys;
import dev.cairn.jobs.config.RefreshKeys;
import dev.cairn.jobs.config.TrainConf;
import dev.cairn.jobs.config.TrainConfLoader;
import dev.cairn.jobs.data.CarriedColumns;
import dev.cairn.jobs.data.CheckedRows;
import dev.cairn.spark.LocalCluster;
import dev.cairn.spark.ml.CairnModel;
import dev.cairn.spark.ml.Estimators;
import dev.cairn.spark.ml.LogisticRegression;
import dev.cairn.spark.ml.LogisticRegressionModel;
import dev.cairn.spark.ml.ModelComparison;
import dev.cairn.spark.refresh.ModelRefresh;
import dev.cairn.spark.refresh.RefreshResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;

/**
 * A model of the flights that is refreshed each month, as {@code conf/flights-refresh.properties}
 * says, against one trained once in January, and one trained from nothing on all months so far: the
 * log loss of the following month, and the times. Before April comes, a month whose labels are
 * flipped has to be refused. {@code bench.flights} names the file; {@code refresh.md} and {@code
 * refresh.svg} in the folder of benchmarks have table and chart.
 */
final class RefreshBench {
  private static final int EXECUTORS = 2;
  private static final int LAST = 5;
  private static final int BROKEN = 4;
  private static final String LABEL = CheckedRows.LABEL;
  private static final List<String> NAMES =
      List.of("January", "February", "March", "April", "May", "June");

  private final SparkSession spark;
  private final Path folder;

  private RefreshBench(SparkSession spark, Path folder) {
    this.spark = spark;
    this.folder = folder;
  }

  /** The log losses of the month after, and the seconds. */
  private record Month(
      int number,
      double refreshed,
      double once,
      double anew,
      double refreshSeconds,
      double anewSeconds) {
    String name() {
      return NAMES.get(number - 1);
    }
  }

  public static void main(String[] arguments) throws Exception {
    int status = 1; // the cluster's threads would keep a failed benchmark alive
    Map<String, String> settings =
        Map.of(
            "spark.master",
            "local-cluster[" + EXECUTORS + ",1,3072]",
            "spark.executor.memory",
            "3g",
            "spark.sql.session.timeZone",
            "UTC",
            "spark.executor.extraJavaOptions",
            BenchOptions.executorJavaOptions());
    Files.createDirectories(BenchOptions.workFolder());
    Path folder = Files.createTempDirectory(BenchOptions.workFolder(), "refresh-");
    try (LocalCluster cluster = LocalCluster.start(EXECUTORS, settings)) {
      double unused = ProcessorTime.ofExecutors(cluster.spark(), EXECUTORS); // they are there
      new RefreshBench(SparkSession.builder().getOrCreate(), folder).measure();
      status = 0;
    } catch (Exception e) {
      e.printStackTrace();
    } finally {
      Folders.delete(folder.toString(), FolderOptions.defaults());
      System.exit(status);
    }
  }

  private static double seconds(long since) {
    return (System.nanoTime() - since) / 1e9;
  }

  /** Cuts the flights by month, as a batch arrives: no refresh reads what is not new. */
  private void cut() {
    Dataset<org.apache.spark.sql.Row> flights = spark.read().parquet(BenchOptions.flights());
    for (int month = 1; month <= LAST + 1; month++) {
      flights
          .where("month(date) = " + month)
          .repartition(EXECUTORS)
          .write()
          .parquet(folder.resolve("months/month=" + month).toString());
    }
  }

  private void measure() throws IOException {
    cut();
    List<Month> months = new ArrayList<>();
    Optional<RefreshResult> broken = Optional.empty();
    for (int month = 1; month <= LAST; month++) {
      if (month == BROKEN) {
        broken = Optional.of(refresh(month, true));
      }
      long start = System.nanoTime();
      RefreshResult result = refresh(month, false);
      double refreshSeconds = seconds(start);
      if (result.outcome() != RefreshResult.Outcome.PUBLISHED) {
        throw new IOException("The gate refused month " + month + ": " + result.gate());
      }
      Dataset<org.apache.spark.sql.Row> following = whole(month + 1);
      start = System.nanoTime();
      CheckedRows soFar = rows("month <= " + month);
      LogisticRegression estimator = estimator().setRunDir(folder.resolve("anew-" + month) + "");
      double anew;
      double anewSeconds;
      try (LogisticRegressionModel model = estimator.fit(soFar.train())) {
        var unused = model.testFigures(soFar.test().orElseThrow());
        anewSeconds = seconds(start);
        anew = model.testFigures(following).loss();
      }
      months.add(
          new Month(
              month,
              loss(result.version().orElseThrow().checkpoint(), following),
              loss(folder.resolve("models/flights/1/variables") + "", following),
              anew,
              refreshSeconds,
              anewSeconds));
    }
    report(months, broken.orElseThrow());
  }

  private TrainConf conf(String where) {
    return TrainConfLoader.refresh(
        List.of(),
        BenchOptions.buildFolder().resolve("../conf/flights-refresh.properties").normalize(),
        List.of(
            "input=" + folder.resolve("months"),
            "refresh.where=" + where,
            "refresh.model=" + folder.resolve("models/flights")));
  }

  private CheckedRows rows(String where) {
    TrainConf conf = conf(where);
    return CheckedRows.prepare(
        spark,
        conf,
        new CarriedColumns(
            where,
            RefreshKeys.WHERE.name(),
            List.of(conf.get(RefreshKeys.COLUMN)),
            RefreshKeys.COLUMN.name(),
            conf.get(RefreshKeys.SLICES),
            RefreshKeys.SLICES.name()),
        Optional.empty());
  }

  /** All rows of a month, none of which was trained on before it has come. */
  private Dataset<org.apache.spark.sql.Row> whole(int month) {
    CheckedRows rows = rows("month = " + month);
    Dataset<org.apache.spark.sql.Row> train = rows.train().select(CheckedRows.FEATURES, LABEL);
    return train.union(rows.test().orElseThrow().select(CheckedRows.FEATURES, LABEL));
  }

  private LogisticRegression estimator() {
    TrainConf conf = conf("true");
    return new LogisticRegression()
        .setMaxIter(conf.get(TrainConf.EPOCHS))
        .setBatchRows(conf.get(TrainConf.BATCH_ROWS))
        .setPartitions(conf.get(TrainConf.PARTITIONS))
        .setSeed(conf.get(TrainConf.SEED))
        .setLearningRate(conf.get(OptimizerKeys.LEARNING_RATE).orElseThrow());
  }

  private RefreshResult refresh(int month, boolean flipped) throws IOException {
    CheckedRows rows = rows("month = " + month);
    TrainConf conf = conf("true");
    LogisticRegression estimator =
        estimator().setCheckpointDir(folder.resolve("refreshes").toString());
    return new ModelRefresh(conf.get(RefreshKeys.MODEL), GateSetup.of(conf))
        .setRangeColumn(conf.get(RefreshKeys.COLUMN))
        .run(
            estimator,
            flipped ? flipped(rows.train()) : rows.train(),
            flipped ? flipped(rows.test().orElseThrow()) : rows.test().orElseThrow());
  }

  private static Dataset<org.apache.spark.sql.Row> flipped(Dataset<org.apache.spark.sql.Row> rows) {
    return rows.withColumn(LABEL, functions.lit(1.0).minus(functions.col(LABEL)));
  }

  private static double loss(String checkpoint, Dataset<org.apache.spark.sql.Row> rows) {
    try (CairnModel<?> model = Estimators.fromCheckpoint(checkpoint)) {
      return ModelComparison.of(Optional.empty(), model, rows, List.of()).after().loss();
    }
  }

  private static void report(List<Month> months, RefreshResult broken) throws IOException {
    List<String> lines = new ArrayList<>();
    lines.add(
        "| judged on | refreshed each month | trained once, in January | trained from nothing on"
            + " all so far | seconds of the refresh | of the full training |");
    lines.add("|---|---|---|---|---|---|");
    for (Month one : months) {
      lines.add(
          String.format(
              Locale.ROOT,
              "| %s, after %s | %.5f | %.5f | %.5f | %.1f | %.1f |",
              NAMES.get(one.number()),
              one.name(),
              one.refreshed(),
              one.once(),
              one.anew(),
              one.refreshSeconds(),
              one.anewSeconds()));
    }
    lines.add("");
    lines.add(NAMES.get(BROKEN - 1) + " with its labels flipped: " + broken.outcome() + ".");
    broken.gate().orElseThrow().failed().forEach(words -> lines.add("- " + words));
    Files.write(BenchOptions.workFolder().resolve("refresh.md"), lines);
    Files.writeString(BenchOptions.workFolder().resolve("refresh.svg"), chart(months));
    Month last = months.get(months.size() - 1);
    System.out.println(
        Row.atMost(
                0.001,
                last.refreshed() - last.anew(),
                "more",
                "P15",
                "log loss of June: refreshed until May, less trained on all until May",
                lines.toArray(String[]::new))
            .line());
    System.out.println(
        Row.atMost(
                0.25,
                last.refreshSeconds() / last.anewSeconds(),
                "times",
                "P15",
                "time of May's refresh / of training on all until May")
            .line());
    System.out.println(
        Row.note(
                "P15",
                "a month with flipped labels",
                broken.outcome() == RefreshResult.Outcome.REFUSED ? "refused" : "NOT refused")
            .line());
  }

  /** The chart: log loss by month, a line for each way. */
  private static String chart(List<Month> months) {
    double least = Double.POSITIVE_INFINITY;
    double most = Double.NEGATIVE_INFINITY;
    for (Month one : months) {
      least = Math.min(least, Math.min(one.refreshed(), Math.min(one.once(), one.anew())));
      most = Math.max(most, Math.max(one.refreshed(), Math.max(one.once(), one.anew())));
    }
    double low = StrictMath.floor(least * 100) / 100;
    double high = StrictMath.ceil(most * 100) / 100;
    StringBuilder svg = new StringBuilder();
    svg.append(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 720 380\""
            + " font-family=\"sans-serif\" font-size=\"13\">\n"
            + "<rect width=\"720\" height=\"380\" fill=\"#fff\"/>\n"
            + "<text x=\"60\" y=\"24\" font-size=\"15\">Log loss of the following month; lower is"
            + " better</text>\n");
    for (int i = 0; i <= 4; i++) {
      double value = low + (high - low) * i / 4;
      svg.append(
          String.format(
              Locale.ROOT,
              "<line x1=\"60\" x2=\"500\" y1=\"%1$.1f\" y2=\"%1$.1f\" stroke=\"#ddd\"/>"
                  + "<text x=\"52\" y=\"%2$.1f\" text-anchor=\"end\">%3$.3f</text>\n",
              y(value, low, high),
              y(value, low, high) + 4,
              value));
    }
    for (Month one : months) {
      svg.append(
          String.format(
              Locale.ROOT,
              "<text x=\"%.1f\" y=\"352\" text-anchor=\"middle\">%s</text>\n",
              x(one),
              NAMES.get(one.number())));
    }
    line(svg, months, Month::once, low, high, "#999999", "trained once, in January", 60);
    line(svg, months, Month::anew, low, high, "#2c7fb8", "trained anew on all so far", 82);
    line(svg, months, Month::refreshed, low, high, "#d95f0e", "refreshed each month", 104);
    return svg.append("</svg>\n").toString();
  }

  private static double x(Month month) {
    return 100 + (month.number() - 1) * 95.0;
  }

  private static double y(double value, double low, double high) {
    return 330 - (value - low) / (high - low) * 280;
  }

  private static void line(
      StringBuilder svg,
      List<Month> months,
      java.util.function.ToDoubleFunction<Month> loss,
      double low,
      double high,
      String colour,
      String name,
      int key) {
    StringBuilder points = new StringBuilder();
    for (Month one : months) {
      points.append(
          String.format(Locale.ROOT, "%.1f,%.1f ", x(one), y(loss.applyAsDouble(one), low, high)));
    }
    svg.append(
        String.format(
            Locale.ROOT,
            "<polyline points=\"%1$s\" fill=\"none\" stroke=\"%2$s\" stroke-width=\"2.5\"/>"
                + "<line x1=\"515\" x2=\"535\" y1=\"%3$d\" y2=\"%3$d\" stroke=\"%2$s\""
                + " stroke-width=\"2.5\"/><text x=\"541\" y=\"%4$d\">%5$s</text>\n",
            points.toString().strip(),
            colour,
            key,
            key + 4,
            name));
  }
}
