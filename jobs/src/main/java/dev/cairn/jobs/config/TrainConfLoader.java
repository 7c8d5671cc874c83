package dev.cairn.jobs.config;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Reads a properties file and the words of the command line into a {@link TrainConf}; refuses all
 * errors in them.
 */
public final class TrainConfLoader {
  private final Map<String, Setting> settings = new LinkedHashMap<>();

  private record Setting(String value, String place, PathBase base) {}

  /** The keys that there may be. */
  private final List<ConfKey<?>> keys;

  private TrainConfLoader(List<ConfKey<?>> keys) {
    this.keys = keys;
  }

  /**
   * Loads the configuration of {@code file} with {@code overrides} on top.
   *
   * @param overrides words of the form {@code key=value}; their relative paths start from the
   *     current folder
   * @throws JobException naming the key, the place, what was expected and what was found
   */
  public static TrainConf load(Path file, List<String> overrides) {
    return load(TrainConf.keys(), List.of(), file, overrides);
  }

  /**
   * Loads the configuration of a refresh, which has {@link RefreshKeys#KEYS}, too.
   *
   * @param known words over which those of the file win
   * @throws JobException as {@link #load(Path, List)} does
   */
  public static TrainConf refresh(List<String> known, Path file, List<String> overrides) {
    List<ConfKey<?>> all = new ArrayList<>(TrainConf.keys());
    all.addAll(RefreshKeys.KEYS);
    return load(all, known, file, overrides);
  }

  private static TrainConf load(
      List<ConfKey<?>> keys, List<String> known, Path file, List<String> overrides) {
    TrainConfLoader loader = new TrainConfLoader(keys);
    loader.nameAfter(file);
    known.forEach(loader::readWord);
    loader.readFile(file);
    overrides.forEach(loader::readWord);
    return loader.build();
  }

  private void nameAfter(Path file) {
    String name = String.valueOf(file.getFileName()).replaceFirst("\\.(properties|conf)$", "");
    settings.put(
        TrainConf.RUN_NAME.name(),
        new Setting(name.isEmpty() ? "run" : name, "default", PathBase.current()));
  }

  /**
   * Makes the configuration of words alone.
   *
   * @param words words of the form {@code key=value}; their relative paths start from the current
   *     folder
   * @throws JobException naming the key, what was expected and what was found
   */
  public static TrainConf of(List<String> words) {
    TrainConfLoader loader = new TrainConfLoader(TrainConf.keys());
    words.forEach(loader::readWord);
    return loader.build();
  }

  private void readFile(Path file) {
    PropertiesFile properties = PropertiesFile.read(file);
    Path parent = file.toAbsolutePath().getParent();
    PathBase base = parent == null ? PathBase.current() : new PathBase(parent);
    for (String key : properties.keys()) {
      String value = stripped(key, properties.value(key));
      settings.put(key, new Setting(value, properties.place(key), base));
    }
  }

  /**
   * A value without the blanks around it, unless it consists of blanks: a separator may be a tab.
   */
  private static String stripped(String key, String value) {
    String text = value.strip();
    return text.isEmpty() && key.startsWith(TrainConf.INPUT_OPTION) ? value : text;
  }

  private void readWord(String word) {
    int equals = word.indexOf('=');
    if (equals <= 0) {
      throw new JobException(
          Text.format(
              "Cannot understand \"%s\" on the command line: expected key=value, such as"
                  + " train.epochs=3",
              word));
    }
    String key = word.substring(0, equals).strip();
    String value = stripped(key, word.substring(equals + 1));
    settings.put(key, new Setting(value, "command line", PathBase.current()));
  }

  private TrainConf build() {
    Map<ConfKey<?>, Object> values = new LinkedHashMap<>();
    TreeMap<String, String> derived = new TreeMap<>();
    TreeMap<String, String> spark = new TreeMap<>();
    TreeMap<String, String> forVariables = new TreeMap<>();
    TreeMap<String, String> options = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    Map<String, String> places = new LinkedHashMap<>();
    for (Map.Entry<String, Setting> entry : settings.entrySet()) {
      String name = entry.getKey();
      Setting setting = entry.getValue();
      places.put(name, setting.place());
      if (name.startsWith(TrainConf.SPARK)) {
        spark.put(name, setting.value());
      } else if (name.startsWith(TrainConf.DERIVE)
          && name.length() > TrainConf.DERIVE.length()
          && !setting.value().isEmpty()) {
        derived.put(name.substring(TrainConf.DERIVE.length()), setting.value());
      } else if (name.startsWith(TrainConf.INPUT_OPTION)
          && name.length() > TrainConf.INPUT_OPTION.length()) {
        options.put(name.substring(TrainConf.INPUT_OPTION.length()), setting.value());
      } else if (name.startsWith(OptimizerKeys.FOR) && name.length() > OptimizerKeys.FOR.length()) {
        forVariables.put(name.substring(OptimizerKeys.FOR.length()), setting.value());
      } else {
        ConfKey<?> key = key(name).orElseThrow(() -> unknown(name, setting.place()));
        values.put(key, parse(key, setting));
      }
    }
    for (ConfKey<?> key : keys) {
      if (!values.containsKey(key)) {
        String text = key.defaultText().orElseThrow(() -> missing(key));
        values.put(key, parse(key, new Setting(text, "default", PathBase.current())));
      }
    }
    TrainConf conf = new TrainConf(values, derived, spark, options, forVariables, places);
    ModelKeys.check(conf);
    return conf;
  }

  private static Object parse(ConfKey<?> key, Setting setting) {
    try {
      return key.parser().parse(setting.value(), setting.base());
    } catch (IllegalArgumentException e) {
      throw new JobException(
          Text.format(
              "Cannot use %s: expected %s, found \"%s\" (%s)",
              key.name(), e.getMessage(), setting.value(), setting.place()),
          e);
    }
  }

  private Optional<ConfKey<?>> key(String name) {
    return keys.stream().filter(one -> one.name().equals(name)).findFirst();
  }

  private JobException unknown(String name, String place) {
    List<String> names =
        java.util.stream.Stream.concat(
                keys.stream().map(ConfKey::name),
                TrainConf.families().stream().map(TrainConf.Family::name))
            .toList();
    String advice =
        NearestName.of(name, names)
            .map(near -> "did you mean " + near + "?")
            .orElse("see `cairn help train` for all keys");
    return new JobException(Text.format("Unknown key %s: %s (%s)", name, advice, place));
  }

  private static JobException missing(ConfKey<?> key) {
    return new JobException(
        Text.format(
            "Missing key %s: expected %s. %s Set it in the file or as %s=... on the command line.",
            key.name(), key.type(), key.sentence(), key.name()));
  }
}
