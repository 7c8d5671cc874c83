package dev.cairn.spark.ml;

import dev.cairn.spark.listener.TrainingListener;
import dev.cairn.spark.trainer.Trainer;
import java.util.Collections;
import java.util.SortedMap;
import org.apache.spark.sql.Dataset;
import org.jspecify.annotations.Nullable;

/**
 * What an estimator is told that is no parameter, since it is not to be written: who listens, on
 * what the result is tested, and the like. Copies of an estimator have the same.
 */
final class FitOptions {
  TrainingListener listener = new TrainingListener() {};
  SortedMap<String, String> provenance = Collections.emptySortedMap();
  @Nullable Penalties penalties;
  @Nullable Dataset<?> testData;
  Trainer.Stop stop = new Trainer.Stop();

  /** Makes these the same as others. */
  void set(FitOptions others) {
    listener = others.listener;
    provenance = others.provenance;
    penalties = others.penalties;
    testData = others.testData;
    stop = others.stop;
  }
}
