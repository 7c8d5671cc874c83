package dev.cairn.checkpoint.publish;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.checkpoint.CheckpointReader;
import dev.cairn.checkpoint.FolderOptions;
import dev.cairn.checkpoint.Folders;
import dev.cairn.checkpoint.ServingConfig;
import dev.cairn.checkpoint.model.CheckpointException.NotFound;
import dev.cairn.checkpoint.store.CheckpointStore;
import dev.cairn.checkpoint.store.CheckpointStores;
import dev.cairn.checkpoint.store.MiniHdfs;
import dev.cairn.checkpoint.store.SkewedHdfs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.PrivilegedExceptionAction;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.security.UserGroupInformation;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Readers and collections, on local disk and on HDFS. */
class VersionLeaseTest {
  private static final List<String> STABLE = List.of(ServingConfig.STABLE);

  @TempDir private Path temp = Path.of("");

  /** Publishes four versions, and says where. */
  private static String publish(String home, FolderOptions options) throws IOException {
    String full = Folders.qualify(home, options);
    String model = Folders.child(full, "flights");
    try (CheckpointStore store = CheckpointStores.open(full, options.hadoopProperties());
        ModelFolder folder = ModelFolder.open(model, options)) {
      store.makeDirectories(full);
      for (long step = 1; step <= 4; step++) {
        String checkpoint = Published.checkpoint(store, Folders.child(full, "run"), step);
        ModelVersion unused = Published.publish(store, checkpoint, folder, STABLE);
      }
    }
    return model;
  }

  private static List<Long> collect(String model, int keep, Duration grace, FolderOptions options)
      throws IOException {
    try (ModelFolder folder = ModelFolder.open(model, options)) {
      return folder.collect(keep, grace).collected();
    }
  }

  private static void readAll(String checkpoint, FolderOptions options) throws IOException {
    try (CheckpointReader reader = CheckpointReader.open(checkpoint, options)) {
      assertTrue(reader.manifest().isPresent());
    }
  }

  /** What somebody reads stays, and nobody new takes what was collected. */
  private static void readersAndCollections(String model, FolderOptions options)
      throws IOException {
    assertEquals(List.of(), collect(model, 1, Duration.ofHours(1), options));
    try (VersionLease lease = VersionLease.take(model + "/2", options)) {
      assertEquals(2, lease.version().orElseThrow().number());
      assertEquals(List.of(1L), collect(model, 2, Duration.ZERO, options));
      readAll(lease.checkpoint(), options);
      try (VersionLease current = VersionLease.take(model, options)) {
        assertEquals(4, current.version().orElseThrow().number());
      }
    }
    try (ModelFolder folder = ModelFolder.open(model, options)) {
      assertEquals(List.of(2L, 3L, 4L), folder.numbers());
      ServingConfig unused = folder.label(new TreeMap<>(Map.of("champion", 3L)));
    }
    assertEquals(List.of(2L), collect(model, 1, Duration.ZERO, options));
    try (ModelFolder folder = ModelFolder.open(model, options)) {
      assertEquals(List.of(3L, 4L), folder.numbers());
      assertEquals(List.of(1L, 2L, 3L, 4L), List.copyOf(folder.history().keySet()));
      NotFound gone = assertThrows(NotFound.class, () -> folder.read(OptionalLong.of(2)));
      assertTrue(gone.getMessage().contains("collected"), gone::getMessage);
      try (VersionDraft draft = folder.begin()) {
        assertEquals(5, draft.number());
      }
    }
  }

  @Test
  void onLocalDisk() throws Exception {
    FolderOptions options = FolderOptions.defaults();
    String model = publish(temp.toString(), options);
    readersAndCollections(model, options);
    try (var left = Files.list(temp.resolve("flights"))) {
      assertEquals(
          List.of("3", "4", "history", "models.config"),
          left.map(path -> path.getFileName().toString()).sorted().toList());
    }
  }

  @Tag("long")
  @Test
  void onHdfs() throws Exception {
    MiniHdfs hdfs = MiniHdfs.shared();
    FolderOptions options = FolderOptions.defaults().withHadoopProperties(hdfs.clientProperties());
    readersAndCollections(publish(hdfs.uri("/leases"), options), options);
  }

  /** Clocks of readers do not count: here the storage is an hour ahead of them. */
  @Test
  void signsOfLifeByTheClockOfHdfs() throws Exception {
    MiniHdfs hdfs = MiniHdfs.shared();
    FolderOptions options =
        FolderOptions.defaults()
            .withHadoopProperties(SkewedHdfs.properties(hdfs.clientProperties()));
    String model = publish(hdfs.uri("/skewed"), options);
    try (VersionLease lease = VersionLease.take(model + "/1", options)) {
      age(hdfs, model);
      lease.touch();
      assertEquals(List.of(), collect(model, 3, Duration.ZERO, options));
      readAll(lease.checkpoint(), options);
      age(hdfs, model);
      assertEquals(List.of(1L), collect(model, 3, Duration.ZERO, options), "a dead reader's");
    }
    assertEquals(
        List.of("2", "3", "4", "history"),
        Arrays.stream(hdfs.fileSystem().listStatus(new org.apache.hadoop.fs.Path(model)))
            .map(file -> file.getPath().getName())
            .sorted()
            .toList());
  }

  /** As if the readers had given no sign of life for eleven minutes. */
  private static void age(MiniHdfs hdfs, String model) throws IOException {
    for (var file : hdfs.fileSystem().listStatus(new org.apache.hadoop.fs.Path(model))) {
      if (file.getPath().getName().startsWith(".reader-")) {
        long then = file.getModificationTime() - VersionLease.TIMEOUT.plusMinutes(1).toMillis();
        hdfs.fileSystem().setTimes(file.getPath(), then, -1);
      }
    }
  }

  /** A path that is no published version is read as it was, and nothing is left behind. */
  @Test
  void checkpointsOfRunsNeedNoLease() throws Exception {
    FolderOptions options = FolderOptions.defaults();
    String unused = publish(temp.toString(), options);
    try (VersionLease lease = VersionLease.take(temp.resolve("run").toString(), options)) {
      assertTrue(lease.version().isEmpty());
      assertTrue(lease.checkpoint().endsWith("/run/ckpt-4"), lease.checkpoint());
    }
  }

  /** A killed reader's file keeps its version for ten minutes, not for ever. */
  @Test
  void deadReadersCountNoMore() throws Exception {
    FolderOptions options = FolderOptions.defaults();
    String model = publish(temp.toString(), options);
    Path left = temp.resolve("flights/.reader-1-0123456789abcdef");
    Files.writeString(left, "alice@elsewhere");
    assertEquals(List.of(), collect(model, 3, Duration.ZERO, options));
    assertTrue(Files.exists(left));
    Files.setLastModifiedTime(
        left, FileTime.from(Instant.now().minus(VersionLease.TIMEOUT).minusSeconds(60)));
    assertEquals(List.of(1L), collect(model, 3, Duration.ZERO, options));
    assertFalse(Files.exists(left));
  }

  /** Who may not write in the model's folder reads all the same, and cannot publish. */
  @Test
  void withoutPermission() throws Exception {
    MiniHdfs hdfs = MiniHdfs.shared();
    FolderOptions options = FolderOptions.defaults().withHadoopProperties(hdfs.clientProperties());
    String model = publish(hdfs.uri("/guarded"), options);
    hdfs.fileSystem()
        .setPermission(new org.apache.hadoop.fs.Path(model), new FsPermission((short) 0755));
    UserGroupInformation stranger =
        UserGroupInformation.createUserForTesting("stranger", new String[] {"strangers"});
    stranger.doAs(
        (PrivilegedExceptionAction<Void>)
            () -> {
              try (VersionLease lease = VersionLease.take(model, options);
                  ModelFolder folder = ModelFolder.open(model, options)) {
                readAll(lease.checkpoint(), options);
                IOException e = assertThrows(IOException.class, folder::begin);
                assertTrue(e.getMessage().contains("no permission"), e::getMessage);
                e = assertThrows(IOException.class, () -> folder.rollback(OptionalLong.of(1)));
                assertTrue(e.getMessage().contains("no permission"), e::getMessage);
              }
              return null;
            });
    try (ModelFolder folder = ModelFolder.open(model, options)) {
      assertEquals(List.of(1L, 2L, 3L, 4L), folder.numbers());
    }
  }
}
