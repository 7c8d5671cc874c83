package dev.cairn.spark.ml;

import org.apache.spark.ml.util.Identifiable$;
import org.jspecify.annotations.Nullable;

/**
 * The uid of a stage whose constructor runs. Spark's own base classes ask for it, to name their
 * parameters by it, before a constructor in Java can have put it into a field: so it is announced
 * here first, and the stage's {@code uid()} takes it when it is first called.
 */
record EarlyUid(String text) {
  private static final ThreadLocal<@Nullable String> ANNOUNCED = new ThreadLocal<>();

  /** Announces a uid; to be called in the arguments of the constructor that calls Spark's. */
  static EarlyUid announce(String uid) {
    ANNOUNCED.set(uid);
    return new EarlyUid(uid);
  }

  /** Announces a new uid. */
  static EarlyUid random(String prefix) {
    return announce(Identifiable$.MODULE$.randomUID(prefix));
  }

  /** The uid that a stage has, or the one that was announced last in this thread. */
  static String or(@Nullable String present) {
    if (present != null) {
      return present;
    }
    String uid = ANNOUNCED.get();
    if (uid == null) {
      throw new IllegalStateException("a stage announces its uid before it calls Spark");
    }
    ANNOUNCED.remove();
    return uid;
  }
}
