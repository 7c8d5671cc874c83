/**
 * Columns of a data set, on their way in and out: finding them by name ({@code Columns}), giving
 * them the types that they had in training ({@code ColumnTypes}), making features of them ({@code
 * HashRow}, {@code NameRow}, and {@code FeatureMetadata}, which keeps with a column of vectors how
 * it was made), reading them as checked rows ({@code FeatureRows}, {@code Labels}, {@code
 * HeldOutRows}, {@code BadRows}), and naming those that a model adds ({@code OutputColumns}).
 *
 * <p>Start at {@code Columns}. Everything here is a pure function of schemas and rows; messages
 * name columns as the user did. The estimators of {@code ml} are the only callers.
 */
@NullMarked
package dev.cairn.spark.columns;

import org.jspecify.annotations.NullMarked;
