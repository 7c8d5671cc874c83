package dev.cairn.jobs.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.checkpoint.FolderOptions;
import dev.cairn.checkpoint.FolderReplacement;
import dev.cairn.checkpoint.Folders;
import dev.cairn.checkpoint.RunFile;
import dev.cairn.jobs.config.JobException;
import dev.cairn.jobs.config.Text;
import java.io.IOException;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A folder of scores, replaced as a whole: whoever reads it finds the old ones or the new ones. A
 * file in it says what they are scores of; so that a rerun replaces its own output, and nothing
 * else's. Not thread-safe.
 */
final class ScoredFolder {
  /** The file's name; readers of tables pass over names that begin so. */
  static final String RECORD = "_cairn-predict.json";

  private static final String FORMAT = "cairn-predict";
  private static final int FORMAT_VERSION = 1;

  /**
   * What rows were scored with.
   *
   * @param model the folder of a published model, a run's folder, or a checkpoint
   * @param version the version of the published model; empty for others
   * @param checkpoint the checkpoint
   * @param commit tells the checkpoint from a later one in its place
   * @param input the path of the rows
   */
  record Scored(
      String model, OptionalLong version, String checkpoint, String commit, String input) {

    private ObjectNode json(long rows) {
      ObjectNode node = CheckpointVerb.JSON.createObjectNode();
      node.put("format", FORMAT).put("formatVersion", FORMAT_VERSION).put("model", model);
      version.ifPresent(number -> node.put("version", number));
      return node.put("checkpoint", checkpoint)
          .put("commit", commit)
          .put("input", input)
          .put("rows", rows);
    }
  }

  /** Writes rows to a folder that is there and empty; returns their number. */
  interface Writer {
    long write(String folder);
  }

  private final String output;
  private final Scored scored;
  private final boolean overwrite;
  private final FolderOptions options;

  /**
   * Makes one.
   *
   * @param overwrite whether scores of other rows, or by another model, are replaced
   */
  ScoredFolder(String output, Scored scored, boolean overwrite, FolderOptions options) {
    this.output = output;
    this.scored = scored;
    this.overwrite = overwrite;
    this.options = options;
  }

  /**
   * Refuses an output that is there and must not be replaced.
   *
   * @throws JobException saying what is there
   */
  void check() throws IOException {
    String place = FolderReplacement.current(output, options);
    if (!Folders.exists(place, options)) {
      return;
    }
    JsonNode record =
        record(place)
            .orElseThrow(
                () ->
                    refused(
                        "a new folder, or one of scores",
                        "something that predict has not made",
                        "choose another, or take it away"));
    String model = record.path("model").asText();
    String input = record.path("input").asText();
    if (!overwrite && !(model.equals(scored.model()) && input.equals(scored.input()))) {
      throw refused(
          "a new folder, or scores of " + scored.input() + " by " + scored.model(),
          "scores of " + input + " by " + model,
          "choose another, or set output.overwrite=true");
    }
  }

  private JobException refused(String expected, String found, String advice) {
    return new JobException(
        Text.format(
            "Cannot write scores: expected %s, found %s; %s (path=%s)",
            expected, found, advice, output));
  }

  /** What a folder's scores are of; empty if it is none of scores. */
  private Optional<JsonNode> record(String place) throws IOException {
    if (!Folders.isFolder(place, options) || !Folders.exists(place + "/" + RECORD, options)) {
      return Optional.empty();
    }
    Optional<byte[]> bytes = RunFile.at(place + "/" + RECORD, options).read();
    try {
      JsonNode node = CheckpointVerb.JSON.readTree(bytes.orElse(new byte[0]));
      return Optional.of(node).filter(one -> one.path("format").asText().equals(FORMAT));
    } catch (JsonProcessingException e) {
      return Optional.empty();
    }
  }

  /** Replaces the folder; returns the number of rows that were written. */
  long replace(Writer writer) throws IOException {
    check();
    try (FolderReplacement replacement = FolderReplacement.begin(output, options)) {
      long rows = writer.write(replacement.folder());
      RunFile.at(replacement.folder() + "/" + RECORD, options)
          .replace(
              CheckpointVerb.JSON
                  .writerWithDefaultPrettyPrinter()
                  .writeValueAsBytes(scored.json(rows)));
      check(); // scoring may have taken hours
      replacement.commit();
      return rows;
    }
  }
}
