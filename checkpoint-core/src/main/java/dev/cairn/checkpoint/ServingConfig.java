package dev.cairn.checkpoint;

import dev.cairn.checkpoint.model.CheckpointException;
import dev.cairn.checkpoint.model.CheckpointException.Corrupt;
import java.util.Collections;
import java.util.Map;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The file {@code models.config} of a model's folder: TensorFlow Serving's configuration of one
 * model ({@code ModelServerConfig}, {@code --model_config_file}), with labels for versions. Where
 * it is there, the version of the label {@value #STABLE} is the one in use, else the one of the
 * highest number. Immutable.
 *
 * @param name of the model
 * @param base the folder in which the server finds the versions
 * @param labels version by label, such as stable and canary; servers load these versions and no
 *     others
 * @param known the newest version that was there when {@value #STABLE} was last put at one: who
 *     publishes a newer one has not moved it yet. Empty where the file does not say
 */
public record ServingConfig(
    String name, String base, SortedMap<String, Long> labels, OptionalLong known) {
  /** The label of the version in use. */
  public static final String STABLE = "stable";

  private static final Pattern LABEL_NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,62}");
  private static final Pattern LABEL =
      Pattern.compile(
          "version_labels\\s*\\{\\s*key\\s*:\\s*\"([^\"]*)\"\\s*value\\s*:\\s*([0-9]{1,18})\\s*\\}");
  private static final String KNOWN = "# The newest version when stable was moved: ";
  private static final Pattern KNOWN_LINE =
      Pattern.compile("(?m)^" + Pattern.quote(KNOWN) + "([0-9]{1,18})$");
  private static final Pattern NAME = Pattern.compile("\\bname\\s*:\\s*\"([^\"]*)\"");
  private static final Pattern BASE = Pattern.compile("\\bbase_path\\s*:\\s*\"([^\"]*)\"");

  /** A configuration that does not say what was known. */
  public ServingConfig(String name, String base, SortedMap<String, Long> labels) {
    this(name, base, labels, OptionalLong.empty());
  }

  /** Copies and checks the labels. */
  public ServingConfig {
    labels = Collections.unmodifiableSortedMap(new TreeMap<>((Map<String, Long>) labels));
    labels.keySet().forEach(ServingConfig::checkLabel);
    for (String text : new String[] {name, base}) {
      if (text.contains("\"") || text.contains("\\") || text.contains("\n")) {
        throw new IllegalArgumentException(
            "Cannot configure a server: expected a path without quotes, backslashes and line"
                + " breaks, found "
                + text);
      }
    }
  }

  /**
   * Passes for what can be a label.
   *
   * @throws IllegalArgumentException if it is none
   */
  public static void checkLabel(String label) {
    if (!LABEL_NAME.matcher(label).matches()) {
      throw new IllegalArgumentException(
          "Cannot label a version: expected letters, digits, and . _ - after the first one, found \""
              + label
              + "\"");
    }
  }

  /** The version of a label. */
  public OptionalLong version(String label) {
    Long version = labels.get(label);
    return version == null ? OptionalLong.empty() : OptionalLong.of(version);
  }

  /** Whether a label is at no version, or at one before this one. */
  public boolean isBefore(String label, long version) {
    Long at = labels.get(label);
    return at == null || at < version;
  }

  /** The same, with a label at another version. */
  public ServingConfig with(String label, long version) {
    SortedMap<String, Long> all = new TreeMap<>((Map<String, Long>) labels);
    all.put(label, version);
    return new ServingConfig(name, base, all, known);
  }

  /** The same for a server that finds the versions elsewhere. */
  public ServingConfig at(String otherBase) {
    return new ServingConfig(name, otherBase, labels, known);
  }

  /** The same, with the newest version that is known. */
  public ServingConfig knowing(long newest) {
    return new ServingConfig(name, base, labels, OptionalLong.of(newest));
  }

  /** The text of the file. */
  public String text() {
    StringBuilder text = new StringBuilder();
    text.append("# Written by Cairn; the server is told by --model_config_file.\n");
    known.ifPresent(newest -> text.append(KNOWN).append(newest).append('\n'));
    text.append("model_config_list {\n  config {\n");
    text.append("    name: \"").append(name).append("\"\n");
    text.append("    base_path: \"").append(base).append("\"\n");
    text.append("    model_platform: \"tensorflow\"\n");
    text.append("    model_version_policy {\n      specific {\n");
    for (Long version : new TreeSet<>(labels.values())) {
      text.append("        versions: ").append(version).append('\n');
    }
    text.append("      }\n    }\n");
    labels.forEach(
        (label, version) ->
            text.append("    version_labels {\n      key: \"")
                .append(label)
                .append("\"\n      value: ")
                .append(version)
                .append("\n    }\n"));
    return text.append("  }\n}\n").toString();
  }

  /**
   * Reads the file back.
   *
   * @param path of the text, for messages
   * @throws Corrupt if it is not one of a single model with labels
   */
  public static ServingConfig parse(String text, String path) throws CheckpointException {
    Matcher name = NAME.matcher(text);
    Matcher base = BASE.matcher(text);
    SortedMap<String, Long> labels = new TreeMap<>();
    Matcher label = LABEL.matcher(text);
    while (label.find()) {
      labels.put(label.group(1), Long.parseLong(label.group(2)));
    }
    long written = text.lines().filter(line -> line.strip().startsWith("version_labels")).count();
    if (!name.find()
        || !base.find()
        || name.find()
        || labels.isEmpty()
        || labels.size() != written) {
      throw new Corrupt(
          "Cannot read a server's configuration: expected one model with name, base_path and"
              + " version_labels, each with key and value, found something else (path="
              + path
              + "); mend it, or delete it: then the version of the highest number is in use");
    }
    name.reset();
    base.reset();
    boolean unused = name.find() && base.find();
    try {
      Matcher known = KNOWN_LINE.matcher(text);
      return new ServingConfig(
          name.group(1),
          base.group(1),
          labels,
          known.find() ? OptionalLong.of(Long.parseLong(known.group(1))) : OptionalLong.empty());
    } catch (IllegalArgumentException e) {
      throw new Corrupt(e.getMessage() + " (path=" + path + ")", e);
    }
  }
}
