/**
 * What users of Spark ML see: estimators, their models, parameters, reading and writing.
 *
 * <p>Start with {@link dev.cairn.spark.ml.CairnEstimator} and {@link
 * dev.cairn.spark.ml.CairnModel}: what all estimators and all models have. {@link
 * dev.cairn.spark.ml.LogisticRegression} is one. A stage extends the class that Spark ML has for
 * its like and implements one of the two interfaces; so nothing that is shared is inherited, and it
 * stands in one place: parameters in {@code DescentParams} (what decides the trained bits), {@code
 * OptimizerParams}, {@code ScheduleParams} (where a fit begins and ends) and {@code
 * CheckpointedParams} (where and how it saves), their names, defaults, checks and docs in the room
 * {@code settings}, a fit in {@code Fit}, what a model holds in {@code ModelState}. {@code
 * FitFolder} gives each fit a folder of its own. A model scores by column expressions ({@code
 * Scoring}, {@code model.Decision}) that ship nothing but a {@code Margins}: the way to the
 * weights, never the weights (room {@code scoring}). {@code Judged} rows are what MLlib's summaries
 * are made of. The columns that fits and models read are found and checked in the room {@code
 * columns}.
 *
 * <p>{@link dev.cairn.spark.ml.FeatureEncoder} makes the vectors from columns; what it makes them
 * of goes with the column ({@code FeatureMetadata}) into every checkpoint, and a model that is read
 * from one ({@code fromCheckpoint}) gives the encoder back.
 *
 * <p>On storage a stage is what Spark ML expects, {@code ParamsMetadata}, and a model has a
 * checkpoint beside it ({@code ModelFiles}). {@code StageWriter} replaces an older one as a whole.
 *
 * <p>Traps of Spark ML in Java: Spark's constructors ask for {@code uid()} before ours have run
 * ({@code EarlyUid}); parameters are found as public methods of public types, so each has one; what
 * Scala protects is public here.
 */
@NullMarked
package dev.cairn.spark.ml;

import org.jspecify.annotations.NullMarked;
