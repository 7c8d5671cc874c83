/**
 * The events of a training run, for programs: {@link dev.cairn.spark.listener.TrainingListener},
 * which users implement. The trainer calls it, the estimators hand it on, and this room imports
 * none of them.
 */
@NullMarked
package dev.cairn.spark.listener;

import org.jspecify.annotations.NullMarked;
