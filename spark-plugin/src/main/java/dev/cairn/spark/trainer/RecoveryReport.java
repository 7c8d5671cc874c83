package dev.cairn.spark.trainer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.checkpoint.FolderOptions;
import dev.cairn.checkpoint.RunFile;
import dev.cairn.spark.listener.TrainingListener;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes a report of recoveries beside the checkpoints: {@code recoveries.json} for programs and
 * {@code recoveries.txt}, a paragraph each, for people. Earlier runs' entries stay, up to {@value
 * #MOST}. A failure to write it is logged and harms nothing. Thread-safe.
 */
final class RecoveryReport {
  private static final Logger LOG = LoggerFactory.getLogger(RecoveryReport.class);
  private static final JsonMapper MAPPER = new JsonMapper();
  private static final int MOST = 1_000;

  private final String directory;
  private final FolderOptions options;

  /** Makes the report of a run's folder. */
  RecoveryReport(String directory, FolderOptions options) {
    this.directory = directory;
    this.options = options;
  }

  synchronized void add(TrainingListener.Recovery recovery) {
    LOG.info("{}", recovery.describe());
    try {
      RunFile json = RunFile.at(directory + "/recoveries.json", options);
      ArrayNode all = earlier(json);
      all.add(entry(recovery));
      while (all.size() > MOST) {
        all.remove(0);
      }
      json.replace(MAPPER.writerWithDefaultPrettyPrinter().writeValueAsBytes(all));
      StringBuilder text = new StringBuilder();
      for (JsonNode one : all) {
        text.append(one.path("at").asText()).append("  ").append(one.path("text").asText());
        text.append("\n\n");
      }
      RunFile.at(directory + "/recoveries.txt", options)
          .replace(text.toString().getBytes(StandardCharsets.UTF_8));
    } catch (IOException | RuntimeException e) {
      LOG.warn("The recovery report was not written", e);
    }
  }

  private static ArrayNode earlier(RunFile json) throws IOException {
    byte[] bytes = json.read().orElse(new byte[0]);
    JsonNode read = bytes.length == 0 ? null : MAPPER.readTree(bytes);
    return read instanceof ArrayNode array ? array : MAPPER.createArrayNode();
  }

  private static ObjectNode entry(TrainingListener.Recovery recovery) {
    ObjectNode node = MAPPER.createObjectNode();
    node.put("at", Instant.now().truncatedTo(ChronoUnit.MILLIS).toString());
    ArrayNode losses = node.putArray("lost");
    recovery.losses().forEach(losses::add);
    node.put("cause", recovery.cause())
        .put("fromStep", recovery.fromStep())
        .put("stepsRedone", recovery.stepsRedone())
        .put("executors", recovery.executors())
        .put("generation", recovery.generation())
        .put("memoryBytes", recovery.memoryBytes())
        .put("storageBytes", recovery.storageBytes())
        .put("millisToNextStep", recovery.millisToNextStep())
        .put("text", recovery.describe());
    return node;
  }
}
