/**
 * Settings: the name of each, its values, its default, and a sentence about it.
 *
 * <p>A {@link dev.cairn.spark.settings.Setting} stands here once. {@link
 * dev.cairn.spark.settings.EstimatorSettings} has those of the estimators: a parameter of Spark ML
 * is made from one, with its doc, check and default, and so is the key of {@code jobs/cairn train}
 * that sets the same thing. {@code CairnConf} has those of the plugin. The descriptions of settings
 * in {@code explainParams}, in {@code help} and in {@code docs/settings.md} are made from these
 * lists.
 *
 * <p>{@link dev.cairn.spark.settings.Values} describes the values: in words, for people, and as a
 * test. Any other value is refused with these words wherever it was set.
 */
@NullMarked
package dev.cairn.spark.settings;

import org.jspecify.annotations.NullMarked;
