package dev.cairn.spark.ml;

import dev.cairn.spark.listener.TrainingListener;
import dev.cairn.spark.trainer.Trainer;
import java.util.Collections;
import java.util.SortedMap;
import org.apache.spark.sql.Dataset;
import org.jspecify.annotations.Nullable;

/**
 * Options of an estimator that are not parameters, since they are not to be written: the listener,
 * the test rows, and the like. Copies of an estimator share them.
 */
final class FitOptions {
  TrainingListener listener = new TrainingListener() {};
  SortedMap<String, String> provenance = Collections.emptySortedMap();
  @Nullable Penalties penalties;
  @Nullable Dataset<?> testData;
  Trainer.Stop stop = new Trainer.Stop();
  CairnEstimator.RowsCheck rowsCheck = (rows, fingerprint) -> {};

  /** Copies all options from others. */
  void set(FitOptions others) {
    listener = others.listener;
    provenance = others.provenance;
    penalties = others.penalties;
    testData = others.testData;
    stop = others.stop;
    rowsCheck = others.rowsCheck;
  }
}
