package dev.cairn.jobs.cli;

import dev.cairn.checkpoint.model.FeatureDefinition;
import dev.cairn.checkpoint.model.TrainingState;
import dev.cairn.jobs.config.JobException;
import dev.cairn.jobs.config.NearestName;
import dev.cairn.jobs.config.Text;
import dev.cairn.jobs.config.TrainConf;
import dev.cairn.jobs.config.TrainConfLoader;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A model and rows for it, from the arguments of {@code predict} and {@code model top}: RUN INPUT
 * [key=value ...].
 *
 * @param checkpoint a checkpoint, or a run's folder
 * @param words the settings for reading rows and starting Spark, as for training
 */
record ModelInput(String checkpoint, List<String> words) {
  private static final List<String> KEYS = List.of("input.format", "input.features", "executors");

  /** Copies the words. */
  ModelInput {
    words = List.copyOf(words);
  }

  /**
   * Makes one of the words of a command.
   *
   * @param settings words of the form {@code key=value}
   */
  static ModelInput of(String run, String input, List<String> settings) {
    settings.forEach(word -> check(key(word), List.of()));
    List<String> all = new ArrayList<>(settings);
    all.add("input=" + input);
    all.add("checkpoint.dir=" + run);
    return new ModelInput(TrainConfLoader.of(all).get(TrainConf.CHECKPOINT_DIR), all);
  }

  /** The key of {@code key=value}. */
  static String key(String word) {
    int equals = word.indexOf('=');
    return equals < 0 ? word : word.substring(0, equals).strip();
  }

  /**
   * Passes if a key is for reading rows or starting Spark.
   *
   * @param others the command's other keys, for the message
   */
  static void check(String key, List<String> others) {
    if (KEYS.contains(key)
        || key.startsWith(TrainConf.INPUT_OPTION)
        || key.startsWith(TrainConf.SPARK)) {
      return;
    }
    List<String> known = new ArrayList<>(others);
    known.addAll(KEYS);
    known.add("input.option.NAME");
    throw new JobException(
        Text.format(
            "Unknown key %s: expected %s or spark.*%s (command line)",
            key,
            String.join(", ", known),
            NearestName.of(key, known).map(near -> "; did you mean " + near + "?").orElse("")));
  }

  /** The full path of one on the command line, as the configuration resolves every path. */
  String resolved(String path) {
    List<String> all = new ArrayList<>(words);
    all.add(TrainConf.REPORT_FILE.name() + "=" + path);
    return TrainConfLoader.of(all).get(TrainConf.REPORT_FILE);
  }

  /** The settings for starting Spark. */
  TrainConf spark() {
    return TrainConfLoader.of(words);
  }

  /**
   * The settings for reading rows: with the reader's options of training. For older checkpoints,
   * which have no types, the columns of features and labels decide which ones are read as they are
   * written.
   *
   * @param state the state of the run that trained the model
   */
  TrainConf rows(Optional<TrainingState> state) {
    List<String> all = new ArrayList<>();
    state
        .map(TrainingState::configuration)
        .ifPresent(
            run ->
                run.forEach(
                    (key, value) -> {
                      if (key.startsWith(TrainConf.INPUT_OPTION)) {
                        all.add(key + "=" + value); // as in training, unless the user sets it
                      }
                    }));
    all.addAll(words);
    state
        .flatMap(TrainingState::features)
        .filter(features -> features.types().isEmpty()) // else the types decide
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
}
