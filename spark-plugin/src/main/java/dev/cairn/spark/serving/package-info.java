/**
 * Scoring without Spark, for a service that answers single requests: {@link
 * dev.cairn.spark.serving.RowPredictor} reads a checkpoint into this JVM's memory ({@code
 * StoredParameters}), makes a row's features of its columns ({@code RowValues} gives their texts
 * and numbers) and scores it with the model's own kernel. {@link
 * dev.cairn.spark.serving.SavedModelExport} writes a model for TensorFlow to serve: its {@link
 * dev.cairn.spark.serving.ForwardPass} is the kernel's mathematics once more, as operations, and
 * tests hold both to the same answers.
 *
 * <p>{@link dev.cairn.spark.serving.Publisher} publishes a version once its answers for a few rows
 * are finite; {@link dev.cairn.spark.serving.TensorFlowCheck} compares them with TensorFlow's;
 * {@link dev.cairn.spark.serving.MlflowModel} and {@link dev.cairn.spark.serving.MlflowRegistry}
 * hand it to MLflow.
 *
 * <p>Invariants: a row has the scores, bit for bit, that Spark's transform and judging give it. No
 * class of Spark, Scala or Netty is loaded: this room, and what it uses of the others, runs on a
 * class path of the plugin's jar, the core's and what the core needs. All is thread-safe.
 */
@NullMarked
package dev.cairn.spark.serving;

import org.jspecify.annotations.NullMarked;
