package dev.cairn.jobs.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cairn.checkpoint.FolderOptions;
import dev.cairn.jobs.config.JobException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A folder of scores is replaced by scores of the same rows and model, and by nothing else. */
final class ScoredFolderTest {
  @TempDir private Path temp = Path.of("");

  private ScoredFolder folder(String model, String input, boolean overwrite) {
    ScoredFolder.Scored scored =
        new ScoredFolder.Scored(model, OptionalLong.of(7), model + "/7/variables", "c7", input);
    return new ScoredFolder(
        temp.resolve("out").toString(), scored, overwrite, FolderOptions.defaults());
  }

  private static ScoredFolder.Writer writing(String text) {
    return folder -> {
      try {
        Files.writeString(Path.of(URI.create(folder)).resolve("part-0"), text);
        return text.length();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    };
  }

  private String there() throws IOException {
    return Files.readString(temp.resolve("out/part-0"));
  }

  private static void assertRefused(String why, ScoredFolder folder) {
    JobException e = assertThrows(JobException.class, folder::check);
    assertTrue(String.valueOf(e.getMessage()).contains(why), e::getMessage);
    assertThrows(JobException.class, () -> folder.replace(writing("refused")));
  }

  @Test
  void itsOwnAreReplacedAndOthersWhenTold() throws Exception {
    assertEquals(3, folder("m", "rows", false).replace(writing("one")));
    JsonNode record = new ObjectMapper().readTree(temp.resolve("out/_cairn-predict.json").toFile());
    assertEquals(
        "m 7 m/7/variables c7 rows 3",
        String.join(
            " ",
            List.of("model", "version", "checkpoint", "commit", "input", "rows").stream()
                .map(name -> record.path(name).asText())
                .toList()));
    folder("m", "rows", false).replace(writing("two"));
    assertEquals("two", there());
    assertRefused("found scores of rows by m; choose another, or set", folder("m", "more", false));
    assertRefused("expected a new folder, or scores of rows by n", folder("n", "rows", false));
    assertEquals("two", there());
    folder("n", "more", true).replace(writing("three"));
    assertEquals("three", there());
    try (Stream<Path> left = Files.list(temp)) {
      assertEquals(1, left.count(), "nothing is left beside it");
    }
  }

  @Test
  void whatPredictHasNotMadeStays() throws Exception {
    Path out = temp.resolve("out");
    Files.writeString(out, "a file");
    assertRefused("found something that predict has not made", folder("m", "rows", true));
    assertEquals("a file", Files.readString(out));
    Files.delete(out);
    Files.createDirectory(out);
    Files.writeString(out.resolve("part-0"), "mine");
    assertRefused("found something that predict has not made", folder("m", "rows", true));
    Files.writeString(out.resolve("_cairn-predict.json"), "{\"format\":");
    assertRefused("found something that predict has not made", folder("m", "rows", true));
    Files.writeString(out.resolve("_cairn-predict.json"), "{\"model\":\"m\",\"input\":\"rows\"}");
    assertRefused("found something that predict has not made", folder("m", "rows", true));
    assertEquals("mine", there());
  }

  @Test
  void theOldOnesStayWhenScoringFails() throws Exception {
    folder("m", "rows", false).replace(writing("old"));
    ScoredFolder.Writer failing =
        folder -> {
          var unused = writing("half").write(folder);
          throw new JobException("no more rows");
        };
    assertThrows(JobException.class, () -> folder("m", "rows", false).replace(failing));
    assertEquals("old", there());

    // Somebody puts something of theirs there while rows are scored.
    Files.move(temp.resolve("out"), temp.resolve("away"));
    ScoredFolder.Writer late =
        folder -> {
          try {
            Files.createDirectory(temp.resolve("out"));
            Files.writeString(temp.resolve("out/part-0"), "theirs");
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
          return 0;
        };
    assertThrows(JobException.class, () -> folder("m", "rows", true).replace(late));
    assertEquals("theirs", there());
    assertFalse(Files.exists(temp.resolve("out/_cairn-predict.json")));
  }
}
