package dev.cairn.spark.ml;

import dev.cairn.spark.model.FactorizationMachine;
import org.apache.spark.ml.linalg.Matrix;
import org.apache.spark.ml.linalg.Vector;

/** The parameters of a trained factorization machine, under MLlib's names. */
public interface MachineModel extends ModelState.Owner {
  /**
   * The weights of features, for values as they stand in the data: standardization is undone. The
   * vector is sparse, unless a dense one takes less memory. The weights are read from the
   * checkpoint at each call.
   *
   * @throws IllegalStateException if the ones that are not 0 take more than an eighth of this JVM's
   *     memory
   * @throws TrainingFailedException if the checkpoint is gone, or another one has come into its
   *     place
   */
  default Vector linear() {
    return state().coefficients();
  }

  /**
   * The number that is added to a row's sum of all terms. It is read from the checkpoint at each
   * call.
   *
   * @throws TrainingFailedException as {@link #linear} does
   */
  default double intercept() {
    return state().intercept();
  }

  /**
   * A row of factors for each feature, for values as they stand in the data. The factors are read
   * from the checkpoint at each call.
   *
   * @throws IllegalStateException if they take more than an eighth of this JVM's memory
   * @throws TrainingFailedException as {@link #linear} does
   */
  default Matrix factors() {
    int rank = ((FactorizationMachine) state().model()).rank();
    return state().matrix(rank, table -> table.byFeature("factors"));
  }
}
