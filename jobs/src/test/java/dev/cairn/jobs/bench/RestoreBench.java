package dev.cairn.jobs.bench;

import dev.cairn.checkpoint.CheckpointFolder;
import dev.cairn.checkpoint.CheckpointReader;
import dev.cairn.checkpoint.FolderOptions;
import dev.cairn.checkpoint.RowRequest;
import dev.cairn.checkpoint.tensorflow.TensorFlowEnvironment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * P2: a restore into float arrays by two readers, everything checked, against raw reads of the same
 * files by two threads; and against TensorFlow reading the same files. All sides read from a warm
 * page cache.
 *
 * <p>There are two kinds of raw reads. One ends where a restore ends, in the same float arrays, and
 * takes the way every Java program must take: a buffer, then the array. The other leaves the bytes
 * in buffers as large as the state: one copy less than any restore into arrays can do.
 */
final class RestoreBench {
  private static final int READERS = 2;
  private static final FolderOptions OPTIONS = FolderOptions.defaults().withApplicationId("bench");

  private RestoreBench() {}

  public static void main(String[] arguments) throws Exception {
    BenchState state = new BenchState(BenchOptions.mib(), READERS, true);
    String folder = RawStorage.Local.emptyFolder("p2");
    String path = against("local disk", state, folder);
    againstTensorFlow(state, path);
    new RawStorage.Local().delete(folder);
    try (HdfsServer.Running hdfs = HdfsServer.start()) {
      against("HDFS", state, hdfs.uri() + "/p2");
    }
    System.exit(0);
  }

  private static String against(String where, BenchState state, String folder) throws Exception {
    try (RawStorage raw = RawStorage.of(folder);
        CheckpointFolder checkpoints = CheckpointFolder.open(folder + "/saved", OPTIONS)) {
      String path = state.save(checkpoints, 1);
      String plain = path.replaceFirst("^file:/*", "/");
      float[][][] arrays = new float[READERS][][];
      String[] files = new String[READERS];
      for (int reader = 0; reader < READERS; reader++) {
        arrays[reader] = arrays(state, reader);
        files[reader] = String.format("%s/variables.data-%05d-of-%05d", plain, reader, READERS);
      }
      against(where + ", into the same arrays", state, path, r -> raw.read(files[r], arrays[r]));
      ByteBuffer[][] chunks = SaveBench.chunks(state, raw);
      against(where + ", left in buffers", state, path, r -> raw.read(files[r], chunks[r]));
      return path;
    }
  }

  private static float[][] arrays(BenchState state, int shard) {
    List<float[]> arrays = new ArrayList<>();
    for (int v = 0; v < state.variables.length; v++) {
      for (int b = state.firstBlock(shard); b < state.firstBlock(shard + 1); b++) {
        arrays.add(state.block(v, b));
      }
    }
    return arrays.toArray(float[][]::new);
  }

  private static void against(String what, BenchState state, String path, InParallel.Work raw)
      throws Exception {
    Pairs pairs =
        Pairs.run(
            BenchOptions.rounds(),
            () -> restore(state, path),
            () -> {
              long start = System.nanoTime();
              InParallel.run(READERS, raw);
              return SaveBench.rate(state, start);
            });
    System.out.println(
        Row.ratioAtLeast(
                0.9,
                "P2",
                "restore / raw reads, " + what,
                pairs,
                what + ": restore " + pairs.ours().show("%.3f", "GB/s"),
                what + ": raw     " + pairs.theirs().show("%.3f", "GB/s"))
            .line());
  }

  private static double restore(BenchState state, String path) throws Exception {
    long start = System.nanoTime();
    InParallel.run(
        READERS,
        shard -> {
          try (CheckpointReader reader = CheckpointReader.open(path, OPTIONS)) {
            List<RowRequest> requests = new ArrayList<>();
            for (int v = 0; v < state.variables.length; v++) {
              for (int b = state.firstBlock(shard); b < state.firstBlock(shard + 1); b++) {
                requests.add(
                    new RowRequest(
                        state.variables[v].key(),
                        (long) b * BenchState.BLOCK_ROWS,
                        BenchState.BLOCK_ROWS,
                        state.block(v, b),
                        0));
              }
            }
            reader.readAll(requests, 1);
          }
        });
    return SaveBench.rate(state, start);
  }

  private static void againstTensorFlow(BenchState state, String path) throws Exception {
    TensorFlowEnvironment tensorFlow;
    try {
      tensorFlow = TensorFlowEnvironment.get();
    } catch (RuntimeException e) { // how a test would be skipped
      System.out.println(
          Row.note("P2", "restore / TensorFlow", "not measured", "" + e.getMessage()).line());
      return;
    }
    String prefix = path.replaceFirst("^file:/*", "/") + "/variables";
    Pairs pairs = new Pairs();
    for (int round = 0; round < 3; round++) {
      double our = restore(state, path);
      // Seconds within Python, after one reading that warms up; starting it is not counted.
      String printed = tensorFlow.run("bench_restore.py", prefix).trim();
      String seconds = printed.substring(printed.lastIndexOf(' ') + 1);
      pairs.add(our, state.bytes() / Double.parseDouble(seconds) / 1e9);
    }
    System.out.println(
        Row.ratioAtLeast(
                3,
                "P2",
                "restore / TensorFlow " + TensorFlowEnvironment.VERSION + ", local disk",
                pairs,
                "restore    " + pairs.ours().show("%.3f", "GB/s"),
                "TensorFlow " + pairs.theirs().show("%.3f", "GB/s"))
            .line());
  }
}
