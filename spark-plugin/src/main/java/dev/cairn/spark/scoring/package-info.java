/**
 * Scoring the rows of a data set with a model whose parameters lie in the executors.
 *
 * <p>{@code SharedMargins} computes margins in any JVM that it is sent to, with the parameters that
 * the executor reads from their owners ({@link dev.cairn.spark.reading}) and the kernel that
 * training uses ({@link dev.cairn.spark.model.RowScorer}); {@code RowScores} makes predictions of
 * them, and {@code JudgedRows} the figures of one or several models on rows with labels. {@code
 * Coefficients} and {@code ParameterMatrix} are a model's parameters as Spark's vectors and
 * matrices, while they fit into the driver.
 *
 * <p>Start at {@code Margins}. Objects of this room are sent to executors and serve many tasks at
 * once.
 */
@NullMarked
package dev.cairn.spark.scoring;

import org.jspecify.annotations.NullMarked;
