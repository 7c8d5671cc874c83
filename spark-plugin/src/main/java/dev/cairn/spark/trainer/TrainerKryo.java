package dev.cairn.spark.trainer;

import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.serializers.JavaSerializer;

/** The classes that training puts into Spark's task results. */
public final class TrainerKryo {
  private TrainerKryo() {}

  /** Registers the classes. */
  public static void register(Kryo kryo) {
    // One a task: small records, whose fields Kryo cannot fill.
    kryo.register(SegmentOutcome.class, new JavaSerializer());
    kryo.register(JudgeTask.Judged.class, new JavaSerializer());
  }
}
