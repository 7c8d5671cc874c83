/**
 * What a program is told while it trains: {@link dev.cairn.spark.listener.TrainingListener}, a door
 * for users as {@code ml} is. The trainer tells it, the estimators hand it on, and this room knows
 * none of them.
 */
@NullMarked
package dev.cairn.spark.listener;

import org.jspecify.annotations.NullMarked;
