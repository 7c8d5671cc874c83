package dev.cairn.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.checkpoint.FaultyStore.Fault;
import dev.cairn.checkpoint.model.CheckpointException.StateUnknown;
import dev.cairn.checkpoint.model.DType;
import dev.cairn.checkpoint.model.Shape;
import dev.cairn.checkpoint.model.VariableSpec;
import dev.cairn.checkpoint.store.CheckpointStore;
import dev.cairn.checkpoint.store.CheckpointStores;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A checkpoint under a prefix is the old one or the new one, whole, whatever fails. */
class BundleWriterTest {
  private static final VariableSpec ROWS =
      new VariableSpec("rows/.ATTRIBUTES/VARIABLE_VALUE", DType.FLOAT, Shape.of(4, 2));

  @TempDir Path folder;

  private static void write(CheckpointStore store, String prefix, float value) throws IOException {
    try (BundleWriter writer = BundleWriter.create(store, prefix, 16)) {
      writer.write(
          ROWS,
          (first, into) -> {
            while (into.hasRemaining()) {
              into.putFloat(value);
            }
          });
      writer.finish();
    }
  }

  private static float read(CheckpointStore store, String prefix) throws IOException {
    try (CheckpointReader reader = CheckpointReader.open(store, prefix)) {
      float[] values = new float[8];
      reader.readRows(ROWS.key(), 0, 4, values, 0);
      for (float value : values) {
        assertEquals(values[0], value, "of one checkpoint");
      }
      return values[0];
    }
  }

  private List<String> files(Path of) throws IOException {
    try (Stream<Path> all = Files.list(of)) {
      return all.map(path -> path.getFileName().toString()).sorted().toList();
    }
  }

  @ParameterizedTest
  @EnumSource
  void oldOrNew(Fault fault) throws Exception {
    for (long call = 1; ; call++) {
      Path own = folder.resolve(fault + "-" + call);
      String prefix = CheckpointStores.qualify(own.resolve("best").toString(), new TreeMap<>());
      CheckpointStore raw = CheckpointStores.open(prefix, new TreeMap<>());
      write(raw, prefix, 1);
      FaultyStore faulty = new FaultyStore(raw);
      faulty.arm(fault, call);
      boolean written = false;
      boolean unknown = false;
      try {
        write(faulty, prefix, 2);
        written = true;
      } catch (StateUnknown e) {
        unknown = true;
      } catch (IOException e) {
        assertTrue(String.valueOf(e.getMessage()).contains(":"), e.toString());
      }
      float there = read(raw, prefix);
      if (written) {
        assertEquals(2, there, faulty.hit());
      } else if (!unknown && !fault.name().startsWith("CRASH")) {
        assertEquals(1, there, faulty.hit());
      }
      write(raw, prefix, 3);
      assertEquals(3, read(raw, prefix), faulty.hit());
      if (faulty.calls() < call) {
        assertTrue(call > 10, "a write makes more calls than " + call);
        assertEquals(3, files(own).size(), files(own).toString());
        return;
      }
    }
  }

  /** What a process that was killed has left goes; what another one is writing stays. */
  @Test
  void takesAwayWhatDeadWritersLeft() throws Exception {
    String prefix = CheckpointStores.qualify(folder.resolve("run/ckpt-2").toString(), Map.of());
    Path run = Files.createDirectory(folder.resolve("run"));
    FileTime longAgo =
        FileTime.fromMillis(System.currentTimeMillis() - Duration.ofHours(25).toMillis());
    List<String> dead =
        List.of(
            ".ckpt-1-0-0123456789abcdef.tmp",
            ".ckpt-1-12-0123456789abcdef.tmp",
            ".best-model-index-00000000000000aa.tmp");
    List<String> others =
        List.of(
            ".ckpt-1-00-0123456789abcdef.tmp",
            ".ckpt-1-0-0123456789ABCDEF.tmp",
            ".ckpt-1-0-0123456789abcdef.tmp.bak",
            "ckpt-1-0-0123456789abcdef.tmp",
            ".checkpoint-0123456789abcdef.tmp");
    for (List<String> names : List.of(dead, others)) {
      for (String name : names) {
        Files.setLastModifiedTime(Files.createFile(run.resolve(name)), longAgo);
      }
    }
    // The first file of one that writes its second one at this time.
    Path first = Files.createFile(run.resolve(".ckpt-3-0-00000000000000bb.tmp"));
    Files.setLastModifiedTime(first, longAgo);
    Files.createFile(run.resolve(".ckpt-3-1-00000000000000bb.tmp"));
    Files.createDirectory(run.resolve(".ckpt-4-0-00000000000000cc.tmp"));
    try (BundleWriter live =
        BundleWriter.create(folder.resolve("run/ckpt-9").toString(), Map.of(), 16)) {
      live.write(ROWS, BundleWriterTest::ones);
      write(CheckpointStores.open(prefix, new TreeMap<>()), prefix, 1);
      live.finish();
    }
    List<String> left = files(run);
    for (String name : dead) {
      assertFalse(left.contains(name), left.toString());
    }
    assertTrue(left.containsAll(others), left.toString());
    assertTrue(left.contains(first.getFileName().toString()), left.toString());
    assertTrue(left.contains(".ckpt-4-0-00000000000000cc.tmp"), left.toString());
    assertEquals(1, read(CheckpointStores.open(prefix, new TreeMap<>()), prefix));
    assertTrue(left.contains("ckpt-9.index"), left.toString());
  }

  private static void ones(long first, ByteBuffer into) {
    while (into.hasRemaining()) {
      into.putFloat(1);
    }
  }

  @Test
  void whatCannotBeACheckpointIsRefused() {
    String prefix = folder.resolve("a").toString();
    assertThrows(
        IllegalArgumentException.class, () -> BundleWriter.create(prefix + "/", Map.of(), 1));
    assertThrows(IllegalArgumentException.class, () -> BundleWriter.create(prefix, Map.of(), 0));
    assertThrows(
        IllegalArgumentException.class,
        () -> {
          try (BundleWriter writer = BundleWriter.create(prefix, Map.of(), 1)) {
            writer.finish();
          }
        });
  }
}
