package dev.cairn.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.checkpoint.store.CheckpointFileNames;
import java.io.IOException;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests paths of folders: the way up ends at the root of each file system, and not below it. */
class FoldersTest {

  @ParameterizedTest
  @CsvSource({
    "hdfs://nn/a/b, hdfs://nn/a, b",
    "hdfs://nn:8020/a, hdfs://nn:8020/, a",
    "file:///a/b, file:///a, b",
    "file:///a, file:///, a",
    "file:/a/b, file:/a, b",
    "file:/a, file:/, a",
    "/a/b, /a, b",
    "/a, /, a",
    "a/b, a, b",
    "a:b/c, a:b, c"
  })
  void aFolderLiesAbove(String path, String parent, String name) {
    assertEquals(Optional.of(parent), Folders.parent(path));
    assertEquals(name, Folders.name(path));
    assertEquals(path, Folders.child(parent, name));
    assertTrue(Folders.contains(parent, path));
    assertFalse(Folders.contains(path, path));
    assertFalse(Folders.contains(path, parent));
    assertFalse(Folders.contains(path, path + "c"), "a name that only begins like it");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "file:/", "file://", "file:///", "hdfs://nn", "hdfs://nn/"})
  void aRootHasNothingAbove(String root) {
    assertEquals(Optional.empty(), Folders.parent(root));
    assertEquals("", Folders.name(root));
    assertEquals(root, CheckpointFileNames.parent(root), "one that walks up stays there");
    assertTrue(Folders.contains(root, Folders.child(root, "a")));
    assertFalse(Folders.contains(root, root));
  }

  @Test
  void aNameAloneHasNoFolder() {
    assertEquals(Optional.empty(), Folders.parent("curve.html"));
    assertEquals("curve.html", Folders.name("curve.html"));
  }

  /** The slash of a root is no trailing one: without it, a path would be the working folder's. */
  @ParameterizedTest
  @CsvSource({
    "/, file:///",
    "//, file:///",
    "file:/, file:///",
    "file:///, file:///",
    "file:///a/, file:///a",
    "/a//, file:///a"
  })
  void aFullPathKeepsTheSlashOfTheRootAlone(String path, String full) throws IOException {
    assertEquals(full, Folders.qualify(path, FolderOptions.defaults()));
  }
}
