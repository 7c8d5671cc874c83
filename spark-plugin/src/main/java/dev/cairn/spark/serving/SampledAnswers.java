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
 * @param answers as {@code predict} gives them, all of them finite
 */
record SampledAnswers(
    FeatureDefinition definition,
    List<Map<String, @Nullable Object>> rows,
    List<RowPredictor.Answer> answers) {

  /**
   * Scores rows.
   *
   * @param folder a version, or one that is being made
   * @param given rows; empty for such as are made up of the feature definition
   * @return empty if the version does not say how features are made
   * @throws Mismatch if an answer is not finite, or a row does not fit
   */
  static Optional<SampledAnswers> of(
      String folder, List<Map<String, @Nullable Object>> given, FolderOptions options)
      throws IOException {
    String variables = Folders.child(folder, "variables");
    try (CheckpointReader reader = CheckpointReader.open(variables, options)) {
      Optional<FeatureDefinition> definition =
          reader.manifest().flatMap(Manifest::training).flatMap(TrainingState::features);
      if (definition.isEmpty()) {
        return Optional.empty();
      }
      List<Map<String, @Nullable Object>> rows =
          given.isEmpty() ? SampleRows.of(definition.get()) : given;
      SampledParameters[] parameters = new SampledParameters[1];
      RowPredictor model =
          RowPredictor.of(reader, variables, of -> parameters[0] = new SampledParameters(of));
      List<RowPredictor.Answer> unused = answers(model, rows, folder, false);
      parameters[0].load(reader);
      return Optional.of(
          new SampledAnswers(definition.get(), rows, answers(model, rows, folder, true)));
    }
  }

  private static List<RowPredictor.Answer> answers(
      RowPredictor model, List<Map<String, @Nullable Object>> rows, String folder, boolean finite)
      throws Mismatch {
    List<RowPredictor.Answer> answers = new ArrayList<>();
    for (Map<String, @Nullable Object> row : rows) {
      RowPredictor.Answer answer;
      try {
        answer = model.answer(row);
      } catch (IllegalArgumentException e) {
        throw new Mismatch(e.getMessage() + " (path=" + folder + ")");
      }
      if (finite && !isFinite(answer)) {
        throw new Mismatch(
            "Cannot publish a model: expected finite answers, found "
                + answer.prediction()
                + " for the row "
                + row
                + " (path="
                + folder
                + "); nothing was published: look at the loss of its training");
      }
      answers.add(answer);
    }
    return answers;
  }

  private static boolean isFinite(RowPredictor.Answer answer) {
    return Double.isFinite(answer.prediction())
        && Double.isFinite(answer.margin().orElse(0))
        && Double.isFinite(answer.probability().orElse(0));
  }
}
