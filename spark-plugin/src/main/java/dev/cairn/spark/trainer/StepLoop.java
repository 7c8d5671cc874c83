package dev.cairn.spark.trainer;

import dev.cairn.spark.data.Batch;
import dev.cairn.spark.data.BatchOrder;
import dev.cairn.spark.data.PackedPartition;
import dev.cairn.spark.metrics.ExecutorMetrics;
import dev.cairn.spark.model.LogisticLoss;
import dev.cairn.spark.transport.Contribution;
import dev.cairn.spark.transport.ShardDirectory;
import dev.cairn.spark.transport.ShardMessage;
import dev.cairn.spark.transport.ShardReply;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/**
 * The steps of one task of a segment: for each step, the gradients of the task's logical partitions
 * on their batches, one exchange with every shard, and the rows of the next batches come back.
 *
 * <p>The task holds the rows of its current batches and nothing else of the model. Single-threaded:
 * one task, one thread.
 */
final class StepLoop {
  /** How a shard is called; {@code ShardAccess::exchange} is one. */
  @FunctionalInterface
  interface Caller {
    CompletableFuture<ShardReply.Values> exchange(
        ShardDirectory directory, int shard, ShardMessage.Exchange exchange);
  }

  private final ShardDirectory directory;
  private final Caller caller;
  private final long run;
  private final List<PackedPartition> partitions;
  private final BatchOrder order;
  private final long epochStart;
  private final LogisticLoss loss = new LogisticLoss();
  private final ExecutorMetrics metrics;
  private final Place[] places;
  private long[] lossUnits = new long[0];
  private long computeNanos;
  private long exchangeNanos;

  /**
   * A loop over a task's partitions.
   *
   * @param run number of the run, by which shards tell its messages from older ones
   * @param partitions ascending
   * @param epochStart the step at which epoch 0 of this data began
   * @param metrics takes what is counted and measured
   */
  StepLoop(
      ShardDirectory directory,
      Caller caller,
      long run,
      List<PackedPartition> partitions,
      BatchOrder order,
      long epochStart,
      ExecutorMetrics metrics) {
    this.directory = directory;
    this.caller = caller;
    this.run = run;
    this.partitions = List.copyOf(partitions);
    this.order = order;
    this.epochStart = epochStart;
    this.metrics = metrics;
    this.places = new Place[partitions.size()];
    for (int p = 0; p < places.length; p++) {
      places[p] = new Place();
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
    locate(from);
    exchange(from, true, new double[places.length]);
    double[] losses = new double[places.length];
    for (long step = from; step < to; step++) {
      long begun = System.nanoTime();
      int epoch = (int) (order.epoch(step - epochStart) - firstEpoch);
      for (int p = 0; p < places.length; p++) {
        losses[p] = gradient(places[p], partitions.get(p), step);
        lossUnits[epoch] += TrainingLosses.units(losses[p]);
      }
      if (step + 1 < to) {
        locate(step + 1);
      } else {
        for (Place place : places) {
          place.next = null;
        }
      }
      long computed = System.nanoTime();
      exchange(step + 1, false, losses);
      measured(computed - begun, System.nanoTime() - computed);
    }
  }

  /** The losses of the batches of the last run by epoch, as {@link TrainingLosses} counts them. */
  long[] lossUnits() {
    return lossUnits;
  }

  private void measured(long computing, long exchanging) {
    computeNanos += computing;
    exchangeNanos += exchanging;
    metrics.stepped(computing, exchanging);
  }

  /** How long gradients were computed, so far. */
  long computeNanos() {
    return computeNanos;
  }

  /** How long exchanges took, so far: mostly waiting for the slowest task. */
  long exchangeNanos() {
    return exchangeNanos;
  }

  private double gradient(Place place, PackedPartition partition, long step)
      throws DivergedException {
    Batch batch = place.batch;
    if (batch == null) {
      throw new IllegalStateException("no batch was located for step " + step);
    }
    double sum = loss.gradient(batch, place.values, place.gradients);
    if (!Double.isFinite(sum)) {
      throw new DivergedException(
          "Cannot go on training: the loss of step "
              + step
              + ", partition "
              + partition.partition()
              + " is not a finite number ("
              + sum
              + "): the parameters have diverged; lower optimizer.learning-rate or raise"
              + " regularisation, and resume from a checkpoint before this step");
    }
    return sum;
  }

  /** Finds every partition's batch of a step, and which of its rows lie in which shard. */
  private void locate(long step) {
    int index = order.batch(step - epochStart);
    for (int p = 0; p < places.length; p++) {
      Batch batch = partitions.get(p).batch(index);
      places[p].next = batch;
      places[p].nextCuts =
          directory.assignment().split(batch.rows(), batch.rowsFrom(), batch.rowsTo());
    }
  }

  /** Sends what the current batches gave, and takes in the rows of the next ones. */
  private void exchange(long applied, boolean opening, double[] losses)
      throws IOException, InterruptedException {
    int shards = directory.shards();
    List<CompletableFuture<ShardReply.Values>> replies = new ArrayList<>(shards);
    long pushed = 0;
    long pulled = 0;
    for (int shard = 0; shard < shards; shard++) {
      List<Contribution> contributions = new ArrayList<>(places.length);
      for (int p = 0; p < places.length; p++) {
        Contribution brought =
            places[p].contribution(partitions.get(p).partition(), shard, losses[p]);
        contributions.add(brought);
        pushed += brought.gradientCount();
      }
      replies.add(
          caller.exchange(
              directory,
              shard,
              new ShardMessage.Exchange(
                  directory.model(),
                  directory.generation(),
                  shard,
                  run,
                  applied,
                  opening,
                  contributions)));
    }
    for (Place place : places) {
      place.advance();
    }
    for (int shard = 0; shard < shards; shard++) {
      float[] values = await(replies.get(shard)).values();
      pulled += values.length;
      int at = 0;
      for (Place place : places) {
        at = place.accept(shard, values, at);
      }
      if (at != values.length) {
        throw new IOException(
            "Cannot take in the rows of step "
                + applied
                + ": expected "
                + at
                + " values from shard "
                + shard
                + ", found "
                + values.length);
      }
    }
    for (Place place : places) {
      place.swap();
    }
    metrics.pushed(pushed * Float.BYTES);
    metrics.pulled(pulled * Float.BYTES);
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

  /** One partition's place in the loop: the batch at hand, and the batch to come. */
  private static final class Place {
    private static final float[] NO_VALUES = new float[0];
    private static final int[] NO_ROWS = new int[0];

    private @org.jspecify.annotations.Nullable Batch batch;
    private int[] cuts = NO_ROWS;
    private float[] values = NO_VALUES;
    private float[] gradients = NO_VALUES;

    private @org.jspecify.annotations.Nullable Batch next;
    private int[] nextCuts = NO_ROWS;
    private float[] nextValues = NO_VALUES;

    /**
     * What this partition brings to a shard. {@code cuts[s] .. cuts[s + 1]} are positions in the
     * batch's rows: those that shard s owns.
     */
    Contribution contribution(int partition, int shard, double lossSum) {
      Batch done = batch;
      Batch wanted = next;
      int from = done == null ? 0 : cuts[shard] - done.rowsFrom();
      int to = done == null ? 0 : cuts[shard + 1] - done.rowsFrom();
      return new Contribution(
          partition,
          gradients,
          from,
          to,
          wanted == null ? NO_ROWS : wanted.rows(),
          wanted == null ? 0 : nextCuts[shard],
          wanted == null ? 0 : nextCuts[shard + 1],
          lossSum,
          done == null ? 0 : done.samples());
    }

    void advance() {
      int rows = next == null ? 0 : next.distinctRows();
      if (nextValues.length < rows) {
        nextValues = new float[rows + rows / 8];
      }
    }

    int accept(int shard, float[] from, int at) {
      if (next == null) {
        return at;
      }
      int length = nextCuts[shard + 1] - nextCuts[shard];
      if (at + length <= from.length) {
        System.arraycopy(from, at, nextValues, nextCuts[shard] - next.rowsFrom(), length);
      }
      return at + length;
    }

    /** The batch to come is at hand now. Every reply is in, so the gradients are free. */
    void swap() {
      batch = next;
      cuts = nextCuts;
      float[] free = values;
      values = nextValues;
      nextValues = free;
      int rows = batch == null ? 0 : batch.distinctRows();
      if (gradients.length < rows) {
        gradients = new float[rows + rows / 8];
      }
    }
  }
}
