package dev.cairn.jobs.cli;

import dev.cairn.checkpoint.model.FeatureDefinition;
import dev.cairn.checkpoint.model.TrainingState;
import dev.cairn.jobs.config.JobException;
import dev.cairn.jobs.config.NearestName;
import dev.cairn.jobs.config.Text;
import dev.cairn.jobs.config.TrainConf;
import dev.cairn.jobs.config.TrainConfLoader;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What {@code predict} is told.
 *
 * @param checkpoint a checkpoint, or a run's folder
 * @param output where scored rows go
 * @param format parquet or csv
 * @param columns of the input that are kept; {@code *} alone for all
 * @param overwrite whether an existing output is replaced
 * @param threshold probability above which 1 is predicted
 * @param words how rows are read and Spark is started, as for training
 */
record PredictConf(
    String checkpoint,
    String output,
    String format,
    List<String> columns,
    boolean overwrite,
    double threshold,
    List<String> words) {
  private static final List<String> OWN =
      List.of("output.columns", "output.format", "output.overwrite", "threshold");
  private static final List<String> SHARED = List.of("input.format", "input.features", "executors");

  /** Of RUN INPUT OUTPUT [key=value ...]. */
  static PredictConf of(List<String> words) {
    Map<String, String> own = new HashMap<>();
    List<String> shared = new ArrayList<>();
    for (String word : words.subList(3, words.size())) {
      int equals = word.indexOf('=');
      String key = equals < 0 ? word : word.substring(0, equals).strip();
      if (OWN.contains(key)) {
        own.put(key, word.substring(equals + 1).strip());
      } else if (SHARED.contains(key)
          || key.startsWith(TrainConf.INPUT_OPTION)
          || key.startsWith(TrainConf.SPARK)) {
        shared.add(word);
      } else {
        throw unknown(key);
      }
    }
    shared.add("input=" + words.get(1));
    shared.add("checkpoint.dir=" + words.get(0));
    shared.add("report.file=" + words.get(2)); // resolved like every other path
    TrainConf conf = TrainConfLoader.of(shared);
    String output = conf.reportFile();
    return new PredictConf(
        conf.get(TrainConf.CHECKPOINT_DIR),
        output,
        format(own.getOrDefault("output.format", "auto"), output),
        Arrays.stream(own.getOrDefault("output.columns", "*").split(",", -1))
            .map(String::strip)
            .filter(name -> !name.isEmpty())
            .toList(),
        overwrite(own.getOrDefault("output.overwrite", "false")),
        threshold(own.getOrDefault("threshold", "0.5")),
        shared);
  }

  /** How Spark is started. */
  TrainConf spark() {
    return TrainConfLoader.of(words);
  }

  /**
   * How rows are read: as in training, where the columns of features and labels decide which ones
   * are read as they are written.
   *
   * @param state of the run that trained the model
   */
  TrainConf input(Optional<TrainingState> state) {
    List<String> all = new ArrayList<>();
    state
        .map(TrainingState::configuration)
        .ifPresent(
            run ->
                run.forEach(
                    (key, value) -> {
                      if (key.startsWith(TrainConf.INPUT_OPTION)) {
                        all.add(key + "=" + value); // as in training, unless the user says more
                      }
                    }));
    all.addAll(words);
    state
        .flatMap(TrainingState::features)
        .ifPresent(
            features -> {
              all.add("features.categorical=" + String.join(",", features.categorical()));
              all.add("features.numeric=" + String.join(",", features.numeric()));
              all.add(
                  "features.cross="
                      + features.crosses().stream()
                          .map(FeatureDefinition::crossName)
                          .collect(Collectors.joining(",")));
              features
                  .derived()
                  .forEach(one -> all.add(TrainConf.DERIVE + one.name() + "=" + one.sql()));
              features.label().ifPresent(label -> all.add("label=" + label.sql()));
            });
    state
        .map(run -> run.configuration().get(TrainConf.TEST.name()))
        .ifPresent(split -> all.add(TrainConf.TEST.name() + "=" + split));
    return TrainConfLoader.of(all);
  }

  private static JobException unknown(String key) {
    List<String> known = new ArrayList<>(OWN);
    known.addAll(SHARED);
    known.add("input.option.NAME");
    return new JobException(
        Text.format(
            "Unknown key %s: expected %s or spark.*%s (command line)",
            key,
            String.join(", ", known),
            NearestName.of(key, known).map(near -> "; did you mean " + near + "?").orElse("")));
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
