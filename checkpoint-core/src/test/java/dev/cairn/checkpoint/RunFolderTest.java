package dev.cairn.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whether a folder can be written to is found without leaving anything there. */
final class RunFolderTest {
  @TempDir private Path temp = Path.of("");

  private static void check(Path folder) throws IOException {
    RunFolder.checkWritable(folder.toString(), FolderOptions.defaults());
  }

  @Test
  void leavesEverythingAsItWas() throws IOException {
    check(temp.resolve("a/b/c"));
    assertFalse(Files.exists(temp.resolve("a")));
    Files.createDirectories(temp.resolve("a"));
    Files.writeString(temp.resolve("a/kept"), "");
    check(temp.resolve("a/b"));
    check(temp.resolve("a"));
    try (var entries = Files.list(temp.resolve("a"))) {
      assertEquals(1, entries.count());
    }
  }

  @Test
  void whatCannotBeWrittenToIsRefused() throws IOException {
    Files.writeString(temp.resolve("file"), "");
    assertThrows(IOException.class, () -> check(temp.resolve("file/run")));
    assertThrows(IOException.class, () -> check(temp.resolve("file")));
    assertTrue(Files.exists(temp.resolve("file")));
  }
}
