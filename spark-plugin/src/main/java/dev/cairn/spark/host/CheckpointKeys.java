package dev.cairn.spark.host;

import dev.cairn.checkpoint.model.DType;
import dev.cairn.checkpoint.model.Shape;
import dev.cairn.checkpoint.model.Slice;
import dev.cairn.checkpoint.model.VariableSpec;
import dev.cairn.spark.shard.ParameterVariable;
import java.util.Optional;

/** What variables and slots are called in a checkpoint: TensorFlow's keys. */
final class CheckpointKeys {
  private static final String VALUE = "/.ATTRIBUTES/VARIABLE_VALUE";

  /** The step, an int64 scalar, which lies with shard 0. */
  static final VariableSpec GLOBAL_STEP =
      new VariableSpec("global_step" + VALUE, DType.INT64, Shape.scalar());

  private CheckpointKeys() {}

  /** A variable, or one of its slots, as it is stored. */
  static VariableSpec spec(ParameterVariable variable, Optional<String> slot) {
    VariableSpec stored = variable.stored();
    return slot.isEmpty()
        ? stored
        : new VariableSpec(
            variable.name() + "/.OPTIMIZER_SLOT/optimizer/" + slot.get() + VALUE,
            stored.dtype(),
            stored.shape());
  }

  /** The part of a variable that some adjacent rows are. */
  static Slice slice(ParameterVariable variable, long firstRow, long rows) {
    int rank = variable.rank();
    return rank == 0 || rows == variable.rows()
        ? Slice.full(rank)
        : Slice.rows(firstRow, rows, rank);
  }
}
