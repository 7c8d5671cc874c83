package dev.cairn.jobs.show;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes the data within a curve's page, for the script that draws it, and reads it again.
 * Stateless.
 */
final class CurveJson {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String START = "<script type=\"application/json\" id=\"data\">";
  private static final String END = "</script>";

  private CurveJson() {}

  /** The element that holds the data; no text in it ends it early. */
  static String island(List<CurveData> runs) {
    ObjectNode tree = JSON.createObjectNode();
    ArrayNode list = tree.putArray("runs");
    for (CurveData run : runs) {
      ObjectNode node = list.addObject();
      node.put("title", run.title()).put("subtitle", run.subtitle());
      points(node.putArray("points"), run.points());
      points(node.putArray("validation"), run.validation());
      marks(node.putArray("checkpoints"), run.checkpoints());
      marks(node.putArray("recoveries"), run.recoveries());
      node.put("stepsPerEpoch", run.stepsPerEpoch());
      ArrayNode references = node.putArray("references");
      for (CurveData.Reference reference : run.references()) {
        if (Double.isFinite(reference.loss())) {
          references.addArray().add(reference.name()).add(reference.loss());
        }
      }
      ArrayNode facts = node.putArray("facts");
      run.facts().forEach(fact -> facts.addArray().add(fact.name()).add(fact.value()));
    }
    return START + tree.toString().replace("<", "\\u003c") + END;
  }

  /** The runs of a page; none if the text is not a page, or not one of this version. */
  static List<CurveData> read(String page) {
    int from = page.indexOf(START);
    int to = page.indexOf(END, Math.max(0, from));
    List<CurveData> runs = new ArrayList<>();
    if (from < 0 || to < 0) {
      return runs;
    }
    JsonNode tree;
    try {
      tree = JSON.readTree(page.substring(from + START.length(), to));
    } catch (JsonProcessingException e) {
      return runs; // Somebody else's page: there is nothing to show.
    }
    for (JsonNode run : tree.path("runs")) {
      runs.add(
          new CurveData(
              run.path("title").asText(),
              run.path("subtitle").asText(),
              points(run.path("points")),
              points(run.path("validation")),
              marks(run.path("checkpoints")),
              marks(run.path("recoveries")),
              run.path("stepsPerEpoch").asLong(),
              references(run.path("references")),
              facts(run.path("facts"))));
    }
    return runs;
  }

  private static List<CurveData.Point> points(JsonNode list) {
    List<CurveData.Point> points = new ArrayList<>();
    for (JsonNode point : list) {
      long step = point.path(0).asLong(-1);
      double loss = point.path(1).asDouble(Double.NaN);
      if (step >= 0 && Double.isFinite(loss)) {
        points.add(new CurveData.Point(step, loss));
      }
    }
    return points;
  }

  private static List<CurveData.Mark> marks(JsonNode list) {
    List<CurveData.Mark> marks = new ArrayList<>();
    for (JsonNode mark : list) {
      long step = mark.path(0).asLong(-1);
      if (step >= 0) {
        marks.add(new CurveData.Mark(step, mark.path(1).asText()));
      }
    }
    return marks;
  }

  private static List<CurveData.Reference> references(JsonNode list) {
    List<CurveData.Reference> references = new ArrayList<>();
    for (JsonNode reference : list) {
      references.add(
          new CurveData.Reference(
              reference.path(0).asText(), reference.path(1).asDouble(Double.NaN)));
    }
    return references;
  }

  private static List<CurveData.Fact> facts(JsonNode list) {
    List<CurveData.Fact> facts = new ArrayList<>();
    for (JsonNode fact : list) {
      facts.add(new CurveData.Fact(fact.path(0).asText(), fact.path(1).asText()));
    }
    return facts;
  }

  private static void points(ArrayNode list, List<CurveData.Point> points) {
    for (CurveData.Point point : points) {
      if (Double.isFinite(point.loss())) {
        list.addArray().add(point.step()).add(Math.round(point.loss() * 1e6) / 1e6);
      }
    }
  }

  private static void marks(ArrayNode list, List<CurveData.Mark> marks) {
    for (CurveData.Mark mark : marks) {
      list.addArray().add(mark.step()).add(mark.note());
    }
  }
}
