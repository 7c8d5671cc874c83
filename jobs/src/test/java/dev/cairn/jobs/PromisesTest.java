package dev.cairn.jobs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The numbered promises that code, tests and docs name are those of docs/invariants.md. */
final class PromisesTest {
  private static final Path ROOT = Path.of("..");
  private static final Path PAGE = ROOT.resolve("docs/invariants.md");
  private static final Pattern NUMBER = Pattern.compile("\\b(?:I[1-9]|S[0-9]{1,2})\\b");
  private static final Pattern ROW = Pattern.compile("(?m)^\\| ([IS][0-9]+) \\|(.*)\\|$");
  private static final Pattern TEST = Pattern.compile("`([A-Z][A-Za-z]+)`");

  /** All that people write: sources of every module, docs, the build. */
  private static List<Path> files() throws IOException {
    List<Path> files = new ArrayList<>();
    for (String module : List.of("checkpoint-core", "spark-plugin", "jobs")) {
      try (Stream<Path> all = Files.walk(ROOT.resolve(module).resolve("src"))) {
        all.filter(Files::isRegularFile)
            .filter(file -> file.toString().endsWith(".java"))
            .forEach(files::add);
      }
      files.add(ROOT.resolve(module).resolve("pom.xml"));
    }
    files.add(ROOT.resolve("pom.xml"));
    try (Stream<Path> top = Files.list(ROOT);
        Stream<Path> docs = Files.list(ROOT.resolve("docs"))) {
      Stream.concat(top, docs).filter(file -> file.toString().endsWith(".md")).forEach(files::add);
    }
    return files;
  }

  private static List<MatchResult> rows() throws IOException {
    return ROW.matcher(Files.readString(PAGE)).results().toList();
  }

  @Test
  void everyNumberIsOnThePageOnce() throws IOException {
    List<String> listed = rows().stream().map(row -> row.group(1)).toList();
    Set<String> known = new TreeSet<>(listed);
    assertEquals(listed.size(), known.size(), () -> "one row each: " + listed);
    List<String> unknown = new ArrayList<>();
    Set<String> named = new TreeSet<>();
    for (Path file : files()) {
      if (!file.equals(PAGE) && !file.endsWith("PromisesTest.java")) {
        for (MatchResult found : NUMBER.matcher(Files.readString(file)).results().toList()) {
          named.add(found.group());
          if (!known.contains(found.group())) {
            unknown.add(file + ": " + found.group());
          }
        }
      }
    }
    assertEquals(List.of(), unknown, "not in docs/invariants.md");
    assertTrue(named.size() > 30, named::toString);
  }

  @Test
  void everyRowNamesTestsThatAreThere() throws IOException {
    Set<String> classes =
        files().stream()
            .map(file -> String.valueOf(file.getFileName()))
            .filter(name -> name.endsWith(".java"))
            .map(name -> name.substring(0, name.length() - ".java".length()))
            .collect(Collectors.toSet());
    assertTrue(rows().size() > 30, "rows");
    for (MatchResult row : rows()) {
      List<String> tests = TEST.matcher(row.group(2)).results().map(test -> test.group(1)).toList();
      assertTrue(!tests.isEmpty() && classes.containsAll(tests), row::group);
    }
  }
}
