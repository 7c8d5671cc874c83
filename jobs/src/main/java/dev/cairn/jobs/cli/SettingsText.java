package dev.cairn.jobs.cli;

import dev.cairn.jobs.config.ConfKey;
import dev.cairn.jobs.config.RefreshKeys;
import dev.cairn.jobs.config.TrainConf;
import dev.cairn.spark.CairnConf;
import dev.cairn.spark.settings.EstimatorSettings;
import dev.cairn.spark.settings.Setting;
import java.util.ArrayList;
import java.util.List;

/**
 * All settings as people read them: for {@code help}, and for {@code docs/settings.md}. Both are
 * made from the lists that define the settings.
 */
final class SettingsText {
  private static final int WIDTH = 96;

  /**
   * A setting.
   *
   * @param same the estimators' or the plugin's name for it; empty if it is theirs, or they have
   *     none
   */
  private record Row(String name, String type, String otherwise, String sentence, String same) {
    static Row of(ConfKey<?> key) {
      return new Row(
          key.name(),
          key.type(),
          key.defaultText().orElse("required"),
          key.sentence(),
          key.setting().orElse(""));
    }

    static Row of(Setting<?> setting) {
      return new Row(
          setting.name(),
          setting.values().expected(),
          setting.defaultText(),
          setting.sentence(),
          "");
    }

    static Row of(TrainConf.Family family) {
      return new Row(family.name(), family.type(), "", family.sentence(), "");
    }
  }

  private SettingsText() {}

  private static List<Row> keys() {
    List<Row> rows = new ArrayList<>();
    TrainConf.keys().forEach(key -> rows.add(Row.of(key)));
    return rows;
  }

  private static List<Row> families() {
    return TrainConf.families().stream().map(Row::of).toList();
  }

  private static List<Row> plugin() {
    return CairnConf.KEYS.stream().map(key -> Row.of(key.setting())).toList();
  }

  /** The lines that {@code help train} adds: every key with type, default and sentence. */
  static List<String> lines() {
    List<String> lines = new ArrayList<>();
    lines.add("");
    lines.add("Keys (in CONF.properties, or key=value on the command line):");
    keys().forEach(row -> add(lines, row, "; " + otherwise(row)));
    families().forEach(row -> add(lines, row, ""));
    lines.add("");
    lines.add("Among the spark.* keys, those of Cairn's plugin:");
    plugin().forEach(row -> add(lines, row, "; " + otherwise(row)));
    return lines;
  }

  /** The lines that {@code help refresh} adds. */
  static List<String> refreshLines() {
    List<String> lines = new ArrayList<>();
    lines.add("");
    lines.add("Keys beside those of train:");
    RefreshKeys.KEYS.forEach(key -> add(lines, Row.of(key), "; " + otherwise(Row.of(key))));
    return lines;
  }

  private static String otherwise(Row row) {
    return switch (row.otherwise()) {
      case "required" -> "required";
      case "" -> "default: none";
      default -> "default: " + row.otherwise();
    };
  }

  private static void add(List<String> lines, Row row, String otherwise) {
    lines.add("");
    lines.add("  " + row.name() + "  (" + row.type() + otherwise + ")");
    StringBuilder line = new StringBuilder("     ");
    for (String word : row.sentence().split(" ", -1)) {
      if (line.length() + word.length() + 1 > WIDTH) {
        lines.add(line.toString());
        line = new StringBuilder("     ");
      }
      line.append(' ').append(word);
    }
    lines.add(line.toString());
  }

  /** The page of all settings. */
  static String page() {
    StringBuilder page = new StringBuilder();
    page.append(
        """
        # Settings

        This page is made from the lists that define the settings; do not edit it. CONTRIBUTING.md says how it is made.

        A value on the command line wins over the file, the file over what Spark was told (`spark-submit`, its defaults
        file), that over the default. Some settings have a key of a run and a name among the plugin's or the estimators':
        they are one setting, and two different values in one place are refused.

        ## Keys of `jobs/cairn train`

        In a properties file, or `key=value` on the command line; `jobs/cairn help train` lists them, too.

        | key | values | default | what it does | the same in a program |
        |---|---|---|---|---|
        """);
    keys().forEach(row -> page.append(line(row, true)));
    families().forEach(row -> page.append(line(row, true)));
    page.append(
        """

        ## Further keys of `jobs/cairn refresh`

        | key | values | default | what it does |
        |---|---|---|---|
        """);
    RefreshKeys.KEYS.forEach(key -> page.append(line(Row.of(key), false)));
    page.append(
        """

        ## Keys of the plugin

        They are Spark's: in `spark-defaults.conf`, in the session's configuration, or as keys of a run.

        | key | values | default | what it does |
        |---|---|---|---|
        """);
    plugin().forEach(row -> page.append(line(row, false)));
    page.append(
        """

        ## Parameters of the stages of Spark ML

        Each has a setter and a getter of its name. Columns (`featuresCol`, `labelCol`, `predictionCol`,
        `rawPredictionCol`, `probabilityCol`) and `thresholds` are Spark ML's own.
        """);
    for (EstimatorSettings.Group group : EstimatorSettings.GROUPS) {
      page.append("\n### ").append(group.title()).append("\n\n");
      page.append("| parameter | values | default | what it does |\n|---|---|---|---|\n");
      group.settings().forEach(setting -> page.append(line(Row.of(setting), false)));
    }
    return page.toString();
  }

  private static String line(Row row, boolean same) {
    String otherwise =
        row.otherwise().isEmpty() || row.otherwise().equals("required")
            ? row.otherwise()
            : code(row.otherwise());
    StringBuilder line = new StringBuilder("| ").append(code(row.name()));
    for (String cell : List.of(row.type(), otherwise, row.sentence())) {
      line.append(" | ").append(cell.replace("|", "\\|"));
    }
    if (same) {
      line.append(" | ").append(row.same().isEmpty() ? "" : code(row.same()));
    }
    return line.append(" |\n").toString();
  }

  private static String code(String text) {
    return "`" + text + "`";
  }
}
