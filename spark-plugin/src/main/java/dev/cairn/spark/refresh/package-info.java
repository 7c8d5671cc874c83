/**
 * Batch refresh of a published model: {@link dev.cairn.spark.refresh.ModelRefresh} trains the
 * version in use further on new rows, judges the old and the new model on the same held-out rows,
 * and publishes the new one if a {@link dev.cairn.spark.refresh.Gate} lets it through.
 *
 * <p>The gate is arithmetic on figures and decides nothing else; {@link
 * dev.cairn.spark.refresh.GateReport} has each of its checks, in words. A model that no threshold
 * was asked about is not validated, and not published.
 *
 * <p>Each step can be repeated: the training folder's name is a function of the parent, the data
 * and the settings, so the same command after a crash finds what is trained; publishing is one
 * rename; {@code refresh.json} beside the checkpoints is written last and says that a refresh came
 * to its end.
 */
@NullMarked
package dev.cairn.spark.refresh;

import org.jspecify.annotations.NullMarked;
