package dev.cairn.spark.trainer;

import dev.cairn.spark.data.BatchOrder;
import dev.cairn.spark.data.PackedPartition;
import dev.cairn.spark.model.Model;
import dev.cairn.spark.transport.Refusal;
import dev.cairn.spark.transport.ShardAccess;
import dev.cairn.spark.transport.ShardDirectory;
import dev.cairn.spark.transport.TransportException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.slf4j.LoggerFactory;

/**
 * One task of a segment, which runs all of its steps. A task that Spark starts again or twice can
 * do no harm: a shard counts each partition once a step, and refuses a task that begins at a step
 * that is over.
 *
 * @param directory the owners of rows
 * @param segment its number, by which shards tell its messages from older ones
 * @param from the number of steps applied before
 * @param to the number of steps applied afterwards
 * @param model the model that is trained
 * @param seed the seed of the order of batches
 * @param epochStart the step at which epoch 0 of the data began
 * @param fingerprints the fingerprint that each partition must have
 * @param copies the partitions that too few executors have
 */
record SegmentTask(
    ShardDirectory directory,
    long segment,
    long from,
    long to,
    Model model,
    long seed,
    long epochStart,
    ArrayList<Long> fingerprints,
    DataCopies copies)
    implements FlatMapFunction<Iterator<PackedPartition>, SegmentOutcome>, Serializable {

  @Override
  public Iterator<SegmentOutcome> call(Iterator<PackedPartition> packed)
      throws InterruptedException {
    ShardAccess shards = ShardAccess.current();
    SegmentOutcome outcome = run(packed, shards);
    if (outcome.kind() != SegmentOutcome.Kind.DONE
        && outcome.kind() != SegmentOutcome.Kind.ABANDONED) {
      shards.abandonSegment(directory, segment, outcome.message());
    }
    return Collections.singletonList(outcome).iterator();
  }

  private SegmentOutcome run(Iterator<PackedPartition> packed, ShardAccess shards)
      throws InterruptedException {
    try {
      List<PackedPartition> partitions = new ArrayList<>();
      packed.forEachRemaining(partitions::add);
      partitions.sort(Comparator.comparingInt(PackedPartition::partition));
      for (PackedPartition partition : partitions) {
        long expected = fingerprints.get(partition.partition());
        if (partition.fingerprint() != expected) {
          return new SegmentOutcome(
              SegmentOutcome.Kind.DATA_CHANGED, changed("the training data", partition, expected));
        }
      }
      copies.make();
      if (!partitions.isEmpty()) {
        BatchOrder order = new BatchOrder(seed, partitions.get(0).batches());
        StepLoop loop =
            new StepLoop(
                directory,
                shards::exchange,
                segment,
                model,
                partitions,
                order,
                epochStart,
                shards.metrics());
        loop.run(from, to);
        return new SegmentOutcome(
            SegmentOutcome.Kind.DONE,
            "",
            loop.lossUnits(),
            loop.computeNanos(),
            loop.exchangeNanos());
      }
      return new SegmentOutcome(SegmentOutcome.Kind.DONE, "");
    } catch (DivergedException e) {
      return new SegmentOutcome(SegmentOutcome.Kind.DIVERGED, String.valueOf(e.getMessage()));
    } catch (InterruptedException e) {
      throw e;
    } catch (Exception e) {
      if (refusedBy(e, Refusal.DIVERGED)) {
        return new SegmentOutcome(SegmentOutcome.Kind.DIVERGED, String.valueOf(e.getMessage()));
      }
      boolean abandoned = refusedBy(e, Refusal.ABANDONED);
      if (!abandoned) {
        LoggerFactory.getLogger(SegmentTask.class)
            .warn("Cannot go on with steps {} to {}", from, to, e);
      }
      return new SegmentOutcome(
          abandoned ? SegmentOutcome.Kind.ABANDONED : SegmentOutcome.Kind.FAILED, e.toString());
    }
  }

  private static boolean refusedBy(Exception e, Refusal reason) {
    return e instanceof TransportException.Refused refused && refused.reason() == reason;
  }

  /** The message that rows that were computed again differ from what they were. */
  static String changed(String data, PackedPartition partition, long expected) {
    return String.format(
        Locale.ROOT,
        "Cannot go on training: partition %d of %s was computed again after a loss"
            + " and is not what it was, expected fingerprint %016x, found %016x; the input must not"
            + " change while training runs and must be read the same way each time: save it to"
            + " files first, and start again",
        partition.partition(),
        data,
        expected,
        partition.fingerprint());
  }
}
