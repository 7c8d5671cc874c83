package dev.cairn.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.checkpoint.model.CheckpointException;
import dev.cairn.checkpoint.model.CheckpointException.UnsupportedVersion;
import dev.cairn.checkpoint.store.CheckpointStore;
import dev.cairn.checkpoint.store.CheckpointStores;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A checkpoint of an older Cairn is refused by its version, and never taken for damage. */
class OlderFormatTest {
  @TempDir Path folder;

  /** Gives a checkpoint's manifest another version, and the checksum that belongs to it. */
  private static Path age(CommittedCheckpoint checkpoint) throws Exception {
    Path file = Path.of(URI.create(checkpoint.path())).resolve("manifest.json");
    String text =
        Files.readString(file)
            .replaceFirst("\"version\" : \"3.0\"", "\"version\" : \"2.0\"")
            .replaceFirst("\"crc32c\" : \"[0-9a-f]{8}\"\n}\n$", "\"crc32c\" : \"00000000\"\n}\n");
    CRC32C crc = new CRC32C();
    crc.update(text.getBytes(StandardCharsets.UTF_8));
    String sealed = String.format("%08x\"\n}\n", (int) crc.getValue());
    return Files.writeString(file, text.replaceFirst("00000000\"\n}\n$", sealed));
  }

  @Test
  void isRefusedAndNotPassedOver() throws Exception {
    String directory = folder.resolve("run").toString();
    try (CheckpointFolder checkpoints = CheckpointFolder.open(directory, TestCheckpoints.OPTIONS);
        CheckpointStore store = CheckpointStores.open(directory, new TreeMap<>())) {
      TestCheckpoints.save(checkpoints, store, 1, 1);
      Path manifest = age(TestCheckpoints.save(checkpoints, store, 2, 1));
      byte[] before = Files.readAllBytes(manifest);
      List<CheckpointException> skipped = new ArrayList<>();
      UnsupportedVersion e =
          assertThrows(UnsupportedVersion.class, () -> checkpoints.newestGood(skipped::add));
      assertTrue(e.getMessage().contains("expected version 3.x, found 2.0"), e.getMessage());
      assertTrue(e.getMessage().contains("manifest.json"), e.getMessage());
      assertEquals(List.of(), skipped);
      assertThrows(UnsupportedVersion.class, checkpoints::latest);
      assertEquals(1, checkpoints.checkpoints(skipped::add).size());
      assertEquals(1, skipped.size());
      // It counts as the newest: nobody writes its step anew, or an older one.
      assertThrows(CheckpointException.Conflict.class, () -> checkpoints.begin(2, 1));
      TestCheckpoints.save(checkpoints, store, 3, 1);
      assertEquals(List.of(), checkpoints.drainWarnings());
      assertEquals(new String(before, StandardCharsets.UTF_8), Files.readString(manifest));
    }
  }
}
