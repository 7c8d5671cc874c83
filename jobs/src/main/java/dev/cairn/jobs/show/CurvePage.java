package dev.cairn.jobs.show;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The training curve as one HTML file that needs nothing else: an SVG drawing for wide screens and
 * one for phones, their data as JSON within, and a few lines of script for the reading under the
 * pointer. A resumed run reads its earlier points and marks back from the same file.
 */
public final class CurvePage {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String DATA_START = "<script type=\"application/json\" id=\"data\">";
  private static final String DATA_END = "</script>";
  private static final Pattern PLACE = Pattern.compile("@([A-Z]+)@");
  private static final int MOST_POINTS = 1200;
  private static final int MOST_LISTED = 30;

  private CurvePage() {}

  /** The page. */
  public static String render(CurveData data) {
    List<CurveData.Point> points = CurveData.thin(data.points(), MOST_POINTS);
    StringBuilder drawings = new StringBuilder();
    for (CurveFrame frame : List.of(CurveFrame.WIDE, CurveFrame.NARROW)) {
      drawings.append(new CurveDrawing(data, points, CurveScale.of(frame, points, data)).svg());
      drawings.append('\n');
    }
    StringBuilder facts = new StringBuilder();
    for (CurveData.Fact fact : data.facts()) {
      facts
          .append("<div><dt>")
          .append(escape(fact.name()))
          .append("</dt><dd>")
          .append(escape(fact.value()))
          .append("</dd></div>\n");
    }
    CurveScale scale = CurveScale.of(CurveFrame.WIDE, points, data);
    Map<String, String> parts =
        Map.of(
            "TITLE", escape(data.title()),
            "SUBTITLE", escape(data.subtitle()),
            "FACTS", facts.toString(),
            "SVG", drawings.toString(),
            "LEGEND", legend(data),
            "RECOVERIES", recoveries(data),
            "DATA", DATA_START + json(points, data, scale) + DATA_END);
    // In one pass: what looks like a place in a user's text stays as it is.
    return PLACE
        .matcher(CurveTemplate.PAGE)
        .replaceAll(
            place -> Matcher.quoteReplacement(parts.getOrDefault(place.group(1), place.group())));
  }

  /** Beside the drawing, where it can break into lines: what is what. */
  private static String legend(CurveData data) {
    StringBuilder legend = new StringBuilder();
    if (!data.validation().isEmpty()) {
      legend.append(
          key("<line class=\"curve\" x1=\"0\" y1=\"7\" x2=\"14\" y2=\"7\"/>", "training"));
      legend.append(
          key(
              "<line class=\"validation\" x1=\"0\" y1=\"7\" x2=\"14\" y2=\"7\"/>",
              "validation; the large dot is the best"));
    }
    if (!data.checkpoints().isEmpty()) {
      legend.append(
          key("<circle class=\"mark\" r=\"4.5\" cx=\"7\" cy=\"7\"/>", "committed checkpoint"));
    }
    if (!data.recoveries().isEmpty()) {
      legend.append(
          key("<path class=\"mark\" d=\"M1 12L13 12L7 2Z\"/>", "executors lost or changed"));
    }
    return legend.toString();
  }

  private static String key(String sign, String meaning) {
    return "<span><svg viewBox=\"0 0 14 14\">" + sign + "</svg>" + meaning + "</span>\n";
  }

  /** What the triangles stand for, for screens that one cannot point at. */
  private static String recoveries(CurveData data) {
    if (data.recoveries().isEmpty()) {
      return "";
    }
    StringBuilder list = new StringBuilder("<h2>Executors lost or changed</h2>\n<ol>\n");
    List<CurveData.Mark> all = data.recoveries();
    for (CurveData.Mark mark : all.subList(Math.max(0, all.size() - MOST_LISTED), all.size())) {
      list.append("<li>").append(escape(mark.note())).append("</li>\n");
    }
    return list.append("</ol>\n").toString();
  }

  /**
   * What an earlier page shows up to and with {@code lastStep}; nothing when the text is no such
   * page.
   */
  public static CurveData.Earlier earlier(String page, long lastStep) {
    int from = page.indexOf(DATA_START);
    int to = page.indexOf(DATA_END, Math.max(0, from));
    if (from < 0 || to < 0) {
      return CurveData.Earlier.NOTHING;
    }
    return read(page.substring(from + DATA_START.length(), to))
        .map(
            tree ->
                new CurveData.Earlier(
                    points(tree.path("points"), lastStep),
                    points(tree.path("validation"), lastStep),
                    marks(tree.path("checkpoints"), lastStep),
                    marks(tree.path("recoveries"), lastStep)))
        .orElse(CurveData.Earlier.NOTHING);
  }

  private static Optional<JsonNode> read(String json) {
    try {
      return Optional.ofNullable(JSON.readTree(json));
    } catch (JsonProcessingException e) {
      return Optional.empty(); // Somebody else's page: the curve begins anew.
    }
  }

  private static List<CurveData.Point> points(JsonNode list, long lastStep) {
    List<CurveData.Point> points = new ArrayList<>();
    for (JsonNode point : list) {
      long step = point.path(0).asLong(-1);
      double loss = point.path(1).asDouble(Double.NaN);
      if (step >= 0 && step <= lastStep && Double.isFinite(loss)) {
        points.add(new CurveData.Point(step, loss));
      }
    }
    return points;
  }

  private static List<CurveData.Mark> marks(JsonNode list, long lastStep) {
    List<CurveData.Mark> marks = new ArrayList<>();
    for (JsonNode mark : list) {
      long step = mark.path(0).asLong(-1);
      if (step >= 0 && step <= lastStep) {
        marks.add(new CurveData.Mark(step, mark.path(1).asText()));
      }
    }
    return marks;
  }

  private static String json(List<CurveData.Point> points, CurveData data, CurveScale scale) {
    var tree = JSON.createObjectNode();
    add(tree.putArray("points"), points);
    add(tree.putArray("validation"), data.validation());
    mark(tree.putArray("checkpoints"), data.checkpoints());
    mark(tree.putArray("recoveries"), data.recoveries());
    tree.put("steps", scale.lastStep());
    tree.put("low", scale.lowLoss());
    tree.put("high", scale.highLoss());
    return tree.toString().replace("<", "\\u003c"); // no text in it ends the script
  }

  private static void add(ArrayNode list, List<CurveData.Point> points) {
    for (CurveData.Point point : points) {
      list.addArray().add(point.step()).add(Math.round(point.loss() * 1e6) / 1e6);
    }
  }

  private static void mark(ArrayNode list, List<CurveData.Mark> marks) {
    for (CurveData.Mark mark : marks) {
      list.addArray().add(mark.step()).add(mark.note());
    }
  }

  static String escape(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }

  static String number(double value) {
    return String.format(Locale.ROOT, "%.1f", value);
  }
}
