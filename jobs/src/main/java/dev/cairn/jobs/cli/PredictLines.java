package dev.cairn.jobs.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.checkpoint.FolderOptions;
import dev.cairn.jobs.config.JobException;
import dev.cairn.jobs.config.Text;
import dev.cairn.spark.serving.RowPredictor;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Reader;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Scores lines without Spark: CSV with a header, or JSON objects, one a line. */
final class PredictLines {
  private final Console console;
  private boolean headed;

  PredictLines(Console console) {
    this.console = console;
  }

  int run(String run, Reader input, boolean json) throws IOException {
    RowPredictor model = RowPredictor.load(run, FolderOptions.defaults());
    BufferedReader lines = new BufferedReader(input);
    List<String> header = List.of();
    int number = 0;
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      number++;
      String text = number == 1 && line.startsWith("\uFEFF") ? line.substring(1) : line;
      if (text.isBlank()) {
        continue;
      }
      if (header.isEmpty() && !text.stripLeading().startsWith("{")) {
        header = fields(text, number).stream().map(String::valueOf).toList();
        checkHeader(header, model);
        continue;
      }
      Map<String, @Nullable Object> row =
          header.isEmpty() ? ofJson(text, number) : ofCsv(header, text, number);
      answer(model, row, number, json);
    }
    return CairnCommand.OK;
  }

  /** All rows of lines, as {@link #run} reads them. */
  static List<Map<String, @Nullable Object>> rows(BufferedReader lines) throws IOException {
    List<Map<String, @Nullable Object>> rows = new ArrayList<>();
    List<String> header = List.of();
    int number = 0;
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      number++;
      String text = number == 1 && line.startsWith("\uFEFF") ? line.substring(1) : line;
      if (text.isBlank()) {
        continue;
      }
      if (header.isEmpty() && !text.stripLeading().startsWith("{")) {
        header = fields(text, number).stream().map(String::valueOf).toList();
      } else {
        rows.add(header.isEmpty() ? ofJson(text, number) : ofCsv(header, text, number));
      }
    }
    return rows;
  }

  private void answer(
      RowPredictor model, Map<String, @Nullable Object> row, int number, boolean json)
      throws JsonProcessingException {
    RowPredictor.Answer answer;
    try {
      answer = model.answer(row);
    } catch (IllegalArgumentException e) {
      throw new JobException(
          Text.format("%s (line %d)%s", e.getMessage(), number, derivedAdvice(model, row.keySet())),
          e);
    }
    if (json) {
      ObjectNode node = CheckpointVerb.JSON.createObjectNode();
      answer.margin().ifPresent(margin -> node.put("margin", margin));
      answer.probability().ifPresent(probability -> node.put("probability", probability));
      if (model.classifies()) {
        node.put("prediction", (int) answer.prediction());
      } else {
        node.put("prediction", answer.prediction());
      }
      node.put("checkpoint", model.checkpoint());
      console.out().println(CheckpointVerb.JSON.writeValueAsString(node));
    } else {
      Map<String, String> fields = new LinkedHashMap<>();
      answer.margin().ifPresent(margin -> fields.put("margin", Double.toString(margin)));
      answer.probability().ifPresent(one -> fields.put("probability", Double.toString(one)));
      fields.put(
          "prediction",
          model.classifies()
              ? Integer.toString((int) answer.prediction())
              : Double.toString(answer.prediction()));
      fields.put("checkpoint", quoted(model.checkpoint()));
      if (!headed) {
        console.out().println(String.join(",", fields.keySet()));
        headed = true;
      }
      console.out().println(String.join(",", fields.values()));
    }
    console.out().flush();
  }

  private static String quoted(String text) {
    return text.contains(",") || text.contains("\"")
        ? "\"" + text.replace("\"", "\"\"") + "\""
        : text;
  }

  private static void checkHeader(List<String> header, RowPredictor model) {
    List<String> missing = model.columns().stream().filter(name -> !header.contains(name)).toList();
    if (!missing.isEmpty()) {
      throw new JobException(
          Text.format(
              "Cannot score lines: expected columns %s, found %s; missing %s%s",
              String.join(", ", model.columns()),
              String.join(", ", header),
              String.join(", ", missing),
              derivedAdvice(model, header)));
    }
  }

  /** Advice on derived columns, which are easily forgotten. */
  private static String derivedAdvice(RowPredictor model, Collection<String> there) {
    List<String> derived =
        model.definition().derived().stream()
            .filter(one -> model.columns().contains(one.name()) && !there.contains(one.name()))
            .map(one -> one.name() + " = " + one.sql())
            .collect(Collectors.toCollection(ArrayList::new));
    model
        .definition()
        .offset()
        .filter(offset -> offset.isMade() && !there.contains(offset.column()))
        .ifPresent(offset -> derived.add(offset.column() + " = " + offset.sql()));
    return derived.isEmpty()
        ? ""
        : "; derived columns need Spark's SQL, which --stdin does without: give them ("
            + String.join(", ", derived)
            + "), or score a file: predict RUN INPUT OUTPUT";
  }

  private static Map<String, @Nullable Object> ofJson(String line, int number) {
    Map<String, @Nullable Object> row = new LinkedHashMap<>();
    JsonNode tree;
    try {
      tree = CheckpointVerb.JSON.readTree(line);
    } catch (JsonProcessingException e) {
      throw new JobException(
          Text.format(
              "Cannot score lines: expected a JSON object, found %s (line %d)",
              e.getOriginalMessage(), number),
          e);
    }
    for (Map.Entry<String, JsonNode> field : tree.properties()) {
      JsonNode value = field.getValue();
      row.put(
          field.getKey(),
          value.isNull() ? null : value.isNumber() ? value.numberValue() : value.asText());
    }
    return row;
  }

  /**
   * A row of CSV: an empty field is a null, as for Spark's reader; a quoted empty one is an empty
   * text.
   */
  private static Map<String, @Nullable Object> ofCsv(List<String> header, String line, int number) {
    List<@Nullable String> fields = fields(line, number);
    if (fields.size() != header.size()) {
      throw new JobException(
          Text.format(
              "Cannot score lines: expected %d fields, found %d (line %d)",
              header.size(), fields.size(), number));
    }
    Map<String, @Nullable Object> row = new LinkedHashMap<>();
    for (int i = 0; i < header.size(); i++) {
      row.put(header.get(i), fields.get(i));
    }
    return row;
  }

  private static List<@Nullable String> fields(String line, int number) {
    List<@Nullable String> fields = new ArrayList<>();
    int at = 0;
    while (true) {
      StringBuilder field = new StringBuilder();
      boolean quoted = at < line.length() && line.charAt(at) == '"';
      if (quoted) {
        at++;
        while (true) {
          int end = line.indexOf('"', at);
          if (end < 0) {
            throw new JobException(
                Text.format(
                    "Cannot score lines: expected a closing quote, found none (line %d)", number));
          }
          field.append(line, at, end);
          at = end + 1;
          if (at < line.length() && line.charAt(at) == '"') {
            field.append('"');
            at++;
          } else {
            break;
          }
        }
      }
      int comma = line.indexOf(',', at);
      int end = comma < 0 ? line.length() : comma;
      field.append(line, at, end);
      fields.add(field.length() == 0 && !quoted ? null : field.toString());
      if (comma < 0) {
        return fields;
      }
      at = comma + 1;
    }
  }
}
