package dev.cairn.jobs.show;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The training curve: complete, harmless, readable again. */
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
  void thePageHoldsAllThatItNeeds() throws Exception {
    String page = CurvePage.render(data(122));
    assertTrue(page.contains("<h1>Training &lt;curve&gt;</h1>"));
    assertTrue(page.contains("<title>Training &lt;curve&gt;: training curve</title>"));
    assertFalse(page.matches("(?s).*@[A-Z]+@.*"), "every place is filled");
    assertTrue(page.contains("var uPlot=function"), "the library is in the page");
    assertTrue(page.contains(".u-legend"), "and its style");
    assertTrue(page.contains("Copyright (c) 2022 Leon Sorokin"), "and its license");
    assertTrue(page.contains("new uPlot({"), "and what draws with it");
    Matcher loads =
        Pattern.compile(
                "<(?:link|img|iframe|object)\\b|\\ssrc=|\\shref=|url\\(|@import|\\bfetch\\(")
            .matcher(page);
    assertFalse(loads.find(), () -> "the page loads something: " + loads.group());
    assertTrue(page.contains("content=\"default-src 'none';"), "nor is it allowed to");
    assertEquals(3, page.split("</script>", -1).length - 1, "no text ends a script");
    assertEquals(3, page.split("<script", -1).length - 1);
  }

  @Test
  void theDataIsWhatWasGiven() throws Exception {
    JsonNode run = island(CurvePage.render(data(122))).path("runs").path(0);
    assertEquals("Training <curve>", run.path("title").asText());
    assertEquals(122, run.path("points").size());
    assertEquals("[61,0.424098]", run.path("points").path(60).toString());
    assertEquals("[[61,0.45],[122,0.47]]", run.path("validation").toString());
    assertEquals("[[61,\"32 MiB\"],[122,\"32 MiB\"]]", run.path("checkpoints").toString());
    assertEquals("[[40,\"Lost executor 1: </script> & co\"]]", run.path("recoveries").toString());
    assertEquals(
        "[[\"constant rate\",0.5195],[\"model\",0.43]]", run.path("references").toString());
    assertEquals(61, run.path("stepsPerEpoch").asLong());
  }

  private static JsonNode island(String page) throws IOException {
    String start = "id=\"data\">";
    int from = page.indexOf(start) + start.length();
    return new ObjectMapper().readTree(page.substring(from, page.indexOf("</script>", from)));
  }

  @Test
  void whatANumberCannotBeIsLeftOut() throws Exception {
    CurveData odd =
        new CurveData(
            "t",
            "s",
            List.of(new CurveData.Point(1, Double.NaN), new CurveData.Point(2, 0.5)),
            List.of(new CurveData.Point(2, Double.POSITIVE_INFINITY)),
            List.of(),
            List.of(),
            0,
            List.of(new CurveData.Reference("none", Double.NaN)),
            List.of());
    JsonNode run = island(CurvePage.render(odd)).path("runs").path(0);
    assertEquals("[[2,0.5]]", run.path("points").toString());
    assertEquals("[]", run.path("validation").toString());
    assertEquals("[]", run.path("references").toString());
  }

  @Test
  void aPageReadsOnAPhoneAndWithoutAPointer() throws Exception {
    String page = CurvePage.render(data(122));
    assertTrue(page.contains("name=\"viewport\""));
    assertTrue(page.contains("@media (max-width: 640px)"));
    assertTrue(
        page.contains("<li>Lost executor 1: &lt;/script&gt; &amp; co</li>"),
        "what one cannot point at is written below");
    assertTrue(page.contains("<dt>test AUC</dt><dd>0.7700</dd>"), page);
  }

  @Test
  void runsStandSideBySide() throws Exception {
    String evil = "</script><script>alert(1)</script> @DATA@ \\u003c & \"q\"";
    CurveData other =
        new CurveData(
            evil,
            "other",
            List.of(new CurveData.Point(5, 0.6), new CurveData.Point(1000, 0.5)),
            List.of(),
            List.of(),
            List.of(),
            0,
            List.of(),
            List.of(new CurveData.Fact("test log loss", "0.4300")));
    String page = CurvePage.render("2 runs", "sub", List.of(data(122), other));
    assertEquals(3, page.split("</script>", -1).length - 1, "no name ends a script");
    assertEquals(3, page.split("<script", -1).length - 1, "nor begins one");
    JsonNode runs = island(page).path("runs");
    assertEquals(evil, runs.path(1).path("title").asText());
    String table = page.substring(page.indexOf("<tbody>"), page.indexOf("</tbody>"));
    assertEquals(
        List.of("Training &lt;curve&gt;", "122", "0.4220", "0.4500", "0.7700", ""),
        cells(table, 0));
    assertEquals(
        List.of(
            "&lt;/script&gt;&lt;script&gt;alert(1)&lt;/script&gt; @DATA@ \\u003c &amp; &quot;q&quot;",
            "1,000",
            "0.5000",
            "",
            "",
            "0.4300"),
        cells(table, 1));
    assertEquals(List.of(data(122).title(), evil), titles(CurvePage.runs(page)));
    assertEquals(
        CurveData.Earlier.NOTHING, CurvePage.earlier(page, 1000), "whose points would they be?");
  }

  private static List<String> titles(List<CurveData> runs) {
    return runs.stream().map(CurveData::title).toList();
  }

  private static List<String> cells(String table, int row) {
    return Pattern.compile("<t[hd]>(.*?)</t[hd]>")
        .matcher(table.split("</tr>", -1)[row])
        .results()
        .map(cell -> cell.group(1))
        .toList();
  }

  @Test
  void whatWasDrawnIsReadAgain() throws Exception {
    CurveData drawn = data(122);
    CurveData read = CurvePage.runs(CurvePage.render(drawn)).get(0);
    assertEquals(drawn.subtitle(), read.subtitle());
    assertEquals(drawn.facts(), read.facts());
    assertEquals(drawn.references(), read.references());
    assertEquals(drawn.stepsPerEpoch(), read.stepsPerEpoch());
    assertEquals(CurvePage.render(drawn), CurvePage.render(read), "the same page again");
  }

  @Test
  void aResumedRunReadsItsPointsAndMarksBack() throws Exception {
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
  void aLongRunIsThinnedAndAnEmptyOneIsDrawn() throws Exception {
    assertEquals(1000, CurveData.thin(data(10_000).points(), 1000).size());
    String longest = CurvePage.render(data(100_000));
    assertTrue(longest.length() < 200_000, () -> longest.length() + " characters");
    assertEquals(100_000, CurvePage.runs(longest).get(0).lastStep());
    CurveData empty =
        new CurveData(
            "t", "s", List.of(), List.of(), List.of(), List.of(), 0, List.of(), List.of());
    assertEquals(
        "[]", island(CurvePage.render(empty)).path("runs").path(0).path("points").toString());
  }
}
