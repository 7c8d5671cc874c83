package dev.cairn.jobs.cli;

import dev.cairn.jobs.config.JobException;
import dev.cairn.jobs.config.Text;
import dev.cairn.spark.settings.ModelSettings;
import dev.cairn.spark.settings.Values;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The settings of {@code predict}.
 *
 * @param model the model, and the settings for reading the rows to be scored
 * @param output the path for scored rows
 * @param format parquet or csv
 * @param columns the input's columns that are kept; {@code *} alone for all
 * @param partitionBy the columns that the output is cut into folders by
 * @param overwrite whether scores of other rows, or by another model, are replaced
 * @param threshold probability above which 1 is predicted
 */
record PredictConf(
    ModelInput model,
    String output,
    String format,
    List<String> columns,
    List<String> partitionBy,
    boolean overwrite,
    double threshold) {
  /** The threshold where none is set. */
  static final double THRESHOLD = ModelSettings.THRESHOLD.defaultValue().orElseThrow();

  private static final Values<String> FORMAT = Values.oneOf(List.of("auto", "parquet", "csv"));

  private static final List<String> OWN =
      List.of(
          "output.columns",
          "output.format",
          "output.overwrite",
          "output.partition-by",
          "threshold");

  /** Reads the words RUN INPUT OUTPUT [key=value ...]. */
  static PredictConf of(List<String> words) {
    Map<String, String> own = new HashMap<>();
    List<String> shared = new ArrayList<>();
    for (String word : words.subList(3, words.size())) {
      String key = ModelInput.key(word);
      if (OWN.contains(key)) {
        own.put(key, word.substring(word.indexOf('=') + 1).strip());
      } else {
        ModelInput.check(key, OWN);
        shared.add(word);
      }
    }
    ModelInput model = ModelInput.of(words.get(0), words.get(1), shared);
    String output = model.resolved(words.get(2));
    return new PredictConf(
        model,
        output,
        format(own.getOrDefault("output.format", "auto"), output),
        names(own.getOrDefault("output.columns", "*")),
        names(own.getOrDefault("output.partition-by", "")),
        value("output.overwrite", Values.flag(), own.getOrDefault("output.overwrite", "false")),
        value(
            "threshold",
            ModelSettings.THRESHOLD.values(),
            own.getOrDefault("threshold", ModelSettings.THRESHOLD.defaultText())));
  }

  private static List<String> names(String text) {
    return Arrays.stream(text.split(",", -1))
        .map(String::strip)
        .filter(name -> !name.isEmpty())
        .toList();
  }

  private static String format(String text, String output) {
    String format = value("output.format", FORMAT, text);
    return format.equals("auto") ? (output.matches(".*\\.csv/?") ? "csv" : "parquet") : format;
  }

  private static <T> T value(String key, Values<T> values, String text) {
    try {
      return values.parse(text);
    } catch (IllegalArgumentException e) {
      throw new JobException(
          Text.format(
              "Cannot use %s: expected %s, found \"%s\" (command line)",
              key, values.expected(), text),
          e);
    }
  }
}
