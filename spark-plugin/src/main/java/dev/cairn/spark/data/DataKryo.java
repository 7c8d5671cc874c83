package dev.cairn.spark.data;

import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.serializers.JavaSerializer;

/** The classes that packing puts into Spark's shuffles, caches and task results. */
public final class DataKryo {
  private DataKryo() {}

  /** Registers the classes. */
  public static void register(Kryo kryo) {
    kryo.register(RowChunk.class, new RowChunkSerializer());
    kryo.register(PackedPartition.class);
    kryo.register(PackedPartition[].class);
    // One a task: small records, whose fields Kryo cannot fill.
    kryo.register(DataSummary.class, new JavaSerializer());
    kryo.register(ScaleSums.class, new JavaSerializer());
  }
}
