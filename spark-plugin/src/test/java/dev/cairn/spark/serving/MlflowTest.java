package dev.cairn.spark.serving;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.cairn.checkpoint.FolderOptions;
import dev.cairn.checkpoint.model.CheckpointException.Conflict;
import dev.cairn.checkpoint.model.CheckpointException.Failed;
import dev.cairn.checkpoint.model.FeatureScales;
import dev.cairn.checkpoint.model.VersionRecord;
import dev.cairn.checkpoint.publish.ModelVersion;
import dev.cairn.spark.model.LinearModel;
import dev.cairn.spark.model.LogisticLoss;
import dev.cairn.spark.model.Model;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The folder for MLflow, byte for byte, and what a server is asked. */
class MlflowTest {
  private static final FolderOptions OPTIONS = FolderOptions.defaults();

  @TempDir Path temp;

  private static VersionRecord record() {
    return new VersionRecord(
        42,
        Instant.parse("2026-11-29T15:04:05.678Z"),
        "me@here",
        VersionRecord.Origin.PUBLISH,
        Optional.empty(),
        Optional.empty(),
        "file:///runs/flights/ckpt-7",
        "0123456789abcdef-1",
        7,
        "logistic",
        Optional.empty(),
        Collections.emptySortedMap(),
        Collections.emptySortedMap(),
        List.of(),
        List.of());
  }

  @Test
  void theFilesAreThese() throws Exception {
    SavedModelExport.Call call =
        new SavedModelExport.Call(
            "serving_default", List.of(), List.of("margin", "prediction", "probability"));
    SortedMap<String, byte[]> files =
        MlflowModel.files(record(), PublishCheckTest.definition(), call);
    assertEquals(
        List.of(
            "MLmodel",
            "code/cairn_pyfunc.py",
            "data/columns.json",
            "python_env.yaml",
            "requirements.txt"),
        List.copyOf(files.keySet()));
    for (String name : List.of("MLmodel", "python_env.yaml", "requirements.txt")) {
      String expected;
      try (var in = MlflowTest.class.getResourceAsStream("/mlflow/" + name)) {
        expected = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      }
      assertEquals(expected, new String(files.get(name), StandardCharsets.UTF_8));
    }
    String columns = new String(files.get("data/columns.json"), StandardCharsets.UTF_8);
    String odd = "\"column\" : \"a.mount\",\n  \"input\" : \"a_mount_1\",\n  \"text\" : true";
    assertTrue(columns.contains(odd), columns);
  }

  private ModelVersion published(List<String> names) throws IOException {
    Model model = new LinearModel(1 << 12, true, new LogisticLoss());
    String run = temp.resolve("run").toString();
    StoredModels.write(
        run,
        model,
        Optional.of(model),
        StoredModels.random(model, 3),
        FeatureScales.NONE,
        Optional.of(PublishCheckTest.definition()));
    String folder = temp.resolve("models/flights").toString();
    return Publisher.publish(run, folder, names, of -> {}, OPTIONS).version();
  }

  @Test
  void aVersionIsWrapped() throws Exception {
    ModelVersion version = published(List.of());
    String target = temp.resolve("for mlflow").toString();
    String folder = MlflowModel.write(version, target, OPTIONS);
    assertTrue(MlflowModel.isOf(version, folder, OPTIONS));
    Path inside = Path.of(target, "data/saved_model");
    Path original = Path.of(version.folder().substring("file://".length()));
    try (Stream<Path> all = Files.walk(original)) {
      for (Path file : all.filter(Files::isRegularFile).toList()) {
        assertArrayEquals(
            Files.readAllBytes(file),
            Files.readAllBytes(inside.resolve(original.relativize(file).toString())));
      }
    }
    assertThrows(Conflict.class, () -> MlflowModel.write(version, target, OPTIONS));
  }

  /** A server that keeps what it is asked, and answers as MLflow does. */
  private static final class Server implements AutoCloseable {
    private final HttpServer http;
    private final List<String> asked = Collections.synchronizedList(new ArrayList<>());
    private final Map<String, String> answers = new TreeMap<>();
    private int status = 200;

    /** A part of the paths that are never answered; an upload among them gets an answer's head. */
    private String silent = "none";

    private final CountDownLatch over = new CountDownLatch(1);
    private final ExecutorService threads = Executors.newCachedThreadPool();

    Server() throws IOException {
      http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      http.createContext("/", this::answer);
      http.setExecutor(threads);
      http.start();
    }

    String url() {
      return "http://localhost:" + http.getAddress().getPort() + "/";
    }

    private void answer(HttpExchange exchange) throws IOException {
      byte[] body = exchange.getRequestBody().readAllBytes();
      String path = exchange.getRequestURI().toString();
      boolean upload = path.contains("/artifacts/");
      String authorization = exchange.getRequestHeaders().getFirst("Authorization");
      asked.add(
          exchange.getRequestMethod()
              + " "
              + path
              + " "
              + (upload ? body.length : new String(body, StandardCharsets.UTF_8))
              + (authorization == null ? "" : " " + authorization));
      if (path.contains(silent)) {
        hang(exchange, upload);
        return;
      }
      String answer = "{}";
      for (Map.Entry<String, String> one : answers.entrySet()) {
        if (path.contains(one.getKey())) {
          answer = one.getValue();
        }
      }
      byte[] bytes = answer.getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(answer.contains("error_code") ? 400 : status, bytes.length);
      exchange.getResponseBody().write(bytes);
      exchange.close();
    }

    private void hang(HttpExchange exchange, boolean head) throws IOException {
      if (head) {
        exchange.sendResponseHeaders(200, 2);
        exchange.getResponseBody().flush();
      }
      try {
        over.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      exchange.close();
    }

    @Override
    public void close() {
      over.countDown();
      http.stop(0);
      threads.shutdown();
    }
  }

  @Test
  void aLocalFolderIsUploadedAndRegisteredOnce() throws Exception {
    Path folder = Files.createDirectories(temp.resolve("a folder"));
    Files.createDirectories(folder.resolve("data"));
    Files.writeString(folder.resolve("MLmodel"), "four");
    Files.writeString(folder.resolve("data/b c"), "xyz");
    try (Server server = new Server()) {
      server.answers.put(
          "registered-models/create", "{\"error_code\": \"RESOURCE_ALREADY_EXISTS\"}");
      server.answers.put(
          "runs/create",
          "{\"run\": {\"info\": {\"run_id\": \"r1\","
              + " \"artifact_uri\": \"mlflow-artifacts:/0/r1/artifacts\"}}}");
      server.answers.put("model-versions/create", "{\"model_version\": {\"version\": \"5\"}}");
      MlflowRegistry registry = new MlflowRegistry(server.url(), Optional.of("secret"));
      assertEquals(
          "5", registry.register("flights", "file://" + folder, record(), List.of("champion")));
      String api = "/api/2.0/mlflow/";
      String files = "PUT /api/2.0/mlflow-artifacts/artifacts/0/r1/artifacts/model/";
      String tags =
          "\"tags\":[{\"key\":\"cairn.commit\",\"value\":\"0123456789abcdef-1\"},"
              + "{\"key\":\"cairn.version\",\"value\":\"42\"}]";
      assertEquals(
          List.of(
              "POST " + api + "registered-models/create {\"name\":\"flights\"} Bearer secret",
              "GET "
                  + api
                  + "model-versions/search?max_results=1000&filter=name%3D%27flights%27"
                  + "  Bearer secret",
              "POST "
                  + api
                  + "runs/create {\"experiment_id\":\"0\",\"run_name\":\"flights version 42\","
                  + "\"start_time\":1795964645678} Bearer secret",
              files + "MLmodel 4 Bearer secret",
              files + "data/b%20c 3 Bearer secret",
              "POST "
                  + api
                  + "runs/update {\"run_id\":\"r1\",\"status\":\"FINISHED\","
                  + "\"end_time\":1795964645678} Bearer secret",
              "POST "
                  + api
                  + "model-versions/create {\"name\":\"flights\",\"run_id\":\"r1\","
                  + "\"source\":\"mlflow-artifacts:/0/r1/artifacts/model\","
                  + tags
                  + "} Bearer secret",
              "POST "
                  + api
                  + "registered-models/alias {\"name\":\"flights\",\"alias\":\"champion\","
                  + "\"version\":\"5\"} Bearer secret"),
          server.asked);

      server.asked.clear();
      server.answers.put(
          "model-versions/search",
          "{\"model_versions\": [{\"version\": \"4\", \"tags\": []}, {\"version\": \"5\", "
              + tags
              + "}]}");
      assertEquals("5", registry.register("flights", "file://" + folder, record(), List.of()));
      assertEquals(2, server.asked.size(), server.asked.toString());
    }
  }

  /** A server that takes the request, or begins to answer, and then does nothing more. */
  @Test
  void aServerThatHangsIsGivenUp() throws Exception {
    Path folder = Files.createDirectories(temp.resolve("a folder"));
    Files.writeString(folder.resolve("MLmodel"), "four");
    for (String part :
        List.of("registered-models/create", "model-versions/search", "/artifacts/")) {
      try (Server server = new Server()) {
        server.silent = part;
        server.answers.put(
            "runs/create",
            "{\"run\": {\"info\": {\"run_id\": \"r1\","
                + " \"artifact_uri\": \"mlflow-artifacts:/0/r1/artifacts\"}}}");
        MlflowRegistry registry =
            new MlflowRegistry(server.url(), Optional.empty(), Duration.ofSeconds(2));
        Failed hangs =
            assertThrows(
                Failed.class,
                () -> registry.register("m", "file://" + folder, record(), List.of()));
        assertTrue(hangs.getMessage().contains("an answer within 2.0 s"), hangs.getMessage());
        assertTrue(hangs.getMessage().contains(part), hangs.getMessage());
      }
    }
  }

  @Test
  void aFolderOfOtherStorageIsNamed() throws Exception {
    try (Server server = new Server()) {
      server.answers.put("model-versions/create", "{\"model_version\": {\"version\": \"1\"}}");
      MlflowRegistry registry = new MlflowRegistry(server.url(), Optional.empty());
      assertEquals("1", registry.register("m", "hdfs://nn/a", record(), List.of()));
      assertTrue(
          server.asked.get(2).contains("{\"name\":\"m\",\"source\":\"hdfs://nn/a\","),
          server.asked.toString());
      server.status = 403;
      Failed refused =
          assertThrows(
              Failed.class, () -> registry.register("m", "hdfs://nn/a", record(), List.of()));
      assertTrue(refused.getMessage().contains("with 403"), refused.getMessage());
    }
    assertThrows(
        IllegalArgumentException.class, () -> new MlflowRegistry("host:5000", Optional.empty()));
  }
}
