package dev.cairn.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.checkpoint.store.MiniHdfs;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A report beside checkpoints: whole, and leaving nothing behind. */
final class RunFileTest {
  @TempDir private Path temp = Path.of("");

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static void assertReplaces(RunFile file) throws IOException {
    assertTrue(file.read().isEmpty());
    file.replace(bytes("the first, which is longer"));
    file.replace(bytes("the second"));
    assertArrayEquals(bytes("the second"), file.read().orElseThrow());
  }

  @Test
  void isReplacedWholeOnLocalDisk() throws IOException {
    Path folder = temp.resolve("a new folder");
    assertReplaces(RunFile.at("file:" + folder.resolve("report.html"), FolderOptions.defaults()));
    try (var entries = Files.list(folder)) {
      assertEquals(
          List.of("report.html"), entries.map(path -> path.getFileName().toString()).toList());
    }
  }

  @Test
  void isReplacedWholeInHdfs() throws IOException {
    MiniHdfs hdfs = MiniHdfs.shared();
    FolderOptions options = FolderOptions.defaults().withHadoopProperties(hdfs.clientProperties());
    assertReplaces(RunFile.at(hdfs.uri("/a new folder/report.html"), options));
    assertEquals(
        1, hdfs.fileSystem().listStatus(new org.apache.hadoop.fs.Path("/a new folder")).length);
  }

  @Test
  void whetherItCanBeWrittenIsKnownBeforehand() throws IOException {
    Path taken = Files.createDirectory(temp.resolve("taken"));
    Path file = Files.writeString(temp.resolve("a file"), "x");
    at(temp.resolve("new/folder/report.html")).checkReplaceable();
    at(file).checkReplaceable();
    at(taken).checkPlace();
    try (var entries = Files.list(temp)) {
      assertEquals(2, entries.count(), "all is as it was");
    }
    assertThrows(IOException.class, () -> at(file.resolve("report.html")).checkPlace());
    String said =
        String.valueOf(
            assertThrows(IOException.class, () -> at(taken).checkReplaceable()).getMessage());
    assertTrue(said.contains("found a folder"), said);
  }

  private static RunFile at(Path path) throws IOException {
    return RunFile.at("file:" + path, FolderOptions.defaults());
  }

  @Test
  void aRunThatEndedInBetweenLeavesWhatIsCollected() throws IOException {
    Files.writeString(temp.resolve(".checkpoint-00000000000000ab.tmp"), "half a rep");
    try (CheckpointFolder checkpoints =
        CheckpointFolder.open(temp.toString(), FolderOptions.defaults())) {
      assertEquals(1, checkpoints.collectOrphans().size());
    }
  }
}
