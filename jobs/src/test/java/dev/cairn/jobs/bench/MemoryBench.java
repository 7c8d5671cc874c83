package dev.cairn.jobs.bench;

import dev.cairn.checkpoint.CheckpointFolder;
import dev.cairn.checkpoint.FolderOptions;
import java.util.List;

/**
 * P10: extra memory of an executor while it restores and saves its shard. The executor's own code
 * ({@code ShardHost}) runs in a JVM whose heap holds the state and a little more, found by trying;
 * what it takes outside of the heap is the growth of the process.
 */
final class MemoryBench {
  /** MiB of heap beside the state that are tried, one after the other. */
  static final int[] MARGINS = {40, 48, 56, 64, 80, 96, 128, 256};

  private MemoryBench() {}

  /** Writes the checkpoint that is restored; it needs a heap for the whole state. */
  static final class Seed {
    private Seed() {}

    public static void main(String[] arguments) throws Exception {
      BenchState state = new BenchState(BenchOptions.memoryMib(), 1, true);
      try (CheckpointFolder checkpoints =
          CheckpointFolder.open(
              arguments[0], FolderOptions.defaults().withApplicationId("bench"))) {
        System.out.println("@path " + state.save(checkpoints, 1));
      }
      System.exit(0);
    }
  }

  public static void main(String[] arguments) throws Exception {
    measure("local disk", RawStorage.Local.emptyFolder("p10"));
    try (HdfsServer.Running hdfs = HdfsServer.start()) {
      measure("HDFS", hdfs.uri() + "/p10");
    }
    System.exit(0);
  }

  private static void measure(String where, String folder) throws Exception {
    int state = BenchOptions.memoryMib();
    String checkpoint;
    try (ChildJvm seed =
        ChildJvm.start(
            Seed.class,
            List.of("-XX:+UseSerialGC", "-Xmn64m", "-Xmx" + (state + 256) + "m"),
            folder)) {
      String line = seed.await("@path ");
      if (line == null) {
        throw new IllegalStateException("Cannot write the checkpoint: see " + seed.log());
      }
      checkpoint = line.substring("@path ".length());
    }
    for (int margin : MARGINS) {
      try (ChildJvm child =
          ChildJvm.start(
              MemoryChild.class, options(state + margin), folder + "/try-" + margin, checkpoint)) {
        String line = child.await("@memory ");
        if (line != null) {
          report(where, margin, line.split(" "));
          break;
        }
      }
    }
    try (RawStorage raw = RawStorage.of(folder)) {
      raw.delete(folder);
    }
  }

  /** Options of a JVM whose heap is exactly as large as it says. */
  static List<String> options(int heapMib) {
    // The serial collector: the heap is what is live, without regions that large arrays waste.
    return List.of(
        "-XX:+UseSerialGC",
        "-XX:+AlwaysPreTouch",
        "-XX:+ExitOnOutOfMemoryError",
        "-Xms" + heapMib + "m",
        "-Xmx" + heapMib + "m",
        "-Xmn8m");
  }

  /**
   * Words: mark, KiB that the process grew while it restored and while it saved, and KiB of objects
   * that the JVM holds besides the state at the end.
   */
  private static void report(String where, int margin, String[] words) {
    double own = Long.parseLong(words[3]) / 1024.0;
    String[] verbs = {"restoring", "saving"};
    for (int i = 0; i < verbs.length; i++) {
      double outside = Long.parseLong(words[i + 1]) / 1024.0;
      System.out.println(
          Row.atMost(
                  64,
                  margin - own + outside,
                  "MiB",
                  "P10",
                  "extra memory, " + verbs[i] + " " + BenchOptions.memoryMib() + " MiB, " + where,
                  where
                      + ", "
                      + verbs[i]
                      + ": smallest heap that works is the state + "
                      + margin
                      + " MiB (serial collector), of which "
                      + StrictMath.round(own * 10) / 10.0
                      + " MiB are the JVM's own and stay; outside of the heap the process grew by "
                      + StrictMath.round(outside * 10) / 10.0
                      + " MiB")
              .line());
    }
  }
}
