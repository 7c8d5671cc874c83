package dev.cairn.jobs.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The shell script {@code jobs/cairn}, with a Java that tells what it was started with. */
final class LauncherTest {
  private static final Path SCRIPT = Path.of("cairn").toAbsolutePath();

  @TempDir private Path root = Path.of("");

  /** A copy that finds everything built, and a JDK of three lines. */
  @BeforeEach
  void built() throws IOException {
    Path target = Files.createDirectories(root.resolve("jobs/target"));
    Files.copy(SCRIPT, root.resolve("jobs/cairn"));
    Files.writeString(target.resolve("launcher.dependencies"), "");
    Files.writeString(target.resolve("launcher.built"), "");
    for (String module : List.of("checkpoint-core", "spark-plugin", "jobs")) {
      Files.createDirectories(root.resolve(module).resolve("target/classes"));
    }
    Path java = Files.createDirectories(root.resolve("jdk/bin")).resolve("java");
    Files.writeString(
        java,
        """
        #!/bin/sh
        case $1 in -version) echo 'openjdk version "17.0.1"' >&2; exit ;; esac
        echo "LC_ALL=${LC_ALL:-}"
        for word in "$@"; do echo "$word"; done
        """);
    assertTrue(java.toFile().setExecutable(true));
  }

  private List<String> started(Map<String, String> environment, String... words)
      throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder("/bin/sh", root + "/jobs/cairn");
    builder.command().addAll(List.of(words));
    builder.environment().clear();
    builder.environment().putAll(environment);
    builder.environment().put("PATH", root.resolve("bin") + ":/usr/bin:/bin");
    builder.environment().put("JAVA_HOME", root.resolve("jdk").toString());
    Process process = builder.redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertTrue(process.waitFor(30, TimeUnit.SECONDS), said);
    assertEquals(0, process.exitValue(), said);
    return said.lines().toList();
  }

  private static void assertUtf8(List<String> said) {
    assertTrue(said.get(0).matches("LC_ALL=\\S+\\.(utf|UTF)-?8"), said.get(0));
  }

  @Test
  void asciiLocalesBecomeUtf8() throws Exception {
    assertUtf8(started(Map.of("LC_ALL", "C"), "help"));
    assertUtf8(started(Map.of("LC_ALL", "POSIX"), "help"));
    assertUtf8(started(Map.of("LANG", "C"), "help"));
    assertUtf8(started(Map.of(), "help")); // cron
    assertUtf8(started(Map.of("LC_ALL", "de_XX.UTF-8"), "help")); // not installed
  }

  @Test
  void utf8StaysAsItIs() throws Exception {
    assertEquals("LC_ALL=", started(Map.of("LC_CTYPE", "C.UTF-8"), "help").get(0));
    assertEquals("LC_ALL=C.UTF-8", started(Map.of("LC_ALL", "C.UTF-8"), "help").get(0));
  }

  @Test
  void wordsAndClassPathReachJava() throws Exception {
    List<String> said = started(Map.of(), "train", "a b.properties", "label=stadt = 'Ulm'");
    int last = said.size();
    assertEquals(
        List.of("dev.cairn.jobs.Main", "train", "a b.properties", "label=stadt = 'Ulm'"),
        said.subList(last - 4, last));
    assertFalse(Files.exists(root.resolve("jobs/target/embedded")), "a call leaves no folder");
  }

  /** A second terminal, before the first one has built: it waits, and finds it built. */
  @Test
  void twoAtOnceBuildOnce() throws Exception {
    Path mvn = Files.createDirectories(root.resolve("bin")).resolve("mvn");
    Files.writeString(
        mvn,
        """
        #!/bin/sh
        case $1 in -v) echo 'Apache Maven 3.9.0'; exit ;; esac
        mkdir busy || exit 1
        sleep 1
        rmdir busy
        echo built >>builds
        """);
    assertTrue(mvn.toFile().setExecutable(true));
    Path stamp = root.resolve("jobs/target/launcher.built");
    Files.delete(stamp);
    // A build that was killed is not waited for.
    Files.createSymbolicLink(root.resolve("jobs/target/building"), Path.of("999999999"));
    started(Map.of(), "help");
    Files.delete(stamp);
    CompletableFuture<List<String>> other =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return started(Map.of(), "help");
              } catch (IOException | InterruptedException e) {
                throw new IllegalStateException(e);
              }
            });
    List<String> said = new ArrayList<>(started(Map.of(), "help"));
    said.addAll(other.join());
    assertEquals(
        List.of("built", "built"), Files.readAllLines(root.resolve("builds")), said.toString());
    assertFalse(said.toString().contains("cannot"), said.toString());
    assertFalse(Files.exists(root.resolve("jobs/target/building"), LinkOption.NOFOLLOW_LINKS));
  }

  @Test
  void aJvmOfAnotherEncodingRefusesLettersThatItCannotRead() {
    assertEquals(Optional.empty(), ProcessLetters.refusal("US-ASCII", "train", "label=x = 'Ulm'"));
    assertEquals(Optional.empty(), ProcessLetters.refusal("UTF-8", "label=stadt = 'K\u00f6ln'"));
    assertEquals(Optional.empty(), ProcessLetters.refusal("ISO-8859-1", "label='K\u00f6ln'"));
    String ascii = ProcessLetters.refusal("US-ASCII", "label='K\ufffd\ufffdln'").orElseThrow();
    assertTrue(ascii.contains("encoding is US-ASCII"), ascii);
    assertTrue(ascii.contains("LC_ALL=C.UTF-8"), ascii);
    assertTrue(ProcessLetters.refusal("ISO-8859-1", "\u20ac").isPresent());
  }
}
