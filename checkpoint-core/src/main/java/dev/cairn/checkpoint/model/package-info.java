/**
 * The parts of a checkpoint, as immutable values: variables, slices of them, files, reports, the
 * manifest, the plan of a restore. Records with validating constructors; the JDK alone is imported
 * and nothing here does I/O.
 *
 * <p>Read in this order: {@link dev.cairn.checkpoint.model.VariableSpec} and {@link
 * dev.cairn.checkpoint.model.Slice} (what is stored), {@link
 * dev.cairn.checkpoint.model.StoredSlice} and {@link dev.cairn.checkpoint.model.DataFile} (where),
 * {@link dev.cairn.checkpoint.model.ShardReport} (a writer's word to the committer), {@link
 * dev.cairn.checkpoint.model.Manifest} (the commit record), {@link
 * dev.cairn.checkpoint.model.RestorePlan} (how it comes back), {@link
 * dev.cairn.checkpoint.model.CheckpointException} (what can go wrong). The features of rows, for
 * training and wherever rows are scored, are the matter of {@link
 * dev.cairn.checkpoint.model.FeatureDefinition}, {@link dev.cairn.checkpoint.model.ColumnType} and
 * {@link dev.cairn.checkpoint.model.RowHasher}.
 */
@NullMarked
package dev.cairn.checkpoint.model;

import org.jspecify.annotations.NullMarked;
