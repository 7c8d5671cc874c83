package dev.cairn.spark.serving;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.checkpoint.model.CheckpointException.Failed;
import dev.cairn.checkpoint.model.VersionRecord;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/**
 * Registers versions with an MLflow server, over its REST API, and moves aliases to them. A server
 * takes no folder of another machine's local disk as a source, so a local one is uploaded as the
 * artifacts of a run; a folder of any other storage is named to it. Thread-safe.
 */
public final class MlflowRegistry {
  private static final ObjectMapper JSON = JsonMapper.builder().build();
  private static final String API = "/api/2.0/mlflow/";
  private static final String ARTIFACTS = "mlflow-artifacts:/";
  private static final String COMMIT = "cairn.commit";
  private static final String VERSION = "cairn.version";
  private static final int PAGE = 1000;
  private static final Duration TIMEOUT = Duration.ofMinutes(1);

  /** What an upload may take besides; slower than that, it counts as hanging. */
  private static final long BYTES_PER_SECOND = 1 << 18;

  private final String url;
  private final Optional<String> token;
  private final Duration timeout;
  private final HttpClient client =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(20)).build();

  /**
   * Prepares to talk to a server; nothing is sent yet.
   *
   * @param url of the server, such as {@code http://host:5000}
   * @param token sent as a bearer's; empty where the server wants none
   */
  public MlflowRegistry(String url, Optional<String> token) {
    this(url, token, TIMEOUT);
  }

  /**
   * Does the same.
   *
   * @param timeout how long the server may take for an answer; a file that is uploaded has more
   *     time, by its length
   */
  public MlflowRegistry(String url, Optional<String> token, Duration timeout) {
    if (!url.matches("https?://.+")) {
      throw new IllegalArgumentException(
          "Cannot register a model: expected a server such as http://host:5000, found " + url);
    }
    this.url = url.endsWith("/") ? url.substring(0, url.length() - 1) : url;
    this.token = token;
    this.timeout = timeout;
  }

  /**
   * Registers a version, unless it is registered, and moves aliases to it.
   *
   * @param name of the registered model, made if there is none
   * @param folder that {@link MlflowModel} has written, with its scheme
   * @param record of the version in it
   * @return the server's number of the version
   * @throws Failed with what the server said, if it refuses
   */
  public String register(String name, String folder, VersionRecord record, List<String> aliases)
      throws IOException {
    create(name);
    Optional<String> there = find(name, record);
    String version = there.isPresent() ? there.get() : add(name, folder, record);
    for (String alias : aliases) {
      JsonNode unused =
          post(
              "registered-models/alias",
              object().put("name", name).put("alias", alias).put("version", version));
    }
    return version;
  }

  private static ObjectNode object() {
    return JsonNodeFactory.instance.objectNode();
  }

  private void create(String name) throws IOException {
    HttpResponse<String> response =
        send(request(API + "registered-models/create"), object().put("name", name));
    boolean there = response.body().contains("RESOURCE_ALREADY_EXISTS");
    if (response.statusCode() != 200 && !there) {
      throw refused(response);
    }
  }

  /** The version that has this commit already. */
  private Optional<String> find(String name, VersionRecord record) throws IOException {
    String filter = "name='" + name.replace("'", "\\'") + "'";
    String page = "";
    do {
      String query =
          "model-versions/search?max_results="
              + PAGE
              + "&filter="
              + encoded(filter)
              + (page.isEmpty() ? "" : "&page_token=" + encoded(page));
      HttpResponse<String> response = send(request(API + query).GET().build());
      JsonNode found = good(response);
      for (JsonNode version : found.path("model_versions")) {
        boolean same =
            tag(version, COMMIT).equals(record.attempt())
                && tag(version, VERSION).equals(Long.toString(record.number()));
        if (same) {
          return Optional.of(version.path("version").asText());
        }
      }
      page = found.path("next_page_token").asText("");
    } while (!page.isEmpty());
    return Optional.empty();
  }

  private static String tag(JsonNode version, String key) {
    for (JsonNode tag : version.path("tags")) {
      if (tag.path("key").asText().equals(key)) {
        return tag.path("value").asText();
      }
    }
    return "";
  }

  private String add(String name, String folder, VersionRecord record) throws IOException {
    ObjectNode wanted = object().put("name", name);
    if (folder.startsWith("file:")) {
      JsonNode run = upload(name, Path.of(folder.substring("file://".length())), record);
      wanted.put("run_id", run.path("run_id").asText());
      wanted.put("source", run.path("artifact_uri").asText() + "/model");
    } else {
      wanted.put("source", folder);
    }
    ArrayNode tags = wanted.putArray("tags");
    tags.addObject().put("key", COMMIT).put("value", record.attempt());
    tags.addObject().put("key", VERSION).put("value", Long.toString(record.number()));
    return post("model-versions/create", wanted).path("model_version").path("version").asText();
  }

  /** Uploads a folder as the artifact {@code model} of a new run; the run's info comes back. */
  private JsonNode upload(String name, Path folder, VersionRecord record) throws IOException {
    ObjectNode begun =
        object()
            .put("experiment_id", "0")
            .put("run_name", name + " version " + record.number())
            .put("start_time", record.created().toEpochMilli());
    JsonNode info = post("runs/create", begun).path("run").path("info");
    String place = info.path("artifact_uri").asText();
    if (!place.startsWith(ARTIFACTS)) {
      throw new Failed(
          "Cannot register a model: expected a server that takes artifacts (mlflow server"
              + " --serve-artifacts), found one that keeps them at "
              + place
              + " (server="
              + url
              + "); write the folder there: --mlflow DIR",
          null);
    }
    String below = place.substring(ARTIFACTS.length()).replaceAll("^/+", "");
    List<Path> files;
    try (Stream<Path> all = Files.walk(folder)) {
      files = all.filter(Files::isRegularFile).sorted().toList();
    }
    for (Path file : files) {
      StringBuilder path = new StringBuilder("/api/2.0/mlflow-artifacts/artifacts");
      for (Path part : Path.of(below, "model").resolve(folder.relativize(file))) {
        path.append('/').append(encoded(part.toString()).replace("+", "%20"));
      }
      HttpRequest request = request(path.toString()).PUT(BodyPublishers.ofFile(file)).build();
      Duration more = Duration.ofSeconds(Files.size(file) / BYTES_PER_SECOND);
      JsonNode unusedReply = good(send(request, timeout.plus(more)));
    }
    JsonNode unused =
        post(
            "runs/update",
            object()
                .put("run_id", info.path("run_id").asText())
                .put("status", "FINISHED")
                .put("end_time", record.created().toEpochMilli()));
    return info;
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  private HttpRequest.Builder request(String path) {
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url + path));
    token.ifPresent(of -> request.header("Authorization", "Bearer " + of));
    return request;
  }

  private JsonNode post(String path, ObjectNode body) throws IOException {
    return good(send(request(API + path), body));
  }

  private HttpResponse<String> send(HttpRequest.Builder request, ObjectNode body)
      throws IOException {
    return send(
        request
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofByteArray(JSON.writeValueAsBytes(body)))
            .build());
  }

  private HttpResponse<String> send(HttpRequest request) throws IOException {
    return send(request, timeout);
  }

  /** The whole answer; a request's own timeout would end with the answer's head. */
  private HttpResponse<String> send(HttpRequest request, Duration most) throws IOException {
    CompletableFuture<HttpResponse<String>> answer =
        client.sendAsync(request, BodyHandlers.ofString());
    try {
      return answer.get(most.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while a model was registered");
    } catch (ExecutionException e) {
      throw new Failed(
          "Cannot register a model: expected an MLflow server, found none that answers (server="
              + url
              + "): "
              + e.getCause(),
          e.getCause());
    } catch (TimeoutException e) {
      throw new Failed(
          "Cannot register a model: expected an answer within "
              + most.toMillis() / 1000.0
              + " s, found none to "
              + request.method()
              + " "
              + request.uri().getPath()
              + " (server="
              + url
              + "); the version is published: give the command again when the server answers",
          e);
    } finally {
      boolean unused = answer.cancel(true);
    }
  }

  private JsonNode good(HttpResponse<String> response) throws IOException {
    if (response.statusCode() != 200) {
      throw refused(response);
    }
    try {
      return response.body().isBlank() ? object() : JSON.readTree(response.body());
    } catch (JsonProcessingException e) {
      throw new Failed(
          "Cannot register a model: expected an MLflow server, found one that answers with no JSON"
              + " (server="
              + url
              + ")",
          e);
    }
  }

  private Failed refused(HttpResponse<String> response) {
    return new Failed(
        "Cannot register a model: the server refused "
            + response.request().method()
            + " "
            + response.uri().getPath()
            + " with "
            + response.statusCode()
            + ": "
            + response.body().strip()
            + " (server="
            + url
            + ")",
        null);
  }
}
