package dev.cairn.spark.coordinator;

import dev.cairn.spark.transport.Contribution;
import dev.cairn.spark.transport.ShardAccess;
import dev.cairn.spark.transport.ShardDirectory;
import dev.cairn.spark.transport.ShardMessage.Exchange;
import dev.cairn.spark.transport.ShardReply.Values;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;

/** A tiny step loop: every logical partition wants some rows in each step and pushes numbers. */
final class StepTasks {
  private StepTasks() {}

  /**
   * Runs some steps of some partitions.
   *
   * @param rowsOfModel rows of width 1 that the model has; each partition wants every third of them
   *     or, when 0, none
   * @return nanoseconds of each step
   */
  static long[] run(
      ShardDirectory directory,
      long segment,
      long from,
      long to,
      int[] partitions,
      int rowsOfModel) {
    ShardAccess access = ShardAccess.current();
    int shards = directory.shards();
    long[] nanos = new long[(int) (to - from)];
    int[][] rows = new int[shards][];
    for (int s = 0; s < shards; s++) {
      int shard = s;
      rows[s] =
          IntStream.of(partitions)
              .flatMap(p -> IntStream.of(wanted(p, rowsOfModel)))
              .filter(row -> directory.assignment().shardOfRow(row) == shard)
              .toArray();
    }
    float[][] values =
        exchange(access, directory, segment, from, true, partitions, rowsOfModel, null);
    for (long step = from + 1; step <= to; step++) {
      long start = System.nanoTime();
      float[][] gradients = new float[shards][];
      for (int s = 0; s < shards; s++) {
        gradients[s] = new float[values[s].length];
        for (int i = 0; i < gradients[s].length; i++) {
          gradients[s][i] = values[s][i] * 0.5f + 1 + rows[s][i] % 7;
        }
      }
      values =
          exchange(access, directory, segment, step, false, partitions, rowsOfModel, gradients);
      nanos[(int) (step - from - 1)] = System.nanoTime() - start;
    }
    return nanos;
  }

  private static int[] wanted(int partition, int rowsOfModel) {
    List<Integer> rows = new ArrayList<>();
    for (int row = partition % 3; row < rowsOfModel; row += 3) {
      rows.add(row);
    }
    return rows.stream().mapToInt(Integer::intValue).toArray();
  }

  private static float[][] exchange(
      ShardAccess access,
      ShardDirectory directory,
      long segment,
      long step,
      boolean opening,
      int[] partitions,
      int rowsOfModel,
      float[][] gradients) {
    int shards = directory.shards();
    List<CompletableFuture<Values>> replies = new ArrayList<>();
    for (int s = 0; s < shards; s++) {
      List<Contribution> contributions = new ArrayList<>();
      int at = 0;
      for (int p : partitions) {
        int[] rows = wanted(p, rowsOfModel);
        int[] cut = directory.assignment().split(rows, 0, rows.length);
        int count = cut[s + 1] - cut[s];
        contributions.add(
            opening
                ? Contribution.opening(p, rows, cut[s], cut[s + 1])
                : new Contribution(
                    p, gradients[s], at, at + count, rows, cut[s], cut[s + 1], step + p, p + 1));
        at += count;
      }
      replies.add(
          access
              .exchange(
                  directory,
                  new Exchange(
                      directory.model(),
                      directory.generation(),
                      s,
                      segment,
                      step,
                      opening,
                      contributions))
              .thenApply(Values.class::cast));
    }
    float[][] values = new float[shards][];
    for (int s = 0; s < shards; s++) {
      values[s] = replies.get(s).join().values();
    }
    return values;
  }
}
