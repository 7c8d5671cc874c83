package dev.cairn.jobs.cli;

import dev.cairn.jobs.config.JobException;
import dev.cairn.jobs.config.Text;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What {@code predict} is told.
 *
 * @param model what scores, and how the rows to be scored are read
 * @param output where scored rows go
 * @param format parquet or csv
 * @param columns of the input that are kept; {@code *} alone for all
 * @param overwrite whether an existing output is replaced
 * @param threshold probability above which 1 is predicted
 */
record PredictConf(
    ModelInput model,
    String output,
    String format,
    List<String> columns,
    boolean overwrite,
    double threshold) {
  /** The threshold where none is set. */
  static final double THRESHOLD = 0.5;

  private static final List<String> OWN =
      List.of("output.columns", "output.format", "output.overwrite", "threshold");

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
        Arrays.stream(own.getOrDefault("output.columns", "*").split(",", -1))
            .map(String::strip)
            .filter(name -> !name.isEmpty())
            .toList(),
        overwrite(own.getOrDefault("output.overwrite", "false")),
        own.containsKey("threshold") ? threshold(own.get("threshold")) : THRESHOLD);
  }

  private static String format(String text, String output) {
    return switch (text) {
      case "parquet", "csv" -> text;
      case "auto" -> output.matches(".*\\.csv/?") ? "csv" : "parquet";
      default -> throw wrong("output.format", "auto, parquet or csv", text);
    };
  }

  private static boolean overwrite(String text) {
    if (!text.equals("true") && !text.equals("false")) {
      throw wrong("output.overwrite", "true or false", text);
    }
    return text.equals("true");
  }

  private static double threshold(String text) {
    try {
      double value = Double.parseDouble(text);
      if (value >= 0 && value <= 1) {
        return value;
      }
    } catch (NumberFormatException e) {
      // Same remedy as for a number out of range: say what is expected.
    }
    throw wrong("threshold", "a number from 0 to 1", text);
  }

  private static JobException wrong(String key, String expected, String found) {
    return new JobException(
        Text.format(
            "Cannot use %s: expected %s, found \"%s\" (command line)", key, expected, found));
  }
}
