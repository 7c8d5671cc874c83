package dev.cairn.jobs.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cairn.jobs.show.CurveData;
import dev.cairn.jobs.show.CurvePage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code curve}: which runs it finds, what it calls them, what it refuses. */
final class CurveCommandTest {
  @TempDir private Path temp = Path.of("");
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  private int run(Object... words) {
    out.reset();
    err.reset();
    String[] args = new String[words.length + 1];
    args[0] = "curve";
    for (int i = 0; i < words.length; i++) {
      args[i + 1] = words[i].toString();
    }
    return CairnCommand.run(Consoles.keeping(out, err), args);
  }

  private Path drawn(String folder, String title, double loss) throws IOException {
    CurveData run =
        new CurveData(
            title,
            "late of flights",
            List.of(new CurveData.Point(1, 0.69), new CurveData.Point(40, loss)),
            List.of(),
            List.of(),
            List.of(),
            40,
            List.of(),
            List.of());
    Path made = Files.createDirectories(temp.resolve(folder));
    Files.writeString(made.resolve("training-curve.html"), CurvePage.render(run));
    return made;
  }

  private List<String> titles(Path page) throws IOException {
    return CurvePage.runs(Files.readString(page)).stream().map(CurveData::title).toList();
  }

  @Test
  void runsAreFoundByFolderAndByPage() throws Exception {
    Path slow = drawn("slow run", "Slow", 0.5);
    Path fast = drawn("fast", "Fast </script>", 0.4);
    Path page = temp.resolve("both.html");
    assertEquals(
        0, run(slow, fast.resolve("training-curve.html"), "--output", page), err::toString);
    assertEquals(List.of("Slow", "Fast </script>"), titles(page));
    assertTrue(out.toString(StandardCharsets.UTF_8).contains("Side by side: " + page));
    assertTrue(Files.readString(page).contains("<h1>2 runs</h1>"));
    assertTrue(Files.readString(page).contains("<p>late of flights</p>"));

    Path more = temp.resolve("more.html");
    Path third = drawn("third", "Third", 0.45);
    assertEquals(0, run(page, third, "--output", more, "--json"), err::toString);
    assertEquals(List.of("Slow", "Fast </script>", "Third"), titles(more));
    JsonNode told = new ObjectMapper().readTree(out.toString(StandardCharsets.UTF_8));
    assertEquals("Third", told.path("runs").path(2).path("name").asText());
    assertEquals(40, told.path("runs").path(2).path("step").asLong());
    assertTrue(told.path("page").asText().endsWith("/more.html"), told::toString);
  }

  @Test
  void runsOfOneNameAreToldApart() throws Exception {
    Path page = temp.resolve("both.html");
    assertEquals(
        0,
        run(drawn("a", "Flights", 0.5), drawn("b", "Flights", 0.4), "--output", page),
        err::toString);
    assertEquals(List.of("Flights, a", "Flights, b"), titles(page));
    Path x = drawn("x/run", "Flights", 0.5);
    Path y = drawn("y/run", "Flights", 0.5);
    assertEquals(0, run(x, y, "--output", page), err::toString);
    assertEquals(
        List.of(
            "Flights, " + x.resolve("training-curve.html"),
            "Flights, " + y.resolve("training-curve.html")),
        titles(page));
  }

  @Test
  void whatIsNoCurveIsRefusedBeforeAnythingIsWritten() throws Exception {
    Path good = drawn("good", "Good", 0.5);
    Path page = temp.resolve("page.html");
    refused("found no file", good, temp.resolve("nothing"), "--output", page);
    Files.writeString(temp.resolve("other.html"), "<html>somebody else's</html>");
    refused("found another file", temp.resolve("other.html"), "--output", page);
    refused("is given twice", good, good.resolve("training-curve.html"), "--output", page);
    byte[] before = Files.readAllBytes(good.resolve("training-curve.html"));
    refused("it is a page to read", good, "--output", good.resolve("training-curve.html"));
    assertEquals(
        new String(before, StandardCharsets.UTF_8),
        Files.readString(good.resolve("training-curve.html")));
    refused("Missing required parameter", "--output", page);
    assertFalse(Files.exists(page));
  }

  private void refused(String why, Object... words) {
    assertEquals(2, run(words), out::toString);
    String said = err.toString(StandardCharsets.UTF_8);
    assertTrue(said.contains(why), said);
  }
}
