package dev.cairn.spark.data;

import dev.cairn.checkpoint.model.FeatureScales;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.HashPartitioner;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.function.Function2;
import org.apache.spark.storage.StorageLevel;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.Tuple2;

/**
 * The training samples, packed and cached in their logical partitions.
 *
 * <p>The cached RDD has exactly one {@link PackedPartition} a partition, in partition order. Its
 * contents are a pure function of the rows, the seed, the number of partitions, the batch size and
 * the scales; the scales, unless they are given, are a pure function of the rows alone. Rows'
 * weights are brought to a mean of 1, so that only their proportions count. Immutable.
 */
public final class TrainingData implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(TrainingData.class);

  /**
   * The most partitions whose results the driver adds; those of more are added in the executors
   * first.
   */
  private static final int FLAT = 16;

  private static final String PACKING = "packing the training data";

  private final JavaPairRDD<Integer, RowChunk> shuffled;
  private final Packing packing;
  private final DataSummary summary;
  private final PackRules rules;
  private final JavaRDD<PackedPartition> packed;
  private final List<Long> partitionFingerprints;

  private TrainingData(
      JavaPairRDD<Integer, RowChunk> shuffled,
      Packing packing,
      DataSummary summary,
      PackRules rules) {
    this.shuffled = shuffled;
    this.packing = packing;
    this.summary = summary;
    this.rules = rules;
    long seed = packing.seed();
    this.packed =
        shuffled
            .mapPartitionsWithIndex(
                (partition, chunks) -> packOne(partition, chunks, seed, rules), true)
            .setName("cairn packed batches")
            .persist(StorageLevel.apply(true, true, false, true, Math.max(1, packing.copies())));
    JobNames names = JobNames.of(packed.context(), PACKING);
    try {
      this.partitionFingerprints = packed.map(PackedPartition::fingerprint).collect();
    } finally {
      names.close();
    }
  }

  /**
   * The settings of packing.
   *
   * @param copies the number of executors that keep each packed partition, so that after a loss the
   *     input need not be read again
   * @param labels the kind of the labels
   * @param centre whether features may be centred, which takes an intercept
   * @param standardize whether numeric features (with values other than 0 and 1) are divided by
   *     their standard deviations and, if that is allowed and they are in most rows, centred
   */
  public record Packing(
      int features,
      int partitions,
      int batchRows,
      long seed,
      int copies,
      LabelKind labels,
      boolean centre,
      boolean standardize)
      implements Serializable {
    /** Refuses settings that leave a partition without rows. */
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

    private Packing of(LabelKind known) {
      return new Packing(features, partitions, batchRows, seed, copies, known, centre, standardize);
    }
  }

  /**
   * Shuffles rows to their logical partitions, packs and caches them.
   *
   * @param routed chunks of rows keyed by logical partition, as {@link RowRouter} makes them
   * @throws IllegalArgumentException if there are no rows, or fewer than partitions, or labels of
   *     several kinds, or more numeric features than can be scaled
   */
  public static TrainingData pack(JavaPairRDD<Integer, RowChunk> routed, Packing asked) {
    // The rows wait in the shuffle: their summary must be known before any of them is packed.
    JavaPairRDD<Integer, RowChunk> shuffled =
        routed.partitionBy(new HashPartitioner(asked.partitions()));
    boolean standardize = asked.standardize();
    DataSummary summary =
        added(
            shuffled.mapPartitions(
                chunks -> List.of(DataSummary.of(chunks, standardize)).iterator()),
            DataSummary::plus,
            asked);
    Packing packing = asked.of(asked.labels().known(summary.highest()));
    summary.check(packing.partitions(), packing.labels());
    if (summary.oneLabel()) {
      LOG.warn(
          "All {} labels to train on are {}: the model will say nothing else; check the label",
          summary.samples(),
          packing.labels().stored(summary.highest()));
    }
    return new TrainingData(shuffled, packing, summary, rules(shuffled, packing, summary));
  }

  private static PackRules rules(
      JavaPairRDD<Integer, RowChunk> shuffled, Packing packing, DataSummary summary) {
    FeatureScales scales = FeatureScales.NONE;
    double weightFactor = 1 / (double) summary.heaviest();
    NumericFeatures numeric = summary.numeric();
    if (summary.weighted() || numeric.ids().length > 0) {
      float heaviest = summary.heaviest();
      ScaleSums sums =
          added(
              shuffled.mapPartitions(chunks -> summed(chunks, numeric, heaviest)),
              ScaleSums::plus,
              packing);
      scales = sums.scales(packing.centre());
      weightFactor = sums.weightFactor(summary.samples());
    }
    return new PackRules(
        packing.labels(),
        packing.features(),
        BatchOrder.batchesPerEpoch(summary.samples(), packing.batchRows()),
        scales,
        weightFactor);
  }

  private static Iterator<ScaleSums> summed(
      Iterator<Tuple2<Integer, RowChunk>> chunks, NumericFeatures numeric, float heaviest) {
    ScaleSums sums = new ScaleSums(numeric, heaviest);
    chunks.forEachRemaining(chunk -> sums.add(chunk._2));
    return List.of(sums).iterator();
  }

  /**
   * Packs other rows as these are, to judge a model that these train. Their features are divided by
   * these rows' scales.
   *
   * @param routed as for {@link #pack}
   * @throws IllegalArgumentException if there are no rows, or labels of three kinds
   */
  public TrainingData heldOut(JavaPairRDD<Integer, RowChunk> routed) {
    JavaPairRDD<Integer, RowChunk> apart =
        routed.partitionBy(new HashPartitioner(packing.partitions()));
    DataSummary theirs =
        added(
            apart.mapPartitions(chunks -> List.of(DataSummary.of(chunks, false)).iterator()),
            DataSummary::plus,
            packing);
    theirs.checkHeldOut(packing.labels());
    PackRules unscaled = rules(apart, packing, theirs);
    return new TrainingData(apart, packing, theirs, unscaled.scaledBy(rules.scales()));
  }

  /** Adds up one value for each partition; the order must not matter. */
  private static <T> T added(JavaRDD<T> values, Function2<T, T, T> sum, Packing packing) {
    JobNames names = JobNames.of(values.context(), PACKING);
    try {
      return packing.partitions() <= FLAT ? values.reduce(sum) : values.treeReduce(sum);
    } finally {
      names.close();
    }
  }

  /**
   * The same rows with features divided by other scales: those of a model that is trained further.
   * The batches of this data are dropped.
   */
  public TrainingData rescaled(FeatureScales scales) {
    close();
    return new TrainingData(shuffled, packing, summary, rules.scaledBy(scales));
  }

  /** The packed partitions, one in each partition of the RDD; persisted until {@link #close}. */
  public JavaRDD<PackedPartition> packed() {
    return packed;
  }

  /** A description of the data, without the data. */
  public DataFacts facts() {
    return new DataFacts(samples(), batchesPerEpoch(), fingerprint(), scales());
  }

  /** The number of samples in all. */
  public long samples() {
    return summary.samples();
  }

  /** The kind of the labels. */
  public LabelKind labels() {
    return packing.labels();
  }

  /** The number of classes, if labels are those of classes: one more than the largest. */
  public int classes() {
    return packing.labels() == LabelKind.CLASS ? (int) summary.highest() + 1 : 2;
  }

  /**
   * Refuses labels that a model has no class for.
   *
   * @param classes the number of the model's classes, 0 for a model without
   * @throws IllegalArgumentException saying the largest label
   */
  public void requireClasses(int classes) {
    if (classes > 0 && summary.highest() >= classes) {
      throw new IllegalArgumentException(
          "Cannot train: expected labels of "
              + classes
              + " classes, 0 to "
              + (classes - 1)
              + ", found label "
              + (long) summary.highest()
              + "; filter such rows out, or train a model of more classes");
    }
  }

  /**
   * Refuses rows with offsets, for a model that does not add them to anything.
   *
   * @param model its name
   * @throws IllegalArgumentException with the number of such rows
   */
  public void refuseOffsets(String model) {
    if (summary.offsets() > 0) {
      throw new IllegalArgumentException(
          "Cannot train "
              + model
              + ": expected rows without offsets, since it does not add them to its margins, found "
              + summary.offsets()
              + " of "
              + summary.samples()
              + " with one; leave the column of offsets out, or train another model");
    }
  }

  /** The number of samples with label 1. */
  public long positives() {
    return summary.positives();
  }

  /** The number of steps of one epoch. */
  public int batchesPerEpoch() {
    return rules.batches();
  }

  /**
   * The fingerprint of the rows as a multiset: the same for any order, seed, partitioning, batch
   * size or scales.
   */
  public String fingerprint() {
    return summary.fingerprint();
  }

  /** The fingerprint of each partition: one that is recomputed after a loss must have the same. */
  public List<Long> partitionFingerprints() {
    return partitionFingerprints;
  }

  /** The scales of numeric features. */
  public FeatureScales scales() {
    return rules.scales();
  }

  /** The fingerprint of the rows as a multiset: a sum over all rows. */
  static long fingerprint(RowChunk rows) {
    long sum = 0;
    for (long hash : rows.hashes()) {
      // Mixed once more, so that the sum is not the sum of what decides the partition.
      sum += RowHash.mix(hash + 1);
    }
    return sum;
  }

  private static Iterator<PackedPartition> packOne(
      int partition, Iterator<Tuple2<Integer, RowChunk>> chunks, long seed, PackRules rules) {
    List<RowChunk> arrived = new ArrayList<>();
    while (chunks.hasNext()) {
      arrived.add(chunks.next()._2);
    }
    RowChunk rows = RowChunk.concat(arrived);
    arrived.clear();
    int[] order = RowOrder.of(rows, seed);
    return List.of(PackedPartition.pack(partition, rows, order, rules)).iterator();
  }

  /** Drops the cached batches. */
  @Override
  public void close() {
    packed.unpersist(false);
  }
}
