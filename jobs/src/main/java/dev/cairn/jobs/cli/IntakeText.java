package dev.cairn.jobs.cli;

import dev.cairn.jobs.config.Text;
import dev.cairn.jobs.config.TrainConf;
import dev.cairn.jobs.data.Intake;
import dev.cairn.jobs.show.Units;
import java.util.ArrayList;
import java.util.List;

/** Describes in words the numbers of the input's rows that were used, left out, or have nulls. */
final class IntakeText {
  private static final int MOST_COLUMNS = 6;

  private IntakeText() {}

  /** One line, and one more for labels that were taken for others. */
  static List<String> lines(TrainConf conf, Intake intake) {
    List<String> parts = new ArrayList<>();
    parts.add(Text.format("Read %s rows", Units.count(intake.read())));
    if (intake.malformed() > 0) {
      String mode = conf.inputOptions().getOrDefault("mode", "");
      parts.add(
          Text.format(
              "%s malformed (%s)",
              Units.count(intake.malformed()),
              mode.equalsIgnoreCase("PERMISSIVE") ? "kept" : "left out"));
    }
    if (intake.skipped() > 0) {
      parts.add(Units.count(intake.skipped()) + " with missing or invalid values left out");
    }
    parts.add(nulls(intake));
    List<String> lines = new ArrayList<>(List.of(String.join(", ", parts)));
    if (intake.negativeOnes()) {
      lines.add("Labels are -1 and 1, taken as 0 and 1");
    }
    return lines;
  }

  private static String nulls(Intake intake) {
    if (intake.nulls().isEmpty()) {
      return "no nulls";
    }
    List<String> columns = new ArrayList<>();
    intake
        .nulls()
        .forEach((column, rows) -> columns.add(Text.format("%s (%s)", column, Units.count(rows))));
    int more = columns.size() - MOST_COLUMNS;
    String shown = String.join(", ", columns.subList(0, Math.min(columns.size(), MOST_COLUMNS)));
    return "nulls in " + shown + (more > 0 ? Text.format(" and %d more columns", more) : "");
  }
}
