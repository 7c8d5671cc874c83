package dev.cairn.spark.serving;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.checkpoint.FolderOptions;
import dev.cairn.checkpoint.model.CheckpointException.Mismatch;
import dev.cairn.checkpoint.model.ColumnType;
import dev.cairn.checkpoint.model.FeatureDefinition;
import dev.cairn.checkpoint.publish.TensorFlowProcess;
import dev.cairn.checkpoint.savedmodel.RowFeatures;
import dev.cairn.checkpoint.savedmodel.Signature;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Lets TensorFlow in Python load a version before it is published, and call {@code serving_default}
 * on a few rows: its answers must be those of {@code predict}, to 1e-6. Whoever cannot be asked, or
 * answers otherwise, keeps the version from being published.
 *
 * <p>Memory: in this JVM what the rows need; in Python all of the model. Immutable, thread-safe.
 */
public final class TensorFlowCheck implements Publisher.Check {
  private static final ObjectMapper JSON = JsonMapper.builder().build();
  private static final double CLOSE = 1e-6;

  private final String python;
  private final List<Map<String, @Nullable Object>> rows;
  private final FolderOptions options;

  /**
   * Makes a check.
   *
   * @param python a program, found on the path or by its own one, whose Python has TensorFlow
   * @param rows values by column; without any, rows are made up of the feature definition
   */
  public TensorFlowCheck(
      String python, List<Map<String, @Nullable Object>> rows, FolderOptions options) {
    this.python = python;
    this.rows = List.copyOf(rows);
    this.options = options;
  }

  /**
   * Asks TensorFlow.
   *
   * @throws Mismatch if its answers are others, or the checkpoint does not say how features are
   *     made of columns
   * @throws dev.cairn.checkpoint.model.CheckpointException.Failed if it cannot be asked, or cannot
   *     load the version
   */
  @Override
  public void check(String folder) throws IOException {
    SampledAnswers own =
        SampledAnswers.of(folder, rows, options)
            .orElseThrow(
                () ->
                    new Mismatch(
                        "Cannot ask TensorFlow for answers: expected a checkpoint that says how"
                            + " features are made of columns, found one that was trained on vectors"
                            + " (path="
                            + folder
                            + "); publish it without asking"));
    byte[] request = JSON.writeValueAsBytes(request(own));
    JsonNode outputs =
        JSON.readTree(TensorFlowProcess.ask(python, folder, request, options)).path("outputs");
    for (int i = 0; i < own.rows().size(); i++) {
      RowPredictor.Answer answer = own.answers().get(i);
      compare(outputs, "margin", answer.margin(), i, own, folder);
      compare(outputs, "probability", answer.probability(), i, own, folder);
      // Which of two classes it is may differ where the margin is as good as none.
      if (Math.abs(answer.margin().orElse(1)) > CLOSE) {
        compare(outputs, "prediction", OptionalDouble.of(answer.prediction()), i, own, folder);
      }
    }
  }

  @Override
  public List<Map<String, @Nullable Object>> rows() {
    return rows;
  }

  private static void compare(
      JsonNode outputs,
      String name,
      OptionalDouble expected,
      int row,
      SampledAnswers own,
      String folder)
      throws Mismatch {
    if (expected.isEmpty()) {
      return;
    }
    JsonNode found = outputs.path(name).path(row);
    double wanted = expected.getAsDouble();
    double given =
        found.asText().equals("inf")
            ? Double.POSITIVE_INFINITY // as Python writes it
            : found.isNumber() ? found.doubleValue() : Double.NaN;
    double most = Double.isFinite(wanted) ? CLOSE * Math.max(1, Math.abs(wanted)) : 0;
    if (given != wanted && !(Math.abs(given - wanted) <= most)) {
      throw new Mismatch(
          "Cannot publish a model: TensorFlow answers otherwise than predict: "
              + name
              + ", expected "
              + wanted
              + ", found "
              + (found.isMissingNode() ? "none" : found.asText())
              + " for the row "
              + own.rows().get(row)
              + " (path="
              + folder
              + "); nothing was published");
    }
  }

  private static ObjectNode request(SampledAnswers own) {
    FeatureDefinition definition = own.definition();
    Map<String, String> names = RowFeatures.inputNames(definition);
    ObjectNode request = JsonNodeFactory.instance.objectNode().put("signature", Signature.DEFAULT);
    ObjectNode inputs = request.putObject("inputs");
    Set<String> texts = ServedColumns.texts(definition);
    names.forEach(
        (column, name) -> {
          boolean text = texts.contains(column);
          ObjectNode input = inputs.putObject(name).put("type", text ? "string" : "double");
          input.putArray("shape").add(own.rows().size());
          ArrayNode values = input.putArray("values");
          for (Map<String, @Nullable Object> row : own.rows()) {
            Object value = row.get(column);
            if (text) {
              values.add(text(column, value, definition.type(column)));
            } else if (value == null) {
              values.addNull();
            } else {
              values.add(RowValues.number(column, value));
            }
          }
        });
    return request;
  }

  /** The text that goes into the graph: none is an absent feature. */
  private static String text(String column, @Nullable Object value, Optional<ColumnType> type) {
    String text =
        type.isPresent()
            ? RowValues.text(column, value, type.get())
            : RowValues.text(column, value);
    return text == null ? "" : text;
  }
}
