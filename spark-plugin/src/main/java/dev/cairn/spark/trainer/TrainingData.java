package dev.cairn.spark.trainer;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import org.apache.spark.HashPartitioner;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.storage.StorageLevel;
import scala.Tuple2;

/**
 * The training samples, packed and cached in their logical partitions.
 *
 * <p>The cached RDD has exactly one {@link PackedPartition} a partition, in partition order. What
 * it holds is a pure function of the rows, the seed, the number of partitions and the batch size.
 *
 * @param packed one packed partition a partition; persisted until {@link #close}
 * @param samples number of samples in all
 * @param batchesPerEpoch steps of one epoch
 * @param fingerprint of the rows as a multiset: the same for any order, seed, partitioning or batch
 *     size
 * @param partitionFingerprints of each partition: what is recomputed after a loss must have the
 *     same
 */
public record TrainingData(
    JavaRDD<PackedPartition> packed,
    long samples,
    int batchesPerEpoch,
    String fingerprint,
    List<Long> partitionFingerprints)
    implements AutoCloseable {

  /**
   * How rows are packed.
   *
   * @param copies how many executors keep each packed partition, so that the loss of one does not
   *     read the input again
   */
  public record Packing(int features, int partitions, int batchRows, long seed, int copies)
      implements Serializable {
    public Packing {
      if (features < 1) {
        throw new IllegalArgumentException(
            "Cannot pack training data: expected at least one feature, found " + features);
      }
      if (partitions < 1 || batchRows < partitions) {
        throw new IllegalArgumentException(
            "Cannot pack training data: expected at least one row a batch from every logical"
                + " partition, found batches of "
                + batchRows
                + " rows over "
                + partitions
                + " partitions; raise train.batch-rows or lower train.partitions");
      }
    }
  }

  /**
   * Shuffles rows to their logical partitions, packs and caches them.
   *
   * @param routed chunks of rows keyed by logical partition, as {@link RowRouter} makes them
   * @throws IllegalArgumentException if there are no rows, or fewer than partitions
   */
  public static TrainingData pack(JavaPairRDD<Integer, RowChunk> routed, Packing packing) {
    // The rows wait in the shuffle: counting them first tells the size of an epoch, which every
    // partition needs for packing.
    JavaPairRDD<Integer, RowChunk> shuffled =
        routed.partitionBy(new HashPartitioner(packing.partitions()));
    Summary all = Summary.ZERO;
    for (Summary one : shuffled.mapPartitions(TrainingData::summarise).collect()) {
      all = all.plus(one);
    }
    if (all.samples == 0) {
      throw new IllegalArgumentException(
          "Cannot train: expected rows to train on, found none; check the input and the split");
    }
    if (all.samples < packing.partitions()) {
      throw new IllegalArgumentException(
          "Cannot train: expected at least one row for each of "
              + packing.partitions()
              + " logical partitions, found "
              + all.samples
              + " rows; lower train.partitions");
    }
    int batches = BatchOrder.batchesPerEpoch(all.samples, packing.batchRows());
    JavaRDD<PackedPartition> packed =
        shuffled
            .mapPartitionsWithIndex(
                (partition, chunks) -> packOne(partition, chunks, packing, batches), true)
            .setName("cairn packed batches")
            .persist(StorageLevel.apply(true, true, false, true, Math.max(1, packing.copies())));
    List<Long> fingerprints = packed.map(PackedPartition::fingerprint).collect();
    String fingerprint = String.format(Locale.ROOT, "%d-%016x", all.samples, all.hashSum);
    return new TrainingData(packed, all.samples, batches, fingerprint, fingerprints);
  }

  /** What one partition holds, before packing. */
  record Summary(long samples, long hashSum) implements Serializable {
    static final Summary ZERO = new Summary(0, 0);

    Summary plus(Summary other) {
      return new Summary(samples + other.samples, hashSum + other.hashSum);
    }
  }

  private static Iterator<Summary> summarise(Iterator<Tuple2<Integer, RowChunk>> chunks) {
    long samples = 0;
    long sum = 0;
    while (chunks.hasNext()) {
      RowChunk chunk = chunks.next()._2;
      samples += chunk.rows();
      sum += fingerprint(chunk);
    }
    return List.of(new Summary(samples, sum)).iterator();
  }

  /** Of the rows as a multiset: the sum over all rows. */
  static long fingerprint(RowChunk rows) {
    long sum = 0;
    for (long hash : rows.hashes()) {
      // Mixed once more, so that the sum is not the sum of what decides the partition.
      sum += RowHash.mix(hash + 1);
    }
    return sum;
  }

  private static Iterator<PackedPartition> packOne(
      int partition, Iterator<Tuple2<Integer, RowChunk>> chunks, Packing packing, int batches) {
    List<RowChunk> arrived = new ArrayList<>();
    while (chunks.hasNext()) {
      arrived.add(chunks.next()._2);
    }
    RowChunk rows = RowChunk.concat(arrived);
    arrived.clear();
    int[] order = RowOrder.of(rows, packing.seed());
    return List.of(PackedPartition.pack(partition, rows, order, packing.features(), batches))
        .iterator();
  }

  /** Drops the cached batches. */
  @Override
  public void close() {
    packed.unpersist(false);
  }
}
