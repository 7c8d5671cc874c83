package dev.cairn.jobs.show;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;

/** The training curve: well-formed, self-contained, readable again. */
final class CurvePageTest {
  private static CurveData data(int points) {
    List<CurveData.Point> list = new ArrayList<>();
    for (int i = 1; i <= points; i++) {
      list.add(new CurveData.Point(i, 0.42 + 0.25 / i));
    }
    return new CurveData(
        "Training <curve>",
        "delay > 15",
        list,
        List.of(new CurveData.Mark(points / 2, "32 MiB"), new CurveData.Mark(points, "32 MiB")),
        List.of(new CurveData.Mark(points / 3, "Lost executor 1")),
        points / 2,
        List.of(
            new CurveData.Reference("constant rate", 0.5195),
            new CurveData.Reference("model", 0.43)),
        List.of(new CurveData.Fact("test AUC", "0.7700")));
  }

  @Test
  void theDrawingIsWellFormedAndAsksForNothingElse() throws Exception {
    String page = CurvePage.render(data(122));
    String svg = page.substring(page.indexOf("<svg"), page.indexOf("</svg>") + 6);
    var builder = DocumentBuilderFactory.newInstance().newDocumentBuilder();
    var tree = builder.parse(new ByteArrayInputStream(svg.getBytes(StandardCharsets.UTF_8)));
    assertEquals("svg", tree.getDocumentElement().getTagName());
    assertFalse(page.contains("http"), "self-contained");
    assertTrue(page.contains("Training &lt;curve&gt;"));
    assertFalse(page.contains("@" + "TITLE@"));
    assertEquals(
        5,
        svg.split("class=\"mark\"", -1).length - 1,
        "two checkpoints, a loss, the legend of each");
    assertTrue(svg.contains("Lost executor 1"));
  }

  @Test
  void aResumedRunReadsItsPointsBack() {
    String page = CurvePage.render(data(122));
    List<CurveData.Point> read = CurvePage.pointsOf(page, 60);
    assertEquals(60, read.size());
    assertEquals(60, read.get(59).step());
    assertEquals(0.42 + 0.25 / 60, read.get(59).loss(), 1e-6);
    assertEquals(List.of(), CurvePage.pointsOf("<html>somebody else's</html>", 60));
    assertEquals(List.of(), CurvePage.pointsOf("", 60));
  }

  @Test
  void aLongRunIsThinnedAndAnEmptyOneIsDrawn() {
    assertEquals(1000, CurveData.thin(data(10_000).points(), 1000).size());
    assertTrue(CurvePage.render(data(100_000)).length() < 200_000);
    CurveData empty =
        new CurveData("t", "s", List.of(), List.of(), List.of(), 0, List.of(), List.of());
    assertTrue(CurvePage.render(empty).contains("</svg>"));
  }

  @Test
  void axesHaveRoundNumbers() {
    assertEquals(0.05, CurveScale.round(0.041), 1e-12);
    assertEquals(20, CurveScale.round(11), 1e-12);
    assertEquals(1, CurveScale.round(1), 1e-12);
  }
}
