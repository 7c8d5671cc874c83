package dev.cairn.spark.trainer;

import dev.cairn.spark.data.BatchOrder;
import dev.cairn.spark.data.PackedPartition;
import dev.cairn.spark.metrics.ExecutorMetrics;
import dev.cairn.spark.model.Kernel;
import dev.cairn.spark.model.Model;
import dev.cairn.spark.transport.ShardDirectory;
import dev.cairn.spark.transport.ShardMessage;
import dev.cairn.spark.transport.ShardReply;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/**
 * Runs the steps of one task of a segment on its packed partitions: sends the messages of {@link
 * TaskSteps}, waits for the answers, and measures. Single-threaded: one task, one thread.
 */
final class StepLoop {
  /** Calls a shard; {@code ShardAccess::exchange} is one. */
  @FunctionalInterface
  interface Caller {
    CompletableFuture<ShardReply> exchange(ShardDirectory directory, ShardMessage.OfStep message);
  }

  private final ShardDirectory directory;
  private final Caller caller;
  private final long segment;
  private final Model model;
  private final List<PackedWork> works;
  private final BatchOrder order;
  private final long epochStart;
  private final ExecutorMetrics metrics;
  private long[] lossUnits = new long[0];
  private long computeNanos;
  private long exchangeNanos;

  /**
   * Makes a loop over a task's partitions.
   *
   * @param segment its number, by which shards tell its messages from older ones
   * @param partitions the partitions, ascending
   * @param epochStart the step at which epoch 0 of this data began
   * @param metrics receives all counts and times
   */
  StepLoop(
      ShardDirectory directory,
      Caller caller,
      long segment,
      Model model,
      List<PackedPartition> partitions,
      BatchOrder order,
      long epochStart,
      ExecutorMetrics metrics) {
    this.directory = directory;
    this.caller = caller;
    this.segment = segment;
    this.model = model;
    this.order = order;
    this.epochStart = epochStart;
    this.metrics = metrics;
    Kernel kernel = model.kernel();
    this.works = new ArrayList<>(partitions.size());
    for (PackedPartition partition : partitions) {
      works.add(new PackedWork(partition, kernel, order, epochStart));
    }
  }

  /**
   * Runs steps: {@code from} steps have been applied before, {@code to} afterwards.
   *
   * @throws DivergedException when the loss of a batch is not finite
   * @throws IOException when a shard refuses or is gone
   */
  void run(long from, long to) throws IOException, InterruptedException {
    long firstEpoch = order.epoch(from - epochStart);
    lossUnits = new long[(int) (order.epoch(to - 1 - epochStart) - firstEpoch) + 1];
    TaskSteps steps = new TaskSteps(directory, model.layout(), segment, works, from, to);
    exchange(steps, steps.begin());
    while (steps.step() < to) {
      long begun = System.nanoTime();
      int epoch = (int) (order.epoch(steps.step() - epochStart) - firstEpoch);
      List<ShardMessage.Exchange> messages = steps.next();
      for (double loss : steps.losses()) {
        lossUnits[epoch] += TrainingLosses.units(loss);
      }
      long computed = System.nanoTime();
      exchange(steps, messages);
      measured(computed - begun, System.nanoTime() - computed);
    }
  }

  /**
   * The losses of the batches of the last segment by epoch, as {@link TrainingLosses} counts them.
   */
  long[] lossUnits() {
    return lossUnits;
  }

  private void measured(long computing, long exchanging) {
    computeNanos += computing;
    exchangeNanos += exchanging;
    metrics.stepped(computing, exchanging);
  }

  /** The time for which gradients were computed, so far. */
  long computeNanos() {
    return computeNanos;
  }

  /** The time that exchanges took, so far: mostly waiting for the slowest task. */
  long exchangeNanos() {
    return exchangeNanos;
  }

  private void exchange(TaskSteps steps, List<? extends ShardMessage.OfStep> messages)
      throws IOException, InterruptedException {
    List<? extends ShardMessage.OfStep> round = messages;
    while (!round.isEmpty()) {
      List<CompletableFuture<ShardReply>> replies = new ArrayList<>(round.size());
      for (ShardMessage.OfStep message : round) {
        replies.add(caller.exchange(directory, message));
      }
      for (int shard = 0; shard < replies.size(); shard++) {
        steps.received(shard, await(replies.get(shard)));
      }
      round = steps.norms();
    }
    metrics.pushed(steps.takePushed() * Float.BYTES);
    metrics.pulled(steps.takePulled() * Float.BYTES);
  }

  private static <T> T await(CompletableFuture<T> reply) throws IOException, InterruptedException {
    try {
      return reply.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException io) {
        throw io;
      }
      throw new IOException("Cannot exchange a step with a shard: " + e.getCause(), e.getCause());
    }
  }
}
