package dev.cairn.spark.shard;

import java.util.Optional;

/**
 * Some rows of a variable, or of one of its slots, as they were when a shard was frozen.
 *
 * @param variable the variable that the rows, or the slot, belong to
 * @param slot name of the slot, empty for the variable itself
 * @param firstRow first row within the variable
 * @param rows number of rows; 0 only when the variable has none
 * @param values {@code rows * variable.width()} numbers. They may be read, not changed, and only
 *     until the sink that they were given to returns: the next block may come in the same array.
 */
public record FrozenBlock(
    ParameterVariable variable, Optional<String> slot, long firstRow, int rows, float[] values) {}
