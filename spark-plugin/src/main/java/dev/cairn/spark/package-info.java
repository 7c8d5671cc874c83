/**
 * Cairn in a Spark application. To install it, put the jar on the class path and set {@code
 * spark.plugins=dev.cairn.spark.CairnPlugin}; nothing else is needed.
 *
 * <p>{@link dev.cairn.spark.CairnPlugin} has two halves. The one in every executor starts a shard
 * host and a server for it on a free port, and registers them with the driver. The one on the
 * driver keeps the list of members and installs the {@code Coordinator}. {@link
 * dev.cairn.spark.CairnConf} has the plugin's settings, {@code settings} those of the estimators.
 *
 * <p>Training data goes in at {@code ml} and comes out as a checkpoint. {@code ml} uses {@code
 * trainer}, which trains a {@code model} on packed {@code data}: its tasks compute, and {@code
 * coordinator} (on the driver) decides what {@code host} (in every executor) does with the shards.
 * These two share only the messages of {@code transport}; below it are {@code shard}, the
 * parameters in memory, and {@code optimizer}, the rules that change them. Models that are only
 * scored with are in {@code reading}; {@code serving} scores single rows in JVMs without Spark, and
 * publishes models; {@code refresh} trains published models further. Figures for operators are in
 * {@code metrics}, events for programs in {@code listener}.
 */
@NullMarked
package dev.cairn.spark;

import org.jspecify.annotations.NullMarked;
