/**
 * The figures of a running application for operators, in Spark's own metrics system: {@link
 * dev.cairn.spark.metrics.TrainingMetrics} on the driver, {@link
 * dev.cairn.spark.metrics.ExecutorMetrics} in every executor. {@code docs/operations.md} explains
 * each value and which ones are bad.
 *
 * <p>This room depends on no other: those that train and serve write plain fields and adders here,
 * and the two halves of the plugin register gauges that read them, while Spark asks for them. All
 * gauges are registered at once, since Spark never attaches a registry that is empty when the
 * plugin starts. Nothing here decides anything: without metrics the same bits are trained.
 */
@NullMarked
package dev.cairn.spark.metrics;

import org.jspecify.annotations.NullMarked;
