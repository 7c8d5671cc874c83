/**
 * A trained model as a program of Keras 3: a short Python file that builds it, and the checkpoint's
 * own files beside it, from which TensorFlow restores variables and optimizer with {@code
 * assert_consumed()}. No Spark, and no Python: this room writes text.
 *
 * <p>Start with {@link dev.cairn.spark.keras.KerasExport}.
 */
@NullMarked
package dev.cairn.spark.keras;

import org.jspecify.annotations.NullMarked;
