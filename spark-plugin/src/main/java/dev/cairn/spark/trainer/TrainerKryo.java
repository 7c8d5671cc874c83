package dev.cairn.spark.trainer;

import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.serializers.JavaSerializer;

/** What training puts into Spark's shuffles, caches and task results. */
public final class TrainerKryo {
  private TrainerKryo() {}

  /** Registers the classes. */
  public static void register(Kryo kryo) {
    kryo.register(RowChunk.class, new RowChunkSerializer());
    kryo.register(PackedPartition.class);
    kryo.register(PackedPartition[].class);
    // One a task: small records, whose fields Kryo cannot fill.
    kryo.register(DataSummary.class, new JavaSerializer());
    kryo.register(ScaleSums.class, new JavaSerializer());
    kryo.register(SegmentOutcome.class, new JavaSerializer());
    kryo.register(JudgeTask.Judged.class, new JavaSerializer());
    kryo.register(TestCounts.Part.class, new JavaSerializer());
  }
}
