package dev.cairn.jobs.bench;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * One line of the table.
 *
 * @param name such as {@code P1}
 * @param what is compared with what
 * @param reached the figure
 * @param wanted what it should be
 * @param verdict {@code yes}, {@code no}, or empty when nothing is wanted
 * @param raw what both sides measured
 */
record Row(
    String name, String what, String reached, String wanted, String verdict, List<String> raw) {

  private static final String MARK = "@row\t";

  static Row ratioAtLeast(double wanted, String name, String what, Pairs pairs, String... raw) {
    double ratio = pairs.ratios().median();
    return new Row(
        name,
        what,
        pairs.ratios().show("%.2f", "times"),
        String.format(Locale.ROOT, ">= %.2f", wanted),
        ratio >= wanted ? "yes" : "no",
        List.of(raw));
  }

  static Row atMost(
      double wanted, double reached, String unit, String name, String what, String... raw) {
    return new Row(
        name,
        what,
        String.format(Locale.ROOT, "%.3g %s", reached, unit),
        String.format(Locale.ROOT, "<= %s %s", number(wanted), unit),
        reached <= wanted ? "yes" : "no",
        List.of(raw));
  }

  private static String number(double value) {
    return value == StrictMath.rint(value) ? Long.toString((long) value) : Double.toString(value);
  }

  /** A row without a wanted figure. */
  static Row note(String name, String what, String reached, String... raw) {
    return new Row(name, what, reached, "", "", List.of(raw));
  }

  /** The row as one line of a child's output. */
  String line() {
    return MARK
        + String.join("\t", name, what, reached, wanted, verdict)
        + (raw.isEmpty() ? "" : "\t" + String.join("\t", raw));
  }

  static boolean isLine(String line) {
    return line.startsWith(MARK);
  }

  static Row parse(String line) {
    String[] cells = line.substring(MARK.length()).split("\t", -1);
    return new Row(
        cells[0],
        cells[1],
        cells[2],
        cells[3],
        cells[4],
        Arrays.asList(cells).subList(5, cells.length));
  }
}
