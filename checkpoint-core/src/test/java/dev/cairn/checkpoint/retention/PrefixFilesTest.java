package dev.cairn.checkpoint.retention;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.checkpoint.store.CheckpointStore;
import dev.cairn.checkpoint.store.CheckpointStores;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which files are a checkpoint's, and in which order they go. */
class PrefixFilesTest {

  @TempDir Path folder;

  private final List<String> deleted = new ArrayList<>();

  /** A store that remembers what was deleted. */
  private CheckpointStore store() throws IOException {
    CheckpointStore store = CheckpointStores.open(folder.toString(), Map.of());
    return (CheckpointStore)
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {CheckpointStore.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("delete")) {
                deleted.add(Path.of(arguments[0].toString()).getFileName().toString());
              }
              try {
                return method.invoke(store, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  private String prefix(String name) throws IOException {
    return CheckpointStores.qualify(folder.resolve(name).toString(), Map.of());
  }

  private void file(String name) throws IOException {
    Files.createDirectories(folder.resolve(name).getParent());
    Files.writeString(folder.resolve(name), "12345");
  }

  @Test
  void indexFirstAndNothingElse() throws IOException {
    List<String> others =
        List.of(
            "checkpoint",
            "ckpt-1",
            "ckpt-1.data-0-of-2",
            "ckpt-1.index.old",
            "ckpt-1.meta",
            "ckpt-10.data-00000-of-00001",
            "ckpt-10.index",
            "xckpt-1.index");
    for (String name : others) {
      file(name);
    }
    List<String> parts =
        List.of(
            "ckpt-1.index",
            "ckpt-1.data-00000-of-00002",
            "ckpt-1.data-00001-of-00002",
            "ckpt-1.data-100000-of-100001");
    for (String name : parts) {
      file(name);
    }
    Files.createDirectory(folder.resolve("ckpt-1.data-00005-of-00006"));
    try (CheckpointStore store = store()) {
      PrefixFiles files = new PrefixFiles(store);
      assertEquals(20, files.bytes(prefix("ckpt-1")));
      files.delete(prefix("ckpt-1"));
      assertEquals(parts.get(0), deleted.get(0));
      assertEquals(parts, deleted);
      assertEquals(0, files.bytes(prefix("ckpt-1")));
      files.delete(prefix("ckpt-1"));
      files.delete(prefix("no/folder"));
      assertEquals(0, files.bytes(prefix("no/folder")));
    }
    try (Stream<Path> left = Files.list(folder)) {
      assertEquals(
          others,
          left.map(path -> path.getFileName().toString())
              .filter(name -> !name.contains("00006"))
              .sorted()
              .toList());
    }
  }

  /** A checkpoint of a run's folder goes as a whole; what only looks like one does not. */
  @Test
  void checkpointsOfRuns() throws IOException {
    for (String name : List.of("ckpt-5", "ckpt-6", "other")) {
      file(name + "/variables.index");
      file(name + "/variables.data-00000-of-00001");
      file(name + "/note");
    }
    file("ckpt-5/manifest.json");
    file("other/manifest.json");
    try (CheckpointStore store = store()) {
      for (String name : List.of("ckpt-5", "ckpt-6", "other")) {
        new PrefixFiles(store).delete(prefix(name + "/variables"));
      }
    }
    assertFalse(Files.exists(folder.resolve("ckpt-5")));
    for (String name : List.of("ckpt-6", "other")) {
      assertFalse(Files.exists(folder.resolve(name + "/variables.index")));
      assertTrue(Files.exists(folder.resolve(name + "/note")));
    }
  }
}
