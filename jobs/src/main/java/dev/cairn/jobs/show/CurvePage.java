package dev.cairn.jobs.show;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The training curve as one HTML file that needs nothing else: an SVG drawing, its data as JSON
 * within, and a few lines of script for the reading under the pointer. A resumed run reads its
 * earlier points back from the same file.
 */
public final class CurvePage {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String DATA_START = "<script type=\"application/json\" id=\"data\">";
  private static final String DATA_END = "</script>";
  private static final int MOST_POINTS = 1200;

  private CurvePage() {}

  /** The page. */
  public static String render(CurveData data) {
    List<CurveData.Point> points = CurveData.thin(data.points(), MOST_POINTS);
    CurveScale scale = CurveScale.of(points, data);
    String svg = new CurveDrawing(data, points, scale).svg();
    StringBuilder facts = new StringBuilder();
    for (CurveData.Fact fact : data.facts()) {
      facts
          .append("<div><dt>")
          .append(escape(fact.name()))
          .append("</dt><dd>")
          .append(escape(fact.value()))
          .append("</dd></div>\n");
    }
    return CurveTemplate.PAGE
        .replace("@TITLE@", escape(data.title()))
        .replace("@SUBTITLE@", escape(data.subtitle()))
        .replace("@FACTS@", facts)
        .replace("@SVG@", svg)
        .replace("@DATA@", DATA_START + json(points, scale) + DATA_END);
  }

  /**
   * The points of an earlier page up to and with {@code lastStep}; empty when the text is no such
   * page.
   */
  public static List<CurveData.Point> pointsOf(String page, long lastStep) {
    int from = page.indexOf(DATA_START);
    int to = page.indexOf(DATA_END, Math.max(0, from));
    if (from < 0 || to < 0) {
      return List.of();
    }
    return read(page.substring(from + DATA_START.length(), to))
        .map(tree -> points(tree, lastStep))
        .orElse(List.of());
  }

  private static Optional<JsonNode> read(String json) {
    try {
      return Optional.ofNullable(JSON.readTree(json));
    } catch (JsonProcessingException e) {
      return Optional.empty(); // Somebody else's page: the curve begins anew.
    }
  }

  private static List<CurveData.Point> points(JsonNode tree, long lastStep) {
    List<CurveData.Point> points = new ArrayList<>();
    for (JsonNode point : tree.path("points")) {
      long step = point.path(0).asLong(-1);
      double loss = point.path(1).asDouble(Double.NaN);
      if (step >= 0 && step <= lastStep && Double.isFinite(loss)) {
        points.add(new CurveData.Point(step, loss));
      }
    }
    return points;
  }

  private static String json(List<CurveData.Point> points, CurveScale scale) {
    var tree = JSON.createObjectNode();
    ArrayNode list = tree.putArray("points");
    for (CurveData.Point point : points) {
      list.addArray().add(point.step()).add(Math.round(point.loss() * 1e6) / 1e6);
    }
    tree.put("x0", scale.x(scale.firstStep()));
    tree.put("x1", scale.x(scale.lastStep()));
    tree.put("y0", scale.y(scale.lowLoss()));
    tree.put("y1", scale.y(scale.highLoss()));
    tree.put("s0", scale.firstStep());
    tree.put("s1", scale.lastStep());
    tree.put("l0", scale.lowLoss());
    tree.put("l1", scale.highLoss());
    return tree.toString();
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
