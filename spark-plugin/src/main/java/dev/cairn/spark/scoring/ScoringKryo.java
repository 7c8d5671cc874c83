package dev.cairn.spark.scoring;

import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.serializers.JavaSerializer;

/** The classes that judging puts into Spark's task results and shuffles. */
public final class ScoringKryo {
  private ScoringKryo() {}

  /** Registers the classes. */
  public static void register(Kryo kryo) {
    kryo.register(JudgedRows.Counts.class, new JavaSerializer());
  }
}
