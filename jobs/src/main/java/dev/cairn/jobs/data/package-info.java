/**
 * From files to rows that the trainer takes: Spark SQL reads and derives, MLlib's {@code
 * FeatureHasher} makes sparse vectors, and every row is checked before the first step.
 *
 * <p>What comes out has two columns, {@code features} (a vector) and {@code label} (0.0 or 1.0).
 * Nothing here depends on the order of rows, on how files are split, on the number of executors or
 * on a machine's time zone: the trainer places each row by its content. Nothing here is of the
 * model's size on the driver either.
 *
 * <p>{@link dev.cairn.jobs.data.TrainingData#prepare} is the door. Bad input ends there with one
 * message.
 */
@NullMarked
package dev.cairn.jobs.data;

import org.jspecify.annotations.NullMarked;
