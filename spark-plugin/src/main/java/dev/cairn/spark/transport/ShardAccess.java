package dev.cairn.spark.transport;

import dev.cairn.spark.metrics.ExecutorMetrics;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A task's way to all shards, those of its own JVM included. There is one in every JVM that has an
 * executor; the plugin installs it before the first task starts. Thread-safe, never blocks.
 */
public final class ShardAccess {
  private static final AtomicReference<@Nullable ShardAccess> CURRENT = new AtomicReference<>();

  /**
   * The number of rows in one message when reading many: about 1 MiB of them fits the wire best.
   */
  private static final int GATHER_ROWS = 1 << 17;

  private final ShardCalls client;
  private final ExecutorMetrics metrics;

  /** Makes access by a client, without metrics. */
  public ShardAccess(ShardCalls client) {
    this(client, new ExecutorMetrics());
  }

  /** Makes access by a client; reads and exchanges are counted. */
  public ShardAccess(ShardCalls client, ExecutorMetrics metrics) {
    this.client = client;
    this.metrics = metrics;
  }

  /** The metrics of this JVM's tasks. */
  public ExecutorMetrics metrics() {
    return metrics;
  }

  /** Makes this the JVM's own. */
  public static void install(ShardAccess access) {
    CURRENT.set(access);
  }

  /** Removes an access, unless another one has taken its place. */
  public static void uninstall(@Nullable ShardAccess access) {
    CURRENT.compareAndSet(access, null);
  }

  /**
   * The access of this JVM.
   *
   * @throws IllegalStateException when the plugin is not loaded here
   */
  public static ShardAccess current() {
    ShardAccess access = CURRENT.get();
    if (access == null) {
      throw new IllegalStateException(
          "Cannot reach shards: the plugin is not loaded in this JVM, expected"
              + " spark.plugins=dev.cairn.spark.CairnPlugin and the jar on every executor");
    }
    return access;
  }

  /**
   * Makes a round trip of a step with one shard.
   *
   * @return completes with rows when the shard has applied the step, or with squares when it has
   *     all gradients
   */
  public CompletableFuture<ShardReply> exchange(
      ShardDirectory directory, ShardMessage.OfStep message) {
    return client.call(directory.owner(message.shard()), message);
  }

  /** Gives a segment up at all shards, so that no task waits for one that has failed. */
  public void abandonSegment(ShardDirectory directory, long segment, String why) {
    for (ShardAddress owner : new LinkedHashSet<>(directory.owners())) {
      var unused =
          client.call(
              owner,
              new ShardMessage.AbandonSegment(
                  directory.model(), directory.generation(), segment, why));
    }
  }

  /**
   * Reads rows from all shards, in pieces, several under way at once.
   *
   * @param rows global ids, ascending, in {@code [from, to)}
   * @return completes with the rows' numbers in order
   */
  public CompletableFuture<float[]> gather(ShardDirectory directory, int[] rows, int from, int to) {
    int[] cut = directory.assignment().split(rows, from, to);
    List<CompletableFuture<ShardReply.Values>> pieces = new ArrayList<>();
    for (int s = 0; s < directory.shards(); s++) {
      for (int at = cut[s]; at < cut[s + 1]; at += GATHER_ROWS) {
        int end = Math.min(cut[s + 1], at + GATHER_ROWS);
        pieces.add(
            client.call(
                directory.owner(s),
                new ShardMessage.Gather(
                    directory.model(), directory.generation(), s, rows, at, end),
                ShardReply.Values.class));
      }
    }
    return CompletableFuture.allOf(pieces.toArray(CompletableFuture[]::new))
        .thenApply(done -> joined(pieces));
  }

  private float[] joined(List<CompletableFuture<ShardReply.Values>> pieces) {
    int length = pieces.stream().mapToInt(p -> p.join().values().length).sum();
    float[] all = new float[length];
    int at = 0;
    for (CompletableFuture<ShardReply.Values> piece : pieces) {
      float[] values = piece.join().values();
      System.arraycopy(values, 0, all, at, values.length);
      at += values.length;
    }
    metrics.pulled((long) Float.BYTES * length);
    return all;
  }
}
