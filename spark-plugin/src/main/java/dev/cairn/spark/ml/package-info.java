/**
 * The API for users of Spark ML: estimators, their models, parameters, reading and writing.
 *
 * <p>Start with {@link dev.cairn.spark.ml.CairnEstimator} and {@link
 * dev.cairn.spark.ml.CairnModel}, which describe what all estimators and all models have. {@link
 * dev.cairn.spark.ml.LogisticRegression} is one. A stage extends Spark ML's class for its kind and
 * implements one of the two interfaces. So shared code is not inherited, and stands in one place:
 * parameters in {@code DescentParams} (those that decide the trained bits), {@code
 * OptimizerParams}, {@code ScheduleParams} (a fit's beginning and end) and {@code
 * CheckpointedParams} (saving), their names, defaults, checks and docs in the room {@code
 * settings}, a fit in {@code Fit}, a model's state in {@code ModelState}. {@code FitFolder} gives
 * each fit a folder of its own. A model scores by column expressions ({@code Scoring}, {@code
 * model.Decision}) that ship nothing but a {@code Margins}: the way to the weights, never the
 * weights (room {@code scoring}). MLlib's summaries are made of {@code Judged} rows; {@code
 * ModelComparison} judges two models by one pass. The columns that fits and models read are found
 * and checked in the room {@code columns}.
 *
 * <p>{@link dev.cairn.spark.ml.FeatureEncoder} makes the vectors from columns; their definition
 * goes with the column ({@code FeatureMetadata}) into every checkpoint, and a model that is read
 * from one ({@code fromCheckpoint}) gives the encoder back.
 *
 * <p>On storage a stage has the form that Spark ML expects ({@code ParamsMetadata}), and a model
 * has a checkpoint beside it ({@code ModelFiles}). {@code StageWriter} replaces an older one as a
 * whole.
 *
 * <p>Traps of Spark ML in Java: Spark's constructors ask for {@code uid()} before ours have run
 * ({@code EarlyUid}); parameters are found as public methods of public types, so each has one;
 * members that are protected in Scala are public here.
 */
@NullMarked
package dev.cairn.spark.ml;

import org.jspecify.annotations.NullMarked;
