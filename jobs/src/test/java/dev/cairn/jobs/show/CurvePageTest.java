package dev.cairn.jobs.show;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;

/** The training curve: well-formed, self-contained, readable again. */
final class CurvePageTest {
  private static CurveData data(int points) {
    List<CurveData.Point> list = new ArrayList<>();
    for (int i = 1; i <= points; i++) {
      list.add(new CurveData.Point(i, 0.42 + 0.25 / i));
    }
    List<CurveData.Point> validation =
        List.of(new CurveData.Point(points / 2, 0.45), new CurveData.Point(points, 0.47));
    return new CurveData(
        "Training <curve>",
        "delay > 15",
        list,
        validation,
        List.of(new CurveData.Mark(points / 2, "32 MiB"), new CurveData.Mark(points, "32 MiB")),
        List.of(new CurveData.Mark(points / 3, "Lost executor 1: </script> & co")),
        points / 2,
        List.of(
            new CurveData.Reference("constant rate", 0.5195),
            new CurveData.Reference("model", 0.43)),
        List.of(new CurveData.Fact("test AUC", "0.7700")));
  }

  @Test
  void theDrawingIsWellFormedAndAsksForNothingElse() throws Exception {
    String page = CurvePage.render(data(122));
    var builder = DocumentBuilderFactory.newInstance().newDocumentBuilder();
    for (String frame : List.of("wide", "narrow")) {
      String svg = drawing(page, frame);
      var tree = builder.parse(new ByteArrayInputStream(svg.getBytes(StandardCharsets.UTF_8)));
      assertEquals("svg", tree.getDocumentElement().getTagName());
      assertEquals(
          3, svg.split("class=\"mark\"", -1).length - 1, "two checkpoints, a loss: " + svg);
      assertTrue(svg.contains("Lost executor 1"), svg);
      assertEquals(1, svg.split("class=\"validation\"", -1).length - 1, svg);
      assertTrue(svg.contains("best: step 61, validation log loss 0.4500"), svg);
    }
    assertFalse(page.contains("http"), "self-contained");
    assertTrue(page.contains("<h1>Training &lt;curve&gt;</h1>"));
    assertTrue(page.contains("<title>Training &lt;curve&gt;: training curve</title>"));
    assertFalse(page.matches("(?s).*@[A-Z]+@.*"), "every place is filled");
    assertEquals(2, page.split("</script>", -1).length - 1, "no text ends a script");
  }

  private static String drawing(String page, String frame) {
    int from = page.indexOf("<svg class=\"" + frame + "\"");
    return page.substring(from, page.indexOf("</svg>", from) + 6);
  }

  @Test
  void aPageThatIsReadOnAPhoneHasADrawingForIt() {
    String page = CurvePage.render(data(122));
    assertTrue(page.contains("name=\"viewport\""));
    assertTrue(page.contains("@media (max-width: 640px)"));
    assertTrue(drawing(page, "narrow").contains("viewBox=\"0 0 380"), "letters stay as large");
    assertTrue(page.contains("<li>Lost executor 1"), "what one cannot point at is written below");
  }

  @Test
  void epochLabelsNeverMeet() {
    for (int epochs : new int[] {1, 3, 40, 60, 1000, 25_000}) {
      CurveData many =
          new CurveData(
              "t",
              "s",
              List.of(new CurveData.Point(epochs * 61L, 0.4)),
              List.of(),
              List.of(),
              List.of(),
              61,
              List.of(),
              List.of());
      String page = CurvePage.render(many);
      for (String frame : List.of("wide", "narrow")) {
        Matcher label =
            Pattern.compile("<text class=\"small end\" x=\"([0-9.]+)\"[^>]*>(epoch \\d+)<")
                .matcher(drawing(page, frame));
        double last = 0;
        int found = 0;
        while (label.find()) {
          double end = Double.parseDouble(label.group(1));
          double width = 6.5 * label.group(2).length();
          assertTrue(end - width > last, epochs + " epochs, " + frame + ": " + label.group(2));
          last = end;
          found++;
        }
        assertTrue(found >= 1 && found <= 14, found + " labels for " + epochs);
        assertTrue(page.length() < 60_000, "lines that nobody can tell apart: " + page.length());
      }
    }
  }

  @Test
  void aResumedRunReadsItsPointsAndMarksBack() {
    String page = CurvePage.render(data(122));
    CurveData.Earlier read = CurvePage.earlier(page, 61);
    assertEquals(61, read.points().size());
    assertEquals(61, read.points().get(60).step());
    assertEquals(0.42 + 0.25 / 61, read.points().get(60).loss(), 1e-6);
    assertEquals(List.of(new CurveData.Point(61, 0.45)), read.validation());
    assertEquals(List.of(new CurveData.Mark(61, "32 MiB")), read.checkpoints());
    assertEquals(
        List.of(new CurveData.Mark(40, "Lost executor 1: </script> & co")), read.recoveries());
    assertEquals(CurveData.Earlier.NOTHING, CurvePage.earlier("<html>somebody else's</html>", 60));
    assertEquals(CurveData.Earlier.NOTHING, CurvePage.earlier("", 60));
  }

  @Test
  void aLongRunIsThinnedAndAnEmptyOneIsDrawn() {
    assertEquals(1000, CurveData.thin(data(10_000).points(), 1000).size());
    assertTrue(CurvePage.render(data(100_000)).length() < 200_000);
    CurveData empty =
        new CurveData(
            "t", "s", List.of(), List.of(), List.of(), List.of(), 0, List.of(), List.of());
    assertTrue(CurvePage.render(empty).contains("</svg>"));
  }

  @Test
  void axesHaveRoundNumbers() {
    assertEquals(0.05, CurveScale.round(0.041), 1e-12);
    assertEquals(20, CurveScale.round(11), 1e-12);
    assertEquals(1, CurveScale.round(1), 1e-12);
  }
}
