package dev.cairn.spark;

import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.serializers.JavaSerializer;
import dev.cairn.spark.data.DataKryo;
import dev.cairn.spark.scoring.ScoringKryo;
import dev.cairn.spark.shard.ParameterLayout;
import dev.cairn.spark.shard.ParameterVariable;
import dev.cairn.spark.shard.ShardAssignment;
import dev.cairn.spark.trainer.TrainerKryo;
import dev.cairn.spark.transport.ShardAddress;
import dev.cairn.spark.transport.ShardDirectory;
import java.util.List;
import org.apache.spark.serializer.KryoRegistrator;

/**
 * Cairn's classes for {@code spark.kryo.registrator}, so that {@code
 * spark.kryo.registrationRequired=true} holds.
 */
public final class CairnKryoRegistrator implements KryoRegistrator {

  /** Small descriptions, which are broadcast at most. Kryo cannot fill the fields of a record. */
  private static final List<Class<?>> DESCRIPTIONS =
      List.of(
          ParameterLayout.class,
          ParameterVariable.class,
          ShardAddress.class,
          ShardAssignment.class,
          ShardDirectory.class);

  @Override
  public void registerClasses(Kryo kryo) {
    for (Class<?> type : DESCRIPTIONS) {
      kryo.register(type, new JavaSerializer());
    }
    DataKryo.register(kryo);
    TrainerKryo.register(kryo);
    ScoringKryo.register(kryo);
    registerEvaluation(kryo);
    for (Class<?> type :
        List.of(int[].class, long[].class, float[].class, double[].class, byte[].class)) {
      kryo.register(type);
    }
  }

  /** Registers the classes that MLlib's evaluators shuffle and Spark does not register. */
  private static void registerEvaluation(Kryo kryo) {
    for (String name :
        List.of(
            "org.apache.spark.mllib.evaluation.binary.BinaryLabelCounter",
            "[Lorg.apache.spark.mllib.evaluation.binary.BinaryLabelCounter;")) {
      try {
        kryo.register(Class.forName(name, false, Thread.currentThread().getContextClassLoader()));
      } catch (ClassNotFoundException e) {
        // An application without MLlib has nothing to evaluate.
        return;
      }
    }
  }
}
