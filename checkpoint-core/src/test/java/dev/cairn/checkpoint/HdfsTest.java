package dev.cairn.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.checkpoint.FaultyStore.Fault;
import dev.cairn.checkpoint.model.CheckpointException;
import dev.cairn.checkpoint.model.CheckpointException.Conflict;
import dev.cairn.checkpoint.model.CheckpointException.Corrupt;
import dev.cairn.checkpoint.model.CheckpointException.Failed;
import dev.cairn.checkpoint.model.CheckpointException.NotFound;
import dev.cairn.checkpoint.store.CheckpointStore;
import dev.cairn.checkpoint.store.CheckpointStores;
import dev.cairn.checkpoint.store.MiniHdfs;
import dev.cairn.checkpoint.store.StoreOutput;
import dev.cairn.checkpoint.train.ArrayVariable;
import dev.cairn.checkpoint.train.Checkpoint;
import dev.cairn.checkpoint.train.CheckpointManager;
import dev.cairn.checkpoint.train.Checkpoints;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.PrivilegedExceptionAction;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.hdfs.DFSTestUtil;
import org.apache.hadoop.hdfs.MiniDFSCluster.DataNodeProperties;
import org.apache.hadoop.hdfs.protocol.ExtendedBlock;
import org.apache.hadoop.hdfs.server.datanode.DataNode;
import org.apache.hadoop.security.UserGroupInformation;
import org.apache.hadoop.test.MetricsAsserts;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;

/** The same promises on a real HDFS, and its bad days (S1, S4, S13, S69). */
class HdfsTest {

  private MiniHdfs hdfs;
  private FolderOptions options;
  private String directory;
  private CheckpointStore store;

  @BeforeEach
  void start(TestInfo test) throws Exception {
    hdfs = MiniHdfs.shared();
    options = TestCheckpoints.OPTIONS.withHadoopProperties(hdfs.clientProperties());
    directory = hdfs.uri("/" + test.getTestMethod().orElseThrow().getName() + "/run");
    store = CheckpointStores.open(directory, options.hadoopProperties());
  }

  private CommittedCheckpoint save(long step, int keep) throws IOException {
    try (CheckpointFolder folder = CheckpointFolder.open(directory, options.withKeep(keep))) {
      CommittedCheckpoint saved = TestCheckpoints.save(folder, store, step, 2);
      assertEquals(List.of(), folder.drainWarnings());
      return saved;
    }
  }

  private void only(CommittedCheckpoint... expected) throws IOException {
    try (CheckpointFolder folder = CheckpointFolder.open(directory, options)) {
      assertEquals(List.of(expected), folder.checkpoints());
      for (CommittedCheckpoint checkpoint : expected) {
        CheckpointVerifier.check(store, checkpoint.path());
      }
    }
  }

  @Test
  void savesAndKeepsTwo() throws Exception {
    save(1, 2);
    CommittedCheckpoint second = save(2, 2);
    CommittedCheckpoint third = save(3, 2);
    only(second, third);
    assertTrue(third.tensorflowPrefix().startsWith("hdfs://"));
  }

  /** A manager of tf.train's kind: what it keeps, finds again, and falls back to. */
  @Test
  void aManagersFolder() throws Exception {
    ArrayVariable value = ArrayVariable.of(new float[2], 2);
    Checkpoint checkpoint = new Checkpoint(Map.of("v", value));
    CheckpointManager manager =
        CheckpointManager.builder(checkpoint, directory)
            .folderOptions(options)
            .maxToKeep(2)
            .build();
    for (int n = 1; n <= 3; n++) {
      value.floats()[0] = n;
      assertEquals(directory + "/ckpt-" + n, manager.save());
    }
    assertEquals(List.of(directory + "/ckpt-2", directory + "/ckpt-3"), manager.checkpoints());
    assertEquals(directory + "/ckpt-3", Checkpoints.latestCheckpoint(directory, options));
    assertTrue(hdfs.fileSystem().delete(new Path(directory + "/ckpt-3.index"), false));
    CheckpointManager later =
        CheckpointManager.builder(checkpoint, directory)
            .folderOptions(options)
            .maxToKeep(2)
            .build();
    assertEquals(directory + "/ckpt-2", later.restoreOrInitialize());
    assertEquals(2, value.floats()[0]);
    assertEquals(1, later.drainWarnings().size());
    assertEquals(directory + "/ckpt-3", later.save());
    assertEquals(List.of(), manager.drainWarnings());
  }

  /** FileContext itself asks the namenode alone, whatever the user's hdfs-site.xml says. */
  @Test
  void theClientsReplicationAndBlockSizeCount() throws Exception {
    SortedMap<String, String> wishes = new TreeMap<>(hdfs.clientProperties());
    wishes.put("dfs.replication", "1");
    wishes.put("dfs.blocksize", "4m");
    options = options.withHadoopProperties(wishes);
    store = CheckpointStores.open(directory, wishes);
    CommittedCheckpoint saved = save(1, 1);
    for (FileStatus file : hdfs.fileSystem().listStatus(new Path(saved.path()))) {
      if (file.getPath().getName().contains(".data-")) {
        assertEquals(1, file.getReplication(), file.toString());
        assertEquals(4 << 20, file.getBlockSize(), file.toString());
      }
    }
  }

  /** S4, S14: every call of a save loses its answer. Crashes are tried on local disk. */
  @Tag("long")
  @Test
  void crashPoints() throws Exception {
    for (Fault fault : List.of(Fault.FAIL_AFTER)) {
      long step = 1;
      String home = directory;
      directory = home + fault.name().toLowerCase(Locale.ROOT);
      CommittedCheckpoint last = save(step, 1);
      for (long call = 1; ; call++) {
        FaultyStore faulty = new FaultyStore(store);
        faulty.arm(fault, call);
        CheckpointFolder folder = CheckpointFolder.open(faulty, directory, options.withKeep(1));
        step++;
        try {
          last = TestCheckpoints.save(folder, faulty, step, 2);
        } catch (IOException e) {
          // Old or new: what is listed below must be whole.
        }
        if (faulty.calls() < call) {
          break;
        }
        try (CheckpointFolder after = CheckpointFolder.open(directory, options)) {
          CommittedCheckpoint latest = after.latest().orElseThrow();
          assertTrue(latest.equals(last) || latest.step() == step, faulty.hit());
          CheckpointVerifier.check(store, latest.path());
        }
        step++;
        last = save(step, 1);
      }
      directory = home;
    }
  }

  /** S13: a writer that was paused over the commit changes nothing, and cannot come back. */
  @Test
  void lateWritersAreRefused() throws Exception {
    try (CheckpointFolder folder = CheckpointFolder.open(directory, options)) {
      PendingCheckpoint pending = folder.begin(1, 1);
      ShardWriter first = ShardWriter.create(pending.target(0), options);
      assertThrows(Conflict.class, () -> ShardWriter.create(pending.target(0), options));
      TestCheckpoints.write(first, 1, 0, 1);
      pending.report(first.finish());
      pending.commit(null, "", new java.util.TreeMap<>());
      assertThrows(NotFound.class, () -> ShardWriter.create(pending.target(0), options));
    }
  }

  @Test
  void quotaExceeded() throws Exception {
    CommittedCheckpoint good = save(1, 0);
    hdfs.fileSystem().setQuota(new Path(directory), Long.MAX_VALUE - 1, 1000);
    refused("quota", Failed.class);
    only(good);
    hdfs.fileSystem().setQuota(new Path(directory), Long.MAX_VALUE - 1, 1L << 40);
    only(good, save(3, 0));
  }

  @Test
  void safeMode() throws Exception {
    CommittedCheckpoint good = save(1, 0);
    hdfs.fileSystem().setSafeMode(org.apache.hadoop.fs.SafeModeAction.ENTER);
    try {
      refused("safe mode", Failed.class);
      only(good);
    } finally {
      hdfs.fileSystem().setSafeMode(org.apache.hadoop.fs.SafeModeAction.LEAVE);
    }
    only(good, save(3, 0));
  }

  @Test
  void noPermission() throws Exception {
    CommittedCheckpoint good = save(1, 0);
    hdfs.fileSystem().setPermission(new Path(directory), new FsPermission((short) 0755));
    UserGroupInformation stranger =
        UserGroupInformation.createUserForTesting("stranger", new String[] {"strangers"});
    stranger.doAs(
        (PrivilegedExceptionAction<Void>)
            () -> {
              refused("no permission", Failed.class);
              only(good);
              return null;
            });
  }

  private void refused(String word, Class<? extends CheckpointException> type) {
    IOException e = assertThrows(IOException.class, () -> save(2, 0));
    assertInstanceOf(type, e);
    String message = String.valueOf(e.getMessage());
    assertTrue(message.contains(word) && message.contains(directory), message);
    assertTrue(message.indexOf('\n') < 0, message);
  }

  /** S69: one of three datanodes dies while a shard is written; the save goes on. */
  @Test
  @Tag("long")
  void aDatanodeIsLostWhileWriting() throws Exception {
    MiniHdfs own = MiniHdfs.start(3);
    try {
      directory = own.uri("/run");
      store = CheckpointStores.open(directory, options.hadoopProperties());
      CommittedCheckpoint good = save(1, 0);
      try (CheckpointFolder folder = CheckpointFolder.open(directory, options)) {
        PendingCheckpoint pending = folder.begin(2, 1);
        try (ShardWriter writer = ShardWriter.create(pending.target(0), options)) {
          TestCheckpoints.write(writer, 2, 0, 1);
          float[] large = new float[3 << 18];
          writer.write(
              TestCheckpoints.variable(
                  "large",
                  dev.cairn.checkpoint.model.DType.FLOAT,
                  dev.cairn.checkpoint.model.Shape.of(large.length)),
              dev.cairn.checkpoint.model.Slice.full(1),
              large,
              0,
              large.length);
          DataNodeProperties lost = own.cluster().stopDataNode(0);
          assertTrue(lost != null);
          pending.report(writer.finish());
        }
        CommittedCheckpoint saved = pending.commit(null, "", new java.util.TreeMap<>());
        only(good, saved);
      }
    } finally {
      own.stop();
    }
  }

  /** Bad replicas are passed over while a good one is left; then the damage is named. */
  @Tag("long")
  @Test
  void badReplicasAreFound() throws Exception {
    CommittedCheckpoint saved = save(1, 0);
    String data = saved.path() + "/variables.data-00000-of-00002";
    ExtendedBlock block = DFSTestUtil.getFirstBlock(hdfs.fileSystem(), new Path(data));
    for (int bad = 1; bad <= 2; bad++) {
      hdfs.cluster().corruptReplica(bad, block);
      try (CheckpointReader reader = CheckpointReader.open(saved.path(), options)) {
        restores(reader);
      }
    }
    hdfs.cluster().corruptReplica(0, block);
    try (CheckpointReader reader = CheckpointReader.open(saved.path(), options)) {
      Corrupt e = assertThrows(Corrupt.class, () -> restores(reader));
      assertTrue(String.valueOf(e.getMessage()).contains(data), e.getMessage());
    }
  }

  /** All that a commit relies on is on the disks: each block, and the end of the file. */
  @Tag("long")
  @Test
  void everyBlockIsSynced() throws Exception {
    MiniHdfs own = MiniHdfs.start(1, 4096);
    try {
      String file = own.uri("/file");
      try (StoreOutput out = CheckpointStores.open(file, options.hadoopProperties()).create(file)) {
        out.write(ByteBuffer.wrap(new byte[2 * 4096 + 100]));
        out.finish();
      }
      DataNode node = own.cluster().getDataNodes().get(0);
      assertEquals(
          3,
          MetricsAsserts.getLongCounter(
              "FsyncCount", MetricsAsserts.getMetrics(node.getMetrics().name())));
    } finally {
      own.stop();
    }
  }

  private static void restores(CheckpointReader reader) throws IOException {
    float[] expected = TestCheckpoints.values(TestCheckpoints.WEIGHTS, 1);
    float[] found = new float[expected.length];
    reader.readRows(TestCheckpoints.WEIGHTS.key(), 0, 37, found, 0);
    assertArrayEquals(expected, found);
  }
}
