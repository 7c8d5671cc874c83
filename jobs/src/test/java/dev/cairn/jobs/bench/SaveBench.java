package dev.cairn.jobs.bench;

import dev.cairn.checkpoint.CheckpointFolder;
import dev.cairn.checkpoint.FolderOptions;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * P1: a blocking save, from begin to commit with index, manifest and rename, against the same bytes
 * written raw by as many streams with the same buffers, sync and replication. On HDFS there are two
 * rows: the same sync is the one of every block; streams that only call {@code hsync} at their end
 * have synced no more than their last block, so the second row asks more of a save than the first.
 */
final class SaveBench {
  static final int WRITERS = 2;

  private SaveBench() {}

  public static void main(String[] arguments) throws Exception {
    BenchState state = new BenchState(BenchOptions.mib(), WRITERS, true);
    measure("local disk, fsync", state, RawStorage.Local.emptyFolder("p1"), true);
    try (HdfsServer.Running hdfs = HdfsServer.start()) {
      String where = "HDFS, replication " + BenchOptions.replication();
      measure(where + ", every block synced", state, hdfs.uri() + "/p1", true);
      measure(where + ", hsync at their end", state, hdfs.uri() + "/p1", false);
    }
    System.exit(0);
  }

  private static void measure(String where, BenchState state, String folder, boolean everyBlock)
      throws Exception {
    try (RawStorage raw = RawStorage.of(folder);
        CheckpointFolder checkpoints =
            CheckpointFolder.open(
                folder + "/saved", FolderOptions.defaults().withApplicationId("bench"))) {
      ByteBuffer[][] chunks = chunks(state, raw);
      long[] step = {0};
      List<Double> writers = new ArrayList<>();
      Pairs pairs =
          Pairs.run(
              BenchOptions.rounds(),
              () -> {
                long start = System.nanoTime();
                String path = state.save(checkpoints, ++step[0]);
                double rate = rate(state, start);
                writers.add((double) state.bytes() / state.writeNanos);
                raw.delete(path.replaceFirst("^file:/*", "/"));
                return rate;
              },
              () -> {
                long start = System.nanoTime();
                InParallel.run(
                    WRITERS,
                    writer -> raw.write(folder + "/raw-" + writer, chunks[writer], everyBlock));
                double rate = rate(state, start);
                for (int writer = 0; writer < WRITERS; writer++) {
                  raw.delete(folder + "/raw-" + writer);
                }
                return rate;
              });
      System.out.println(
          Row.ratioAtLeast(
                  0.95,
                  "P1",
                  "blocking save / raw streams, " + where,
                  pairs,
                  where + ": save " + pairs.ours().show("%.3f", "GB/s"),
                  where
                      + ": its writers alone, without begin and commit "
                      + new Samples(writers.stream().skip(1).mapToDouble(w -> w).toArray())
                          .show("%.3f", "GB/s"),
                  where + ": raw  " + pairs.theirs().show("%.3f", "GB/s"))
              .line());
      raw.delete(folder);
    }
  }

  /** The state's bytes, ready to be written. */
  static ByteBuffer[][] chunks(BenchState state, RawStorage raw) {
    ByteBuffer[][] chunks = new ByteBuffer[state.shards][];
    for (int shard = 0; shard < state.shards; shard++) {
      chunks[shard] = new ByteBuffer[state.blocksOf(shard)];
      int i = 0;
      for (int v = 0; v < state.variables.length; v++) {
        for (int b = state.firstBlock(shard); b < state.firstBlock(shard + 1); b++) {
          ByteBuffer chunk = raw.allocate(BenchState.BLOCK_BYTES);
          chunk.asFloatBuffer().put(state.block(v, b));
          chunks[shard][i++] = chunk;
        }
      }
    }
    return chunks;
  }

  static double rate(BenchState state, long start) {
    return (double) state.bytes() / (System.nanoTime() - start);
  }
}
