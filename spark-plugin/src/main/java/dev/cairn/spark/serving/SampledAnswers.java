package dev.cairn.spark.serving;

import dev.cairn.checkpoint.CheckpointReader;
import dev.cairn.checkpoint.FolderOptions;
import dev.cairn.checkpoint.Folders;
import dev.cairn.checkpoint.model.CheckpointException.Mismatch;
import dev.cairn.checkpoint.model.FeatureDefinition;
import dev.cairn.checkpoint.model.Manifest;
import dev.cairn.checkpoint.model.TrainingState;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A version's own answers for a few rows, before others see it. Only the parameters that these rows
 * need are read.
 *
 * @param definition of the features
 * @param rows values by column
 * @param answers as {@code predict} gives them; their margins are finite
 */
record SampledAnswers(
    FeatureDefinition definition,
    List<Map<String, @Nullable Object>> rows,
    List<RowPredictor.Answer> answers) {

  /**
   * Scores rows.
   *
   * @param folder a version, or one that is being made
   * @param given rows; empty for such as are made up of the feature definition and the scales
   * @return empty if the version does not say how features are made
   * @throws Mismatch if a margin is not finite, or a prediction for one of the given rows, or a row
   *     does not fit. A row that is made up may be one that the model never saw the like of: where
   *     counts are predicted, its exponential may be past all numbers
   */
  static Optional<SampledAnswers> of(
      String folder, List<Map<String, @Nullable Object>> given, FolderOptions options)
      throws IOException {
    String variables = Folders.child(folder, "variables");
    try (CheckpointReader reader = CheckpointReader.open(variables, options)) {
      Optional<TrainingState> training = reader.manifest().flatMap(Manifest::training);
      Optional<FeatureDefinition> definition = training.flatMap(TrainingState::features);
      if (definition.isEmpty()) {
        return Optional.empty();
      }
      List<Map<String, @Nullable Object>> rows =
          given.isEmpty()
              ? SampleRows.of(definition.get(), training.orElseThrow().scales())
              : given;
      SampledParameters[] parameters = new SampledParameters[1];
      RowPredictor model =
          RowPredictor.of(reader, variables, of -> parameters[0] = new SampledParameters(of));
      List<RowPredictor.Answer> unused = answers(model, rows, folder);
      parameters[0].load(reader);
      List<RowPredictor.Answer> answers = answers(model, rows, folder);
      for (int i = 0; i < rows.size(); i++) {
        requireFinite(
            model, rows.get(i), given.isEmpty() ? 0 : answers.get(i).prediction(), folder);
      }
      return Optional.of(new SampledAnswers(definition.get(), rows, answers));
    }
  }

  private static List<RowPredictor.Answer> answers(
      RowPredictor model, List<Map<String, @Nullable Object>> rows, String folder) throws Mismatch {
    List<RowPredictor.Answer> answers = new ArrayList<>();
    for (Map<String, @Nullable Object> row : rows) {
      RowPredictor.Answer answer;
      try {
        answer = model.answer(row);
      } catch (IllegalArgumentException e) {
        throw new Mismatch(e.getMessage() + " (path=" + folder + ")");
      }
      answers.add(answer);
    }
    return answers;
  }

  private static void requireFinite(
      RowPredictor model, Map<String, @Nullable Object> row, double prediction, String folder)
      throws Mismatch {
    double[] found = Arrays.copyOf(model.scores(row), model.outputs() + 1);
    found[model.outputs()] = prediction;
    for (double number : found) {
      if (!Double.isFinite(number)) {
        throw new Mismatch(
            "Cannot publish a model: expected finite answers, found "
                + number
                + " for the row "
                + row
                + " (path="
                + folder
                + "); nothing was published: look at the loss of its training");
      }
    }
  }
}
