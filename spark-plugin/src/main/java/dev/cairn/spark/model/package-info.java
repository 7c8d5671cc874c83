/**
 * Models: their variables, and the mathematics on one batch. Nothing here depends on the source of
 * values and the destination of gradients.
 *
 * <p>A {@link dev.cairn.spark.model.Model} describes what is trained, and on what: its variables,
 * the kind of labels, the size of the feature space. It is a record that is sent to executors.
 * There each thread has a {@link dev.cairn.spark.model.Kernel} of it, which training, judging and
 * scoring share. For every {@link dev.cairn.spark.data.Batch} the kernel first lists the rows of
 * variables that it needs (a {@link dev.cairn.spark.model.RowSet}): of a table with a row for each
 * feature those of the batch's features, of a small variable all. These rows' numbers come as one
 * plain array, variable after variable and row after row, and the gradient goes back in the same
 * places; {@link dev.cairn.spark.model.RowSet#start} gives the place where a variable's begin. The
 * features of a batch are renumbered: column c is row c of those that were asked for. A model may
 * cut its features into several spaces, each with a variable of its own ({@link
 * dev.cairn.spark.data.InputSpec}): then the columns of a space begin at {@link
 * dev.cairn.spark.data.Batch#localId}.
 *
 * <p>The models are
 *
 * <ul>
 *   <li>{@link dev.cairn.spark.model.LinearModel} with a {@link dev.cairn.spark.model.MarginLoss}:
 *       linear regression, logistic regression ({@link dev.cairn.spark.model.LogisticLoss}),
 *       support vector machines;
 *   <li>{@link dev.cairn.spark.model.SoftmaxModel}: classes;
 *   <li>{@link dev.cairn.spark.model.FactorizationMachine} with a {@code MarginLoss}: pairs of
 *       features, too.
 * </ul>
 *
 * <p>To add a model, write two files as {@code SoftmaxModel} and {@code SoftmaxKernel} are, or one
 * if it differs in the loss of a margin alone, as {@link dev.cairn.spark.model.SquaredLoss} is.
 * Then add a line to {@code KnownModels} in the tests with the plain definition: {@code
 * ModelGradientsTest} checks it against that, against finite differences and against the invariants
 * below.
 *
 * <p>Invariants:
 *
 * <ul>
 *   <li>The results are a pure function of batch and values, the same bits on every machine and
 *       whatever the kernel has computed before (I5): double arithmetic in a fixed order, {@link
 *       java.lang.StrictMath} where {@link java.lang.Math} leaves a choice, each gradient rounded
 *       to a float once.
 *   <li>The loss is not a finite number if and only if training has diverged. A maximum or an
 *       exponential may hide a margin that is infinite; {@code 0 * margin}, added to the loss, does
 *       not.
 *   <li>A batch may be empty, and its rows without features; values may be absent (all are 1), and
 *       so may weights and offsets (all are 0). A model that {@linkplain
 *       dev.cairn.spark.model.Model#centres centres} has every margin depend on the centred
 *       features.
 *   <li>A kernel belongs to one thread. It keeps its arrays from batch to batch and makes none for
 *       a row.
 * </ul>
 */
@NullMarked
package dev.cairn.spark.model;

import org.jspecify.annotations.NullMarked;
