package dev.cairn.jobs.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code publish}, {@code rollback} and {@code history}, by what they print and write. */
final class PublishCommandsTest {
  @TempDir private Path temp = Path.of("");
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private String run = "";
  private String model = "";

  @BeforeEach
  void publishThree() throws Exception {
    run = temp.resolve("run").toString();
    model = temp.resolve("models/flights").toString();
    for (int step = 1; step <= 3; step++) {
      SavedRuns.commit(run, step, SavedRuns.logistic(), step);
      done("Published ", "publish", run + "/ckpt-" + step, "--to", model);
    }
  }

  private int cairn(String... words) {
    out.reset();
    err.reset();
    return CairnCommand.run(Consoles.keeping(out, err), words);
  }

  private void done(String part, String... words) {
    assertEquals(CairnCommand.OK, cairn(words), () -> err.toString(StandardCharsets.UTF_8));
    String printed = out.toString(StandardCharsets.UTF_8);
    assertTrue(printed.contains(part), printed);
  }

  private void refused(int status, String part, String... words) {
    assertEquals(status, cairn(words), () -> out.toString(StandardCharsets.UTF_8));
    String complained = err.toString(StandardCharsets.UTF_8);
    assertTrue(complained.contains(part), complained);
  }

  private JsonNode history() throws Exception {
    done("versions", "history", model, "--json");
    return new ObjectMapper().readTree(out.toByteArray());
  }

  @Test
  void publishesAgainAndRollsBack() throws Exception {
    done("Published already", "publish", run + "/ckpt-3", "--to", model);
    done("rolled back to 2", "rollback", model);
    done("version 4", "rollback", model);
    assertEquals(4, history().get("current").asInt());
    done("version 5", "rollback", model, "--to", "1");
    done("version 3", "rollback", model, "--to", "3", "--by-label");
    assertEquals(3, history().get("current").asInt());
    assertEquals(3, history().at("/labels/stable").asInt());
    done("version 6", "publish", run + "/ckpt-2", "--to", model);
    done("version 3", "rollback", model, "--to", "3", "--by-label");
    done("In use is version 3, and stays so", "publish", run + "/ckpt-2", "--to", model);
    refused(CairnCommand.USAGE, "--to VERSION", "rollback", model, "--by-label");
    for (String[] words : new String[][] {{"--to", "0"}, {"--to", "0", "--by-label"}}) {
      String[] all =
          Stream.concat(Stream.of("rollback", model), Stream.of(words)).toArray(String[]::new);
      refused(CairnCommand.USAGE, "found --to 0", all);
    }
    assertEquals(3, history().get("current").asInt());
    refused(
        CairnCommand.TROUBLE, "expected one of [1, 2, 3, 4, 5, 6]", "rollback", model, "--to", "9");
  }

  @Test
  void collectsOldVersions() throws Exception {
    done("No version was collected", "history", model, "--collect", "1");
    assertTrue(out.toString(StandardCharsets.UTF_8).contains("superseded less than"));
    done("Collected 1\n", "history", model, "--collect", "2", "--grace", "0");
    assertFalse(Files.exists(Path.of(model, "1")));
    assertEquals(3, history().get("versions").size());
    done("collected", "history", model);
    refused(CairnCommand.TROUBLE, "that it was collected", "rollback", model, "--to", "1");
    refused(CairnCommand.USAGE, "--collect 1", "history", model, "--collect", "-1");
    refused(CairnCommand.USAGE, "found --collect 0", "history", model, "--collect", "0");
    refused(CairnCommand.USAGE, "--collect", "history", model, "--grace", "1");
  }

  /** One damaged record hides neither itself nor the others. */
  @Test
  void showsADamagedRecordAndTheOthers() throws Exception {
    Files.writeString(Path.of(model, "1", "assets.extra", "cairn-version.json"), "{");
    assertEquals(CairnCommand.FAILED, cairn("history", model), err::toString);
    String printed = out.toString(StandardCharsets.UTF_8);
    assertTrue(printed.contains("in use"), printed);
    assertTrue(printed.contains("Damaged, version 1: "), printed);
    assertTrue(printed.contains("cairn-version.json"), printed);
    assertEquals(CairnCommand.FAILED, cairn("history", model, "--json"), err::toString);
    JsonNode tree = new ObjectMapper().readTree(out.toByteArray());
    assertEquals(2, tree.get("versions").size());
    assertTrue(tree.at("/unreadable/1").asText().contains("cairn-version.json"), tree::toString);
    assertEquals(3, tree.get("current").asInt());
  }

  @Test
  void copiesForServers() throws Exception {
    String servers = temp.resolve("server").toString();
    done("Copied version 3", "publish", model, "--copy-to", servers);
    done("There already, verified: version 3", "publish", model, "--copy-to", servers);
    done("Copied version 4", "publish", run + "/ckpt-1", "--to", model, "--copy-to", servers);
    assertTrue(Files.exists(Path.of(servers, "flights", "4", "saved_model.pb")));
    done("\"anew\" : false", "publish", model, "--copy-to", servers, "--json");
    refused(CairnCommand.USAGE, "--copy-to FOLDER", "publish", run);
    refused(
        CairnCommand.USAGE,
        "--alias",
        "publish",
        model,
        "--copy-to",
        servers,
        "--alias",
        "champion");
  }

  @Test
  void labelsAndProgramsAreLookedAtFirst() throws Exception {
    String other = temp.resolve("other").toString();
    refused(
        CairnCommand.USAGE,
        "found \"a/b\"",
        "publish",
        run + "/ckpt-1",
        "--to",
        other,
        "--alias",
        "a/b");
    refused(
        CairnCommand.TROUBLE,
        "no program /no/python",
        "publish",
        run + "/ckpt-1",
        "--to",
        other,
        "--ask-tensorflow=/no/python");
    assertFalse(Files.exists(Path.of(other)));
  }

  @Test
  void badFolders() throws Exception {
    refused(CairnCommand.TROUBLE, "a run's folder", "publish", run, "--to", run);
    refused(CairnCommand.TROUBLE, "found nothing", "rollback", model + "x");
    Files.delete(Path.of(model, "3", "saved_model.pb"));
    refused(CairnCommand.FAILED, "version 2 is good", "history", model);
    assertTrue(out.toString(StandardCharsets.UTF_8).contains("in use"), out::toString);
    refused(
        CairnCommand.FAILED, "version 2 is good", "history", model, "--collect", "1", "--grace=0");
    assertTrue(Files.exists(Path.of(model, "1")), "deleted before it has looked");
    done("rolled back to 2", "rollback", model, "--to", "2");
    done("in use", "history", model);
  }
}
