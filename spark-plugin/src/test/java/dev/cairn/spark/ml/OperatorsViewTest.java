package dev.cairn.spark.ml;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.spark.Eventually;
import dev.cairn.spark.LocalCluster;
import dev.cairn.spark.listener.TrainingListener;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.stream.Stream;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerJobStart;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tests the operators' view while a model trains: metrics in Spark's Prometheus servlet and in its
 * CSV sink, on the driver and on executors, and the names of jobs in Spark's UI.
 */
class OperatorsViewTest {
  private static final long STEPS = 80;

  /**
   * The folder of figures. It is not deleted: executors write their last figures while they end,
   * which is not waited for.
   */
  @TempDir(cleanup = CleanupMode.NEVER)
  Path folder;

  private static Map<String, String> sinks(Path csv) {
    Map<String, String> conf = new HashMap<>();
    conf.put("spark.ui.enabled", "true");
    conf.put("spark.ui.port", "0");
    conf.put(
        "spark.metrics.conf.*.sink.prometheusServlet.class",
        "org.apache.spark.metrics.sink.PrometheusServlet");
    conf.put("spark.metrics.conf.*.sink.prometheusServlet.path", "/metrics/prometheus");
    conf.put("spark.metrics.conf.*.sink.csv.class", "org.apache.spark.metrics.sink.CsvSink");
    conf.put("spark.metrics.conf.*.sink.csv.period", "1");
    conf.put("spark.metrics.conf.*.sink.csv.unit", "seconds");
    conf.put("spark.metrics.conf.*.sink.csv.directory", csv.toString());
    return conf;
  }

  @Test
  @Tag("long")
  void metricsAreThereWhileItTrainsAndJobsHaveNames() throws Exception {
    Path csv = Files.createDirectories(folder.resolve("csv"));
    try (LocalCluster cluster = LocalCluster.start(2, sinks(csv))) {
      Set<String> jobs = namesOfJobs(cluster);
      String url = cluster.spark().sc().uiWebUrl().get() + "/metrics/prometheus/";
      Map<String, Double> during = new TreeMap<>();
      LogisticRegression estimator =
          RecoveryTest.estimator()
              .setMaxIter(1_000)
              .setMaxSteps(STEPS)
              .setRunDir(folder.resolve("run").toUri().toString())
              .setCheckpointEverySteps(40)
              .setCheckpointAsync(false)
              .setListener(
                  new TrainingListener() {
                    @Override
                    public void progress(Progress progress) {
                      // Called by the thread that trains: nothing goes on meanwhile.
                      if (progress.step() > 40 && during.isEmpty()) {
                        during.putAll(prometheus(url));
                      }
                    }
                  });
      estimator.fit(RecoveryTest.data(cluster)).close();

      assertEquals(1, during.get("training_active"), during.toString());
      assertEquals(2, during.get("members"), during.toString());
      assertTrue(during.get("training_step") >= 40, during.toString());
      assertEquals(40, during.get("checkpoint_step"), during.toString());

      Map<String, Double> after = prometheus(url);
      assertEquals(0, after.get("training_active"), after.toString());
      assertEquals(STEPS, after.get("training_step"), after.toString());
      assertEquals(STEPS, after.get("training_endStep"), after.toString());
      assertTrue(after.get("training_epoch") > 1, after.toString());
      assertTrue(after.get("training_loss") > 0, after.toString());
      assertEquals(2, after.get("checkpoint_commits"), after.toString());
      assertEquals(0, after.get("checkpoint_failures"), after.toString());
      assertEquals(0, after.get("recovery_count"), after.toString());
      assertEquals(0, after.get("checkpoint_ageSeconds"), after.toString());
      // 300,000 weights and as many accumulators, four bytes each.
      assertTrue(after.get("checkpoint_bytes") > 2_400_000, after.toString());
      assertTrue(after.get("step_computeMillis") > 0, after.toString());
      assertTrue(after.get("step_exchangeMillis") > 0, after.toString());
      assertTrue(
          after.get("step_millis") >= after.get("step_exchangeMillis"),
          "a phase is a part: " + after);

      onDisk(csv);
      assertTrue(jobs.contains("test: packing the training data"), jobs.toString());
      assertTrue(jobs.contains("test: steps 0 to 40"), jobs.toString());
    }
  }

  /** Both executors have written what they did, and the driver what it knows. */
  private static void onDisk(Path csv) {
    Eventually.await(
        () -> latest(csv, "training.step").stream().anyMatch(v -> v == STEPS), "the driver's CSV");
    Eventually.await(() -> sum(csv, "freezes") == 4, "two freezes on each of two executors");
    Eventually.await(() -> sum(csv, "shards.held") == 0, "shards are let go of");
    assertTrue(sum(csv, "exchanges") >= 2 * STEPS, "each task has an exchange with each shard");
    assertTrue(sum(csv, "bytes.pushed") > 0);
    assertTrue(sum(csv, "bytes.pulled") > 0);
    assertTrue(sum(csv, "step.computeMillis") + sum(csv, "step.exchangeMillis") > 0);
    assertTrue(sum(csv, "shard.applyMillis") + sum(csv, "shard.waitMillis") > 0);
    assertEquals(2, latest(csv, "shards.bytes").size(), "one file for each executor");
  }

  private static double sum(Path csv, String metric) {
    return latest(csv, metric).stream().mapToDouble(Double::doubleValue).sum();
  }

  /** The last value in each file of a metric. */
  private static Collection<Double> latest(Path csv, String metric) {
    Map<Path, Double> values = new HashMap<>();
    try (Stream<Path> files = Files.walk(csv)) {
      for (Path file :
          files.filter(f -> f.toString().endsWith("CairnPlugin." + metric + ".csv")).toList()) {
        List<String> lines = Files.readAllLines(file);
        if (lines.size() > 1) {
          values.put(file, Double.valueOf(lines.get(lines.size() - 1).split(",", -1)[1]));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return values.values();
  }

  /** Cairn's lines by what stands behind the plugin's name. */
  private static Map<String, Double> prometheus(String url) {
    Map<String, Double> found = new TreeMap<>();
    try {
      String text =
          HttpClient.newBuilder()
              .followRedirects(HttpClient.Redirect.ALWAYS)
              .build()
              .send(
                  HttpRequest.newBuilder(URI.create(url)).build(),
                  HttpResponse.BodyHandlers.ofString())
              .body();
      String marker = "dev_cairn_spark_CairnPlugin_";
      for (String line : text.split("\n", -1)) {
        int name = line.indexOf(marker);
        int end = line.indexOf("_Value{");
        if (name > 0 && end > 0) {
          found.put(
              line.substring(name + marker.length(), end),
              Double.valueOf(line.substring(line.lastIndexOf(' ') + 1)));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    return found;
  }

  private static Set<String> namesOfJobs(LocalCluster cluster) {
    Set<String> names = new ConcurrentSkipListSet<>();
    cluster
        .spark()
        .sc()
        .addSparkListener(
            new SparkListener() {
              @Override
              public void onJobStart(SparkListenerJobStart job) {
                names.add(String.valueOf(job.properties().getProperty("spark.job.description")));
              }
            });
    return names;
  }
}
