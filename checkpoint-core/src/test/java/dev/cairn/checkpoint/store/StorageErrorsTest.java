package dev.cairn.checkpoint.store;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.checkpoint.model.CheckpointException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Each of storage's troubles says what to do. */
final class StorageErrorsTest {
  @TempDir private Path temp = Path.of("");

  private static void assertSays(String expected, Exception raw) {
    String said = StorageErrors.explain("create", "file:///a/b", raw).getMessage();
    assertTrue(said.startsWith("Cannot create file:///a/b: " + expected), said);
  }

  @Test
  void aFileWhereAFolderIsMeant() throws IOException {
    Path file = Files.writeString(temp.resolve("file"), "x");
    String path = CheckpointStores.qualify(file.toString(), new TreeMap<>());
    try (CheckpointStore store = CheckpointStores.open(path, new TreeMap<>())) {
      for (String inside : new String[] {path, path + "/run"}) {
        String said = "";
        try {
          store.list(inside);
        } catch (IOException e) {
          said = e.getMessage();
        }
        assertTrue(said.contains("expected a folder, found a file"), inside + ": " + said);
      }
    }
  }

  /**
   * A namenode that was never there; with the patience of a running job this would take half an
   * hour.
   */
  @Tag("long")
  @Test
  @Timeout(value = 5, unit = TimeUnit.MINUTES)
  void aNamenodeThatWasNeverThere() throws IOException {
    neverThere(new TreeMap<>());
  }

  /** Whose users say how long to try. */
  @Test
  void aNamenodeThatWasNeverThereByTheUsersPatience() throws IOException {
    neverThere(new TreeMap<>(Map.of(HadoopCheckpointStore.RETRY_SPEC, "10,1")));
  }

  private static void neverThere(SortedMap<String, String> settings) throws IOException {
    int port;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    String path = "hdfs://127.0.0.1:" + port + "/runs/a";
    String said =
        String.valueOf(
            assertThrows(
                    CheckpointException.Failed.class, () -> CheckpointStores.open(path, settings))
                .getMessage());
    assertTrue(said.startsWith("Cannot reach " + path + ": its file system cannot be"), said);
  }

  @Test
  void diskFullReadOnlyOrOutOfReach() {
    assertSays("the disk is full; free some room", new IOException("No space left on device"));
    assertSays(
        "it cannot be written to; choose another folder",
        new FileSystemException("/a/b", null, "Read-only file system"));
    assertSays(
        "its file system cannot be reached; check the address",
        new IOException("Call failed", new ConnectException("Connection refused")));
    assertSays("its file system cannot be reached", new UnknownHostException("nowhere.invalid"));
  }
}
