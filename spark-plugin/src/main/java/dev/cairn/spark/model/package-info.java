/**
 * Models: which variables they have, and the mathematics on one batch.
 *
 * <p>There is logistic regression: {@link dev.cairn.spark.model.LogisticModel} lays its variables
 * out, {@link dev.cairn.spark.model.LogisticLoss} turns a batch and the current values of its rows
 * into the loss and its gradients.
 *
 * <p>Invariants: what is computed is a pure function of batch and values, the same bits on every
 * machine (I5): double arithmetic in a fixed order, {@link java.lang.StrictMath} where {@link
 * java.lang.Math} leaves a choice. A kernel belongs to one thread. Nothing here knows where values
 * come from and where gradients go.
 */
@NullMarked
package dev.cairn.spark.model;

import org.jspecify.annotations.NullMarked;
