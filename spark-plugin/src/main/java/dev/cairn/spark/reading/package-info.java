/**
 * Models that are only read: for scoring, copying or inspection.
 *
 * <p>However many copies of a Model there are, an application reads a checkpoint into its
 * executors' shards once. On the driver, {@link dev.cairn.spark.reading.ReadModels} keeps the
 * loaded models: it has a checkpoint loaded when it is first asked for ({@code ModelLoader}), frees
 * unused models when more are loaded than the settings allow or when they were idle for long
 * ({@code Eviction} decides), and has a model loaded again, spread over the members that are there,
 * when an executor that held some of it is gone. On executors, and on the driver for a row at a
 * time, {@link dev.cairn.spark.reading.ModelReader} reads rows through a cache of pages that all
 * tasks of the JVM share ({@link dev.cairn.spark.reading.ModelReading} has them). Pages never grow
 * old, since a checkpoint never changes; a {@link dev.cairn.spark.reading.ReadableModel} names one
 * commit, not only a path, and is never read from another one that has come into its place.
 *
 * <p>Tasks are not sent the owners: a task asks the driver ({@link
 * dev.cairn.spark.reading.ShardsWanted}), and asks again, naming the generation that failed, when
 * an owner is gone or refuses. The driver answers at once ({@link
 * dev.cairn.spark.reading.ShardsAnswer}), if need be with "not yet", since all plugins share the
 * thread that answers; long work is done in the background. A task that reads asks once a second
 * all the same: so the driver learns that the model is in use, and the task learns when an owner
 * that hangs has been given up. So a model that is freed too early costs time, never a wrong number
 * or a failed job.
 *
 * <p>Start at {@link dev.cairn.spark.reading.ReadModels}.
 */
@NullMarked
package dev.cairn.spark.reading;

import org.jspecify.annotations.NullMarked;
