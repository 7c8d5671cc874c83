package dev.cairn.jobs.bench;

import dev.cairn.checkpoint.FolderOptions;
import dev.cairn.checkpoint.Folders;
import dev.cairn.jobs.config.TrainConf;
import dev.cairn.jobs.config.TrainConfLoader;
import dev.cairn.jobs.data.CheckedRows;
import dev.cairn.spark.LocalCluster;
import dev.cairn.spark.listener.TrainingListener;
import dev.cairn.spark.ml.LogisticRegression;
import dev.cairn.spark.ml.LogisticRegressionModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.apache.spark.ml.evaluation.MulticlassClassificationEvaluator;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.SparkSession;

/**
 * P4, P5 and P12: {@code conf/flights-full.properties} on the three million flights, with two
 * executors of one core, against MLlib's LogisticRegression on the same executors and features, and
 * against liblinear on one thread.
 *
 * <p>{@code bench.flights} names the file. MLlib and liblinear run once, for minutes; ours runs
 * {@code bench.rounds} times, and what it is compared with are its medians.
 */
final class FlightsBench {
  private static final int EXECUTORS = 2;
  private static final double REG_PARAM = 1e-6;

  private FlightsBench() {}

  /** The time of a run, in seconds, and the log loss of June. */
  private record Ours(double packing, double training, double judging, double loss) {
    double fit() {
      return packing + training + judging;
    }
  }

  public static void main(String[] arguments) throws Exception {
    int status = 1; // the cluster's threads would keep a failed benchmark alive
    long start = System.nanoTime();
    Map<String, String> settings =
        Map.of(
            "spark.master", "local-cluster[" + EXECUTORS + ",1,4096]",
            "spark.executor.memory", "4g",
            "spark.driver.maxResultSize", "0",
            "spark.sql.session.timeZone", "UTC",
            "spark.executor.extraJavaOptions", BenchOptions.executorJavaOptions());
    try (LocalCluster cluster = LocalCluster.start(EXECUTORS, settings)) {
      double unused = ProcessorTime.ofExecutors(cluster.spark(), EXECUTORS); // they are there
      measure(SparkSession.builder().getOrCreate(), seconds(start));
      status = 0;
    } catch (Exception e) {
      e.printStackTrace();
    } finally {
      System.exit(status);
    }
  }

  private static double seconds(long since) {
    return (System.nanoTime() - since) / 1e9;
  }

  private static void measure(SparkSession spark, double starting) throws Exception {
    TrainConf conf =
        TrainConfLoader.load(
            BenchOptions.buildFolder().resolve("../conf/flights-full.properties").normalize(),
            List.of("input=" + BenchOptions.flights(), "checkpoint.dir=unused"));
    long start = System.nanoTime();
    CheckedRows data = CheckedRows.prepare(spark, conf);
    double reading = seconds(start);
    double[] theirs = BenchOptions.withMllib() ? mllib(data) : new double[0];
    List<Ours> ours = new ArrayList<>();
    for (int round = 0; round < BenchOptions.rounds(); round++) {
      ours.add(ours(conf, data));
    }
    alone(ours, starting, reading);
    if (theirs.length > 0) {
      againstMllib(ours, theirs, starting, reading);
    }
    if (Liblinear.isThere()) {
      againstLiblinear(ours, Liblinear.run(data));
    } else {
      System.out.println(
          Row.note("P5", "against liblinear", "not measured: there is no " + Liblinear.TRAIN)
              .line());
    }
  }

  /** Seconds of fit and judging, and the log loss. */
  private static double[] mllib(CheckedRows data) {
    long start = System.nanoTime();
    var model =
        new org.apache.spark.ml.classification.LogisticRegression()
            .setRegParam(REG_PARAM)
            .setStandardization(false)
            .fit(data.train());
    double fit = seconds(start);
    start = System.nanoTime();
    double loss = loss(model.transform(data.test().orElseThrow()));
    return new double[] {fit, seconds(start), loss};
  }

  private static Ours ours(TrainConf conf, CheckedRows data) throws Exception {
    Path folder = Files.createTempDirectory(BenchOptions.workFolder(), "flights-");
    double[] at = new double[2];
    long start = System.nanoTime();
    LogisticRegression estimator =
        new LogisticRegression()
            .setMaxIter(BenchOptions.flightEpochs())
            .setBatchRows(conf.get(TrainConf.BATCH_ROWS))
            .setPartitions(BenchOptions.flightPartitions())
            .setRunDir(folder.toString())
            .setListener(
                new TrainingListener() {
                  @Override
                  public void started(String from, Progress progress) {
                    at[0] = seconds(start);
                  }

                  @Override
                  public void progress(Progress progress) {
                    at[1] = seconds(start);
                  }
                });
    try (LogisticRegressionModel model = estimator.fit(data.train())) {
      double loss = loss(model.transform(data.test().orElseThrow()));
      return new Ours(at[0], at[1] - at[0], seconds(start) - at[1], loss);
    } finally {
      Folders.delete(folder.toString(), FolderOptions.defaults());
    }
  }

  private static double loss(Dataset<?> scored) {
    return new MulticlassClassificationEvaluator().setMetricName("logLoss").evaluate(scored);
  }

  private static Samples whole(List<Ours> ours, double starting, double reading) {
    return of(ours, one -> starting + reading + one.fit());
  }

  private static void alone(List<Ours> ours, double starting, double reading) {
    Samples rest = of(ours, one -> starting + one.packing() + one.judging());
    Samples whole = whole(ours, starting, reading);
    System.out.println(
        Row.atMost(
                0.4,
                rest.median() / whole.median(),
                "of it",
                "P12",
                "share of the job that is neither reading nor steps",
                "the whole job: " + whole.show("%.1f", "s"),
                String.format(
                    Locale.ROOT, "start %.1f s, reading and checking %.1f s", starting, reading),
                "hashing and packing: " + of(ours, Ours::packing).show("%.1f", "s"),
                "steps: " + of(ours, Ours::training).show("%.1f", "s"),
                "saving and judging: " + of(ours, Ours::judging).show("%.1f", "s"),
                String.format(Locale.ROOT, "June log loss %.5f", ours.get(0).loss()))
            .line());
  }

  private static void againstMllib(
      List<Ours> ours, double[] theirs, double starting, double reading) {
    double theirWhole = starting + theirs[0] + theirs[1];
    boolean asGood = ours.get(0).loss() <= theirs[2];
    double training = of(ours, Ours::training).median();
    System.out.println(
        Row.atMost(
                1 / 60.0,
                asGood ? training / theirs[0] : Double.POSITIVE_INFINITY,
                "times",
                "P4",
                "steps until MLlib's June log loss / its fit",
                String.format(
                    Locale.ROOT,
                    "MLlib: start %.1f, fit %.1f, judging %.1f s, June log loss %.5f",
                    starting,
                    theirs[0],
                    theirs[1],
                    theirs[2]))
            .line());
    System.out.println(
        Row.note(
                "P4",
                "the whole fit, with hashing, packing and judging / MLlib's",
                String.format(Locale.ROOT, "%.3f times", of(ours, Ours::fit).median() / theirs[0]))
            .line());
    System.out.println(
        Row.atMost(
                1 / 3.0,
                whole(ours, starting, reading).median() / theirWhole,
                "times",
                "P12",
                "the whole job / MLlib's whole job",
                String.format(Locale.ROOT, "MLlib: %.1f s", theirWhole))
            .line());
  }

  private static void againstLiblinear(List<Ours> ours, Liblinear theirs) {
    double training = of(ours, Ours::training).median();
    System.out.println(
        Row.atMost(
                0.15,
                ours.get(0).loss() <= theirs.loss()
                    ? training / theirs.seconds()
                    : Double.POSITIVE_INFINITY,
                "times",
                "P5",
                "steps until liblinear's June log loss / its training without reading",
                String.format(
                    Locale.ROOT,
                    "liblinear -s 0 -c 0.4 -e 0.01: %.1f s, and %.1f s of reading; June log loss"
                        + " %.5f",
                    theirs.seconds(),
                    theirs.reading(),
                    theirs.loss()))
            .line());
  }

  private static Samples of(List<Ours> ours, ToDoubleFunction<Ours> figure) {
    return new Samples(ours.stream().mapToDouble(figure).toArray());
  }
}
