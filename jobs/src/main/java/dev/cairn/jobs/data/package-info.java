/**
 * The way from files to rows that the trainer takes: Spark SQL reads and derives, MLlib's {@code
 * FeatureHasher} makes sparse vectors, and every row is checked before the first step.
 *
 * <p>The result has two columns, {@code features} (a vector) and {@code label} (0.0 or 1.0).
 * Nothing here depends on the order of rows, on how files are split, on the number of executors or
 * on a machine's time zone: the trainer places each row by its content. Nothing here is of the
 * model's size on the driver either.
 *
 * <p>The way of a row: {@link dev.cairn.jobs.data.InputReader} opens the files ({@link
 * dev.cairn.jobs.data.CsvInput} by their headers, {@link dev.cairn.jobs.data.LibsvmInput}, Parquet
 * by Spark), and rows that do not fit their format keep their line in a column of their own; {@link
 * dev.cairn.jobs.data.RowChecks} reads all of them once, with every expression that training will
 * compute, counts them ({@link dev.cairn.jobs.data.Intake}), and refuses values that no model can
 * learn from; then they are hashed. Columns whose names begin with {@code cairn.} are ours.
 *
 * <p>{@link dev.cairn.jobs.data.CheckedRows#prepare} is the entry. Bad input ends there with one
 * message that names key, file and line, or column and value; {@link
 * dev.cairn.jobs.data.SparkErrors} makes one sentence of Spark's many.
 */
@NullMarked
package dev.cairn.jobs.data;

import org.jspecify.annotations.NullMarked;
