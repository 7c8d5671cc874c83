package dev.cairn.jobs.show;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Makes the training curve of one run or several as one HTML file that needs no other file, and is
 * not allowed to load one: the data as JSON within, the charting library, and the script that draws
 * with it. A resumed run reads its earlier points and marks back from the same file.
 */
public final class CurvePage {
  private static final Pattern PLACE = Pattern.compile("@([A-Z]+)@");
  private static final int MOST_POINTS = 1200;
  private static final int MOST_LISTED = 30;

  private CurvePage() {}

  /** The page of one run. */
  public static String render(CurveData run) throws IOException {
    return render(run.title(), run.subtitle(), List.of(run));
  }

  /**
   * The page of runs side by side; their titles name them.
   *
   * @param title the first line
   * @param subtitle the second
   */
  public static String render(String title, String subtitle, List<CurveData> runs)
      throws IOException {
    List<CurveData> thin =
        runs.stream()
            .map(run -> run.withPoints(CurveData.thin(run.points(), MOST_POINTS)))
            .toList();
    boolean alone = thin.size() == 1;
    Map<String, String> parts =
        Map.ofEntries(
            Map.entry("TITLE", escape(title)),
            Map.entry("SUBTITLE", escape(subtitle)),
            Map.entry("FACTS", alone ? facts(thin.get(0)) : ""),
            Map.entry("RUNS", alone ? "" : table(thin)),
            Map.entry("KEY", alone ? key(thin.get(0)) : ""),
            Map.entry("RECOVERIES", alone ? recoveries(thin.get(0)) : ""),
            Map.entry("DATA", CurveJson.island(thin)),
            Map.entry("SCRIPT", ChartLibrary.curve()),
            Map.entry("LIBRARY", ChartLibrary.script()),
            Map.entry("LIBRARYSTYLE", ChartLibrary.style()),
            Map.entry("LICENSE", ChartLibrary.license()));
    // In one pass: text of a user's that looks like a place stays as it is.
    return PLACE
        .matcher(ChartLibrary.page())
        .replaceAll(
            place -> Matcher.quoteReplacement(parts.getOrDefault(place.group(1), place.group())));
  }

  /** The runs that a page shows, their points as thin as they are drawn; none for other texts. */
  public static List<CurveData> runs(String page) {
    return CurveJson.read(page);
  }

  /**
   * The part of an earlier page up to and with {@code lastStep}; nothing when the text is not a
   * page of one run.
   */
  public static CurveData.Earlier earlier(String page, long lastStep) {
    List<CurveData> runs = runs(page);
    return runs.size() == 1 ? runs.get(0).upTo(lastStep) : CurveData.Earlier.NOTHING;
  }

  private static String facts(CurveData run) {
    StringBuilder facts = new StringBuilder("<dl>\n");
    for (CurveData.Fact fact : run.facts()) {
      facts.append("<div><dt>").append(escape(fact.name())).append("</dt><dd>");
      facts.append(escape(fact.value())).append("</dd></div>\n");
    }
    return facts.append("</dl>").toString();
  }

  /**
   * The table with a row for each run: its last step, its losses, and every figure that one of the
   * runs has.
   */
  private static String table(List<CurveData> runs) {
    Set<String> names = new LinkedHashSet<>();
    runs.forEach(run -> run.facts().forEach(fact -> names.add(fact.name())));
    List<String> head = new ArrayList<>(List.of("run", "steps", "last training loss"));
    head.add("lowest validation loss");
    head.addAll(names);
    StringBuilder table = new StringBuilder("<div class=\"runs\"><table>\n<thead><tr>");
    head.forEach(name -> table.append("<th>").append(escape(name)).append("</th>"));
    table.append("</tr></thead>\n<tbody>\n");
    for (CurveData run : runs) {
      table.append("<tr><th>").append(escape(run.title())).append("</th>");
      cell(table, Units.count(run.lastStep()));
      cell(table, loss(run.points().isEmpty() ? List.of() : lastOf(run.points())));
      cell(table, loss(run.validation()));
      for (String name : names) {
        cell(
            table,
            run.facts().stream()
                .filter(fact -> fact.name().equals(name))
                .map(CurveData.Fact::value)
                .findFirst()
                .orElse(""));
      }
      table.append("</tr>\n");
    }
    return table.append("</tbody></table></div>").toString();
  }

  private static List<CurveData.Point> lastOf(List<CurveData.Point> points) {
    return points.subList(points.size() - 1, points.size());
  }

  /** The lowest of some losses, or nothing. */
  private static String loss(List<CurveData.Point> points) {
    return points.stream()
        .mapToDouble(CurveData.Point::loss)
        .filter(Double::isFinite)
        .min()
        .stream()
        .mapToObj(loss -> String.format(Locale.ROOT, "%.4f", loss))
        .findFirst()
        .orElse("");
  }

  private static void cell(StringBuilder table, String text) {
    table.append("<td>").append(escape(text)).append("</td>");
  }

  /** The legend of the marks. */
  private static String key(CurveData run) {
    StringBuilder key = new StringBuilder();
    if (!run.checkpoints().isEmpty()) {
      key.append("<span><b>&#x25cf;</b>committed checkpoint</span>\n");
    }
    if (!run.recoveries().isEmpty()) {
      key.append("<span><b>&#x25bc;</b>executors lost or changed</span>\n");
    }
    if (!run.validation().isEmpty()) {
      key.append("<span>The large dot is the best look at the validation rows.</span>\n");
    }
    return key.toString();
  }

  /** The triangles in words, for screens without a pointer. */
  private static String recoveries(CurveData run) {
    if (run.recoveries().isEmpty()) {
      return "";
    }
    StringBuilder list = new StringBuilder("<h2>Executors lost or changed</h2>\n<ol>\n");
    List<CurveData.Mark> all = run.recoveries();
    for (CurveData.Mark mark : all.subList(Math.max(0, all.size() - MOST_LISTED), all.size())) {
      list.append("<li>").append(escape(mark.note())).append("</li>\n");
    }
    return list.append("</ol>\n").toString();
  }

  private static String escape(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }
}
